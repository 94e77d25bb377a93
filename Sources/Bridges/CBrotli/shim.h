// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CBROTLI_SHIM_H
#define HOOKSWITCH_CBROTLI_SHIM_H

#include <brotli/decode.h>

#endif
