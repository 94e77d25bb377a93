// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CCURL_SHIM_H
#define HOOKSWITCH_CCURL_SHIM_H

#include <curl/curl.h>

#endif
