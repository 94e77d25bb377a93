// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CLUA_SHIM_H
#define HOOKSWITCH_CLUA_SHIM_H

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#endif
