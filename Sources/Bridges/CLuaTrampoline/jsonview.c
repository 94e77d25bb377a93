// SPDX-License-Identifier: Apache-2.0
// Lazy JSON tables. A view is a plain table with one hidden field, `serial << 32 | node`, that names a document and a
// node of its tape. An object's field becomes real (a raw field) when it is first touched; an array becomes real as a
// whole, so that walking it stays linear. A flag per node remembers what became real: a flagged member without a raw
// field has been deleted. Nothing marks a write: the writer compares what is there with what the document says.
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

/// This node (the value of a member) became a raw field of its object, or was overwritten.
enum { SEEN = 1, LOADED = 2 };

static const char view_meta_key = 0, null_key = 0, null_meta_key = 0;

// MARK: documents of the call

int hs_new_document(
    hs_state *S, const uint8_t *bytes, size_t count, const hs_node *nodes, size_t node_count, bool may_repeat,
    const char *name) {
    if (node_count == 0) return -1;
    if (S->document_count == S->document_room) {
        int room = S->document_room * 2 + 4;
        hs_document *moved = realloc(S->documents, (size_t)room * sizeof *moved);
        if (moved == NULL) return -1;
        S->documents = moved;
        S->document_room = room;
    }
    uint8_t *flags = calloc(node_count, 1);
    if (flags == NULL) return -1;
    hs_document *D = &S->documents[S->document_count];
    *D = (hs_document){bytes, nodes, count, node_count, flags, NULL, 0, may_repeat, ""};
    snprintf(D->name, sizeof D->name, "%s", name);
    return S->document_count++;
}

int32_t hs_add_document(
    hs_state *S, const uint8_t *bytes, size_t count, const hs_node *nodes, size_t node_count, int32_t may_repeat,
    const char *name) {
    return hs_new_document(S, bytes, count, nodes, node_count, may_repeat != 0, name);
}

void hs_drop_documents(hs_state *S) {
    for (int n = 0; n < S->document_count; n++) {
        free(S->documents[n].flags);
        free(S->documents[n].owned);
        S->used -= S->documents[n].owned_size;
    }
    // A later document never has an earlier one's serial, so a view that a script kept is recognised as dead.
    S->first_serial += (uint32_t)S->document_count;
    if (S->first_serial > 0x7ffffff0u) S->first_serial = 1;
    S->document_count = 0;
}

/// Copies a parsed text into the state: json.decode's result lives until the call ends.
int32_t hs_decoded(
    hs_state *S, const uint8_t *bytes, size_t count, const hs_node *nodes, size_t node_count, const char *name) {
    size_t tape = node_count * sizeof *nodes, size = tape + count;
    if (S->used + size + node_count > S->ceiling) {
        S->spent = HS_MEMORY;
        return 1;
    }
    uint8_t *copy = malloc(size);
    if (copy == NULL) return 1;
    memcpy(copy, nodes, tape);
    memcpy(copy + tape, bytes, count);
    int slot = hs_new_document(S, copy + tape, count, (const hs_node *)copy, node_count, false, name);
    if (slot < 0) {
        free(copy);
        return 1;
    }
    S->documents[slot].owned = copy;
    S->documents[slot].owned_size = size;
    S->used += size;
    return 0;
}

