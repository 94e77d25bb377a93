// SPDX-License-Identifier: Apache-2.0
#include "internal.h"
void hs_open_string(lua_State *L){ luaL_requiref(L,"string",luaopen_string,1); lua_pop(L,1);}
void hs_open_patterns(lua_State *L){(void)L;}
void hs_open_table(lua_State *L){ luaL_requiref(L,"table",luaopen_table,1); lua_pop(L,1);}
void hs_open_utf8(lua_State *L){ luaL_requiref(L,"utf8",luaopen_utf8,1); lua_pop(L,1);}
void hs_open_math(lua_State *L){ luaL_requiref(L,"math",luaopen_math,1); lua_pop(L,1);}
void hs_open_json(lua_State *L){(void)L;}
void hs_seed_random(hs_state *S, uint64_t s){(void)S;(void)s;}
void hs_seed(hs_state *S, uint64_t seed){hs_seed_random(S,seed);}
void hs_push_document(lua_State *L, int slot){(void)slot;lua_pushnil(L);}
void hs_push_null(lua_State *L){lua_pushnil(L);}
bool hs_is_null(lua_State *L, int i){(void)L;(void)i;return false;}
hs_document *hs_view_of(lua_State *L,int i,uint32_t*n){(void)L;(void)i;(void)n;return NULL;}
void hs_load_view(lua_State *L,int i){(void)L;(void)i;}
void hs_drop_documents(hs_state*S){(void)S;}
void hs_push_node_string(lua_State*L,hs_document*D,uint32_t n){(void)D;(void)n;lua_pushnil(L);}
int32_t hs_add_document(hs_state *S,const uint8_t*b,size_t c,const hs_node*n,size_t nc,int32_t m,const char*name){(void)S;(void)b;(void)c;(void)n;(void)nc;(void)m;(void)name;return -1;}
int32_t hs_decoded(hs_state *S,const uint8_t*b,size_t c,const hs_node*n,size_t nc){(void)S;(void)b;(void)c;(void)n;(void)nc;return 0;}
int32_t hs_json_write(hs_state*S,int32_t i,const char*p,size_t cap,const uint8_t**b,size_t*c,int32_t*u){(void)S;(void)i;(void)p;(void)cap;(void)b;(void)c;(void)u;return 6;}
