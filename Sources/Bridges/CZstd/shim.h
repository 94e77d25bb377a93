// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CZSTD_SHIM_H
#define HOOKSWITCH_CZSTD_SHIM_H

#include <zstd.h>

#endif