hs_document *hs_view_of(lua_State *L, int index, uint32_t *node) {
    if (lua_type(L, index) != LUA_TTABLE) return NULL;
    bool is_view = lua_rawgetp(L, index, &hs_view_key) == LUA_TNUMBER;
    uint64_t packed = (uint64_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (!is_view) return NULL;
    hs_state *S = hs_of(L);
    uint64_t slot = (packed >> 32) - S->first_serial;
    if (slot >= (uint64_t)S->document_count) {
        luaL_error(L, "this JSON value belongs to an event that is over: copy() what is kept");
    }
    *node = (uint32_t)packed;
    return &S->documents[slot];
}

static uint32_t serial_of(hs_state *S, const hs_document *D) {
    return S->first_serial + (uint32_t)(D - S->documents);
}

// MARK: nodes as values

static const uint8_t *text_of(const hs_document *D, uint32_t node, size_t *count) {
    *count = D->nodes[node].end - D->nodes[node].start;
    return D->bytes + D->nodes[node].start;
}

static uint32_t hex4(const uint8_t *at) {
    uint32_t value = 0;
    for (int n = 0; n < 4; n++) {
        uint8_t c = at[n];
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

/// Resolves escapes; the text was validated by the parser. `target` has room for `count` bytes: no escape grows.
static size_t unescape(const uint8_t *at, size_t count, char *target) {
    const uint8_t *end = at + count;
    char *out = target;
    while (at < end) {
        if (*at != '\\') {
            *out++ = (char)*at++;
            continue;
        }
        uint8_t kind = at[1];
        at += 2;
        switch (kind) {
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 't': *out++ = '\t'; break;
        case 'u': {
            uint32_t c = hex4(at);
            at += 4;
            if ((c & 0xFC00) == 0xD800) {
                c = 0x10000 + ((c - 0xD800) << 10) + (hex4(at + 2) - 0xDC00);
                at += 6;
            }
            if (c < 0x80) {
                *out++ = (char)c;
            } else if (c < 0x800) {
                *out++ = (char)(0xC0 | c >> 6);
                *out++ = (char)(0x80 | (c & 0x3F));
            } else if (c < 0x10000) {
                *out++ = (char)(0xE0 | c >> 12);
                *out++ = (char)(0x80 | (c >> 6 & 0x3F));
                *out++ = (char)(0x80 | (c & 0x3F));
            } else {
                *out++ = (char)(0xF0 | c >> 18);
                *out++ = (char)(0x80 | (c >> 12 & 0x3F));
                *out++ = (char)(0x80 | (c >> 6 & 0x3F));
                *out++ = (char)(0x80 | (c & 0x3F));
            }
            break;
        }
        default: *out++ = (char)kind;
        }
    }
    return (size_t)(out - target);
}

void hs_push_node_string(lua_State *L, hs_document *D, uint32_t node) {
    size_t count;
    const uint8_t *text = text_of(D, node, &count);
    hs_charge_bytes(L, count);
    if (!D->nodes[node].escaped) {
        lua_pushlstring(L, (const char *)text + 1, count - 2);
        return;
    }
    luaL_Buffer buffer;
    char *room = luaL_buffinitsize(L, &buffer, count);
    luaL_pushresultsize(&buffer, unescape(text + 1, count - 2, room));
}

static void push_container(lua_State *L, hs_document *D, uint32_t node) {
    lua_createtable(L, 0, 1);
    lua_pushinteger(L, (lua_Integer)((uint64_t)serial_of(hs_of(L), D) << 32 | node));
    lua_rawsetp(L, -2, &hs_view_key);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &view_meta_key);
    lua_setmetatable(L, -2);
}

static void push_null_at(lua_State *L, uint64_t place) {
    uint64_t *block = lua_newuserdatauv(L, sizeof *block, 0);
    *block = place;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &null_meta_key);
    lua_setmetatable(L, -2);
}

void hs_push_node(lua_State *L, hs_document *D, uint32_t node) {
    hs_charge(L, 1);
    size_t count;
    switch (D->nodes[node].kind) {
    case HS_JSON_NULL: push_null_at(L, (uint64_t)serial_of(hs_of(L), D) << 32 | node); break;
    case HS_JSON_FALSE: lua_pushboolean(L, 0); break;
    case HS_JSON_TRUE: lua_pushboolean(L, 1); break;
    case HS_JSON_NUMBER: {
        const uint8_t *text = text_of(D, node, &count);
        hs_push_number(L, (const char *)text, count);
        break;
    }
    case HS_JSON_STRING: hs_push_node_string(L, D, node); break;
    default: push_container(L, D, node);
    }
}

void hs_push_document(lua_State *L, int slot) {
    hs_state *S = hs_of(L);
    if (slot < 0 || slot >= S->document_count) luaL_error(L, "not enough memory for the document");
    hs_push_node(L, &S->documents[slot], 0);
}

// MARK: members

static bool key_equals(lua_State *L, hs_document *D, uint32_t at, const char *key, size_t count) {
    size_t length;
    const uint8_t *text = text_of(D, at, &length);
    if (!D->nodes[at].escaped) return length - 2 == count && memcmp(text + 1, key, count) == 0;
    hs_push_node_string(L, D, at);
    const char *resolved = lua_tolstring(L, -1, &length);
    bool is_equal = length == count && memcmp(resolved, key, count) == 0;
    lua_pop(L, 1);
    return is_equal;
}

/// The value node of the member `key` of an object (of two, the last), or 0: the root is nobody's member.
uint32_t hs_find_member(lua_State *L, hs_document *D, uint32_t node, const char *key, size_t count) {
    uint32_t found = 0, steps = 0;
    for (uint32_t at = node + 1; at < D->nodes[node].next; at = D->nodes[at + 1].next) {
        if ((++steps & 15) == 0) hs_charge(L, 2);
        if (!key_equals(L, D, at, key, count)) continue;
        found = at + 1;
        if (!D->may_repeat) break;
    }
    return found;
}

/// Where keys may repeat: pushes a table of the last value node of each key, so that a walk stays linear. Else nil.
void hs_push_last_members(lua_State *L, hs_document *D, uint32_t node) {
    if (!D->may_repeat || D->nodes[node].kind != HS_JSON_OBJECT) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, 0, (int)D->nodes[node].count);
    for (uint32_t at = node + 1; at < D->nodes[node].next; at = D->nodes[at + 1].next) {
        hs_push_node_string(L, D, at);
        lua_pushinteger(L, at + 1);
        lua_rawset(L, -3);
    }
}

