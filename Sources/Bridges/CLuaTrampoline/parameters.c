// SPDX-License-Identifier: Apache-2.0
#include "include/parameters.h"

#include "internal.h"

int32_t hs_parameters(hs_state *S, int32_t reference, int32_t *is_vararg) {
    lua_State *L = S->L;
    *is_vararg = 0;
    if (!lua_checkstack(L, 2)) return -1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
    if (!lua_isfunction(L, -1) || lua_iscfunction(L, -1)) {
        lua_pop(L, 1);
        return -1;
    }
    lua_Debug ar;
    // Pops the function; asks for nothing that allocates, so it cannot raise.
    lua_getinfo(L, ">u", &ar);
    *is_vararg = ar.isvararg;
    return ar.nparams;
}
