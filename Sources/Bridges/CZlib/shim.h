// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CZLIB_SHIM_H
#define HOOKSWITCH_CZLIB_SHIM_H

#include <zlib.h>

#endif