/// Whether `value` is the member that counts for the key at the top; `members` is what hs_push_last_members pushed.
bool hs_is_last_member(lua_State *L, int members, uint32_t value) {
    if (lua_isnil(L, members)) return true;
    lua_pushvalue(L, -1);
    lua_rawget(L, members);
    bool is_last = lua_tointeger(L, -1) == (lua_Integer)value;
    lua_pop(L, 1);
    return is_last;
}

void hs_load_view(lua_State *L, int index) {
    uint32_t node;
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    hs_document *D = hs_view_of(L, index, &node);
    if (D == NULL || (D->flags[node] & LOADED) != 0) return;
    bool is_object = D->nodes[node].kind == HS_JSON_OBJECT;
    lua_Integer n = 0;
    hs_push_last_members(L, D, node);
    int members = lua_gettop(L);
    for (uint32_t at = node + 1, next; at < D->nodes[node].next; at = next) {
        uint32_t value = is_object ? at + 1 : at;
        next = D->nodes[value].next;
        if (is_object) {
            if ((D->flags[value] & SEEN) != 0) continue;
            hs_push_node_string(L, D, at);
            if (!hs_is_last_member(L, members, value)) {
                lua_pop(L, 1);
                continue;
            }
            hs_push_node(L, D, value);
            lua_rawset(L, index);
        } else {
            hs_push_node(L, D, value);
            lua_rawseti(L, index, ++n);
        }
        // The flag follows the field: an error in between leaves the field untouched.
        D->flags[value] |= SEEN;
    }
    D->flags[node] |= LOADED;
    lua_pop(L, 1);
}

static int view_index(lua_State *L) {
    uint32_t node;
    hs_document *D = hs_view_of(L, 1, &node);
    hs_charge(L, 1);
    if (D == NULL || (D->flags[node] & LOADED) != 0) return 0;
    if (D->nodes[node].kind == HS_JSON_ARRAY) {
        hs_load_view(L, 1);
        lua_pushvalue(L, 2);
        lua_rawget(L, 1);
        return 1;
    }
    if (lua_type(L, 2) != LUA_TSTRING) return 0;
    size_t count;
    const char *key = lua_tolstring(L, 2, &count);
    uint32_t value = hs_find_member(L, D, node, key, count);
    if (value == 0 || (D->flags[value] & SEEN) != 0) return 0;
    hs_push_node(L, D, value);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    D->flags[value] |= SEEN;
    return 1;
}

static int view_newindex(lua_State *L) {
    uint32_t node;
    hs_document *D = hs_view_of(L, 1, &node);
    hs_charge(L, 1);
    uint32_t value = 0;
    if (D != NULL && (D->flags[node] & LOADED) == 0) {
        if (D->nodes[node].kind == HS_JSON_ARRAY) {
            hs_load_view(L, 1);
        } else if (lua_type(L, 2) == LUA_TSTRING) {
            size_t count;
            const char *key = lua_tolstring(L, 2, &count);
            value = hs_find_member(L, D, node, key, count);
        }
    }
    if (lua_isnil(L, 2)) return luaL_error(L, "index is nil");
    lua_settop(L, 3);
    lua_rawset(L, 1);
    if (value != 0) D->flags[value] |= SEEN;
    return 0;
}

static int view_len(lua_State *L) {
    uint32_t node;
    hs_charge(L, 1);
    hs_document *D = hs_view_of(L, 1, &node);
    if (D != NULL && D->nodes[node].kind == HS_JSON_ARRAY && (D->flags[node] & LOADED) == 0) {
        lua_pushinteger(L, D->nodes[node].count);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

// MARK: null

void hs_push_null(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &null_key); }

bool hs_is_null(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &null_meta_key);
    bool is_null = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is_null;
}

/// Pushes " at data.a[2].b" for a null that came from a document, else "".
static void push_place(lua_State *L, int index) {
    hs_state *S = hs_of(L);
    uint64_t packed = *(uint64_t *)lua_touserdata(L, index);
    uint64_t slot = (packed >> 32) - S->first_serial;
    uint32_t target = (uint32_t)packed;
    if (packed == 0 || slot >= (uint64_t)S->document_count) {
        lua_pushliteral(L, "");
        return;
    }
    hs_document *D = &S->documents[slot];
    lua_pushfstring(L, " at %s", D->name);
    uint32_t node = 0;
    while (node != target) {
        bool is_object = D->nodes[node].kind == HS_JSON_OBJECT;
        uint32_t at = node + 1, next = D->nodes[node].next, child = 0;
        lua_Integer n = 0;
        for (; at < D->nodes[node].next; at = next) {
            child = is_object ? at + 1 : at;
            next = D->nodes[child].next;
            n++;
            if (target < next) break;
        }
        hs_charge(L, n);
        if (is_object) {
            hs_push_node_string(L, D, at);
            lua_pushfstring(L, "%s.%s", lua_tostring(L, -2), lua_tostring(L, -1));
            lua_replace(L, -3);
            lua_pop(L, 1);
        } else {
            lua_pushfstring(L, "%s[%I]", lua_tostring(L, -1), (LUAI_UACINT)n);
            lua_replace(L, -2);
        }
        node = child;
    }
}

static int null_index(lua_State *L) {
    push_place(L, 1);
    const char *verb = lua_toboolean(L, lua_upvalueindex(1)) ? "write" : "read";
    const char *key = lua_type(L, 2) == LUA_TSTRING || lua_type(L, 2) == LUA_TNUMBER ? hs_tostring(L, 2, NULL) : "?";
    return luaL_error(L, "cannot %s field '%s' of JSON null%s", verb, key, lua_tostring(L, 3 + lua_toboolean(L, lua_upvalueindex(1))));
}

static int null_operation(lua_State *L) {
    push_place(L, hs_is_null(L, 1) ? 1 : 2);
    return luaL_error(
        L, "cannot %s JSON null%s", lua_tostring(L, lua_upvalueindex(1)), lua_tostring(L, -1));
}

static int null_eq(lua_State *L) {
    lua_pushboolean(L, hs_is_null(L, 1) && hs_is_null(L, 2));
    return 1;
}

static int null_tostring(lua_State *L) {
    lua_pushliteral(L, "null");
    return 1;
}

static void open_null(lua_State *L) {
    static const char *const operations[] = {"__call", "call", "__concat", "concatenate", "__len", "measure", "__lt",
        "compare", "__le", "compare", "__add", "calculate with", "__sub", "calculate with", "__mul", "calculate with",
        "__div", "calculate with", "__mod", "calculate with", "__pow", "calculate with", "__unm", "calculate with",
        "__idiv", "calculate with", "__band", "calculate with", "__bor", "calculate with", "__bxor", "calculate with",
        "__shl", "calculate with", "__shr", "calculate with", "__bnot", "calculate with", NULL};
    lua_newtable(L);
    for (int n = 0; operations[n] != NULL; n += 2) {
        lua_pushstring(L, operations[n + 1]);
        lua_pushcclosure(L, null_operation, 1);
        lua_setfield(L, -2, operations[n]);
    }
    for (int is_write = 0; is_write <= 1; is_write++) {
        lua_pushboolean(L, is_write);
        lua_pushcclosure(L, null_index, 1);
        lua_setfield(L, -2, is_write ? "__newindex" : "__index");
    }
    lua_pushcfunction(L, null_eq);
    lua_setfield(L, -2, "__eq");
    lua_pushcfunction(L, null_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &null_meta_key);
    push_null_at(L, 0);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &null_key);
    lua_setglobal(L, "null");
}

void hs_open_views(lua_State *L) {
    static const luaL_Reg meta[] = {
        {"__index", view_index}, {"__newindex", view_newindex}, {"__len", view_len}, {NULL, NULL}};
    luaL_newlib(L, meta);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &view_meta_key);
    open_null(L);
}
