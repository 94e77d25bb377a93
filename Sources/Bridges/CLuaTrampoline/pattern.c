// SPDX-License-Identifier: Apache-2.0
// Lua 5.4 patterns with a step counter. The matching algorithm follows lstrlib.c of Lua 5.4
// (Copyright © 1994–2022 Lua.org, PUC-Rio, MIT licence); every attempt at a position is charged, so a pattern that
// backtracks for ever ends inside its budget.
#define _GNU_SOURCE  // memmem
#include <ctype.h>

#include "internal.h"

enum { CAPTURES = 32, CAPTURE_OPEN = -1, CAPTURE_POSITION = -2, MATCH_DEPTH = 200, ESCAPE = '%' };

typedef struct matcher {
    const char *source, *source_end, *pattern_end;
    lua_State *L;
    int depth, level;
    int64_t pending;
    struct {
        const char *at;
        ptrdiff_t count;
    } captures[CAPTURES];
} matcher;

static const char *match(matcher *m, const char *s, const char *p);

/// Charges in bundles: the charge itself costs more than one step of the matcher.
static void work(matcher *m, int64_t steps) {
    m->pending += steps;
    if (m->pending < 64) return;
    int64_t charged = m->pending;
    m->pending = 0;
    hs_charge(m->L, charged);
}

static int check_capture(matcher *m, int l) {
    l -= '1';
    if (l < 0 || l >= m->level || m->captures[l].count == CAPTURE_OPEN)
        return luaL_error(m->L, "invalid capture index %%%d", l + 1);
    return l;
}

static int capture_to_close(matcher *m) {
    for (int level = m->level - 1; level >= 0; level--)
        if (m->captures[level].count == CAPTURE_OPEN) return level;
    return luaL_error(m->L, "invalid pattern capture");
}

static const char *class_end(matcher *m, const char *p) {
    switch (*p++) {
    case ESCAPE:
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 1;
    case '[':
        if (p < m->pattern_end && *p == '^') p++;
        do {
            if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
            if (*p++ == ESCAPE) {
                if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
                p++;
            }
        } while (p == m->pattern_end || *p != ']');
        return p + 1;
    default: return p;
    }
}

/// ASCII only, whatever the locale.
static bool in_class(int c, int class) {
    bool is_in;
    bool is_ascii = c < 128;
    switch (class | 0x20) {
    case 'a': is_in = is_ascii && isalpha(c); break;
    case 'c': is_in = c < 32 || c == 127; break;
    case 'd': is_in = c >= '0' && c <= '9'; break;
    case 'g': is_in = c > 32 && c < 127; break;
    case 'l': is_in = c >= 'a' && c <= 'z'; break;
    case 'p': is_in = is_ascii && ispunct(c); break;
    case 's': is_in = c == ' ' || (c >= 9 && c <= 13); break;
    case 'u': is_in = c >= 'A' && c <= 'Z'; break;
    case 'w': is_in = is_ascii && isalnum(c); break;
    case 'x': is_in = is_ascii && isxdigit(c); break;
    case 'z': is_in = c == 0; break;  // Deprecated, still in stock Lua.
    default: return class == c;
    }
    if (!((class >= 'a' && class <= 'z') || (class >= 'A' && class <= 'Z'))) return class == c;
    return class >= 'a' ? is_in : !is_in;
}

static bool in_set(matcher *m, int c, const char *p, const char *last) {
    bool is_plain = true;
    if (p[1] == '^') {
        is_plain = false;
        p++;
    }
    work(m, (last - p) / 8);
    while (++p < last) {
        if (*p == ESCAPE) {
            p++;
            if (in_class(c, (unsigned char)*p)) return is_plain;
        } else if (p[1] == '-' && p + 2 < last) {
            p += 2;
            if ((unsigned char)p[-2] <= c && c <= (unsigned char)*p) return is_plain;
        } else if ((unsigned char)*p == c) {
            return is_plain;
        }
    }
    return !is_plain;
}

static bool single(matcher *m, const char *s, const char *p, const char *end) {
    work(m, 1);
    if (s >= m->source_end) return false;
    int c = (unsigned char)*s;
    switch (*p) {
    case '.': return true;
    case ESCAPE: return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(m, c, p, end - 1);
    default: return (unsigned char)*p == c;
    }
}

static const char *balance(matcher *m, const char *s, const char *p) {
    if (p >= m->pattern_end - 1) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->source_end || *s != *p) return NULL;
    int open = 1;
    while (++s < m->source_end) {
        work(m, 1);
        if (*s == p[1]) {
            if (--open == 0) return s + 1;
        } else if (*s == *p) {
            open++;
        }
    }
    return NULL;
}

static const char *expand_max(matcher *m, const char *s, const char *p, const char *end) {
    ptrdiff_t count = 0;
    while (single(m, s + count, p, end)) count++;
    for (; count >= 0; count--) {
        const char *result = match(m, s + count, end + 1);
        if (result != NULL) return result;
    }
    return NULL;
}

static const char *expand_min(matcher *m, const char *s, const char *p, const char *end) {
    for (;; s++) {
        const char *result = match(m, s, end + 1);
        if (result != NULL) return result;
        if (!single(m, s, p, end)) return NULL;
    }
}

static const char *start_capture(matcher *m, const char *s, const char *p, int what) {
    if (m->level >= CAPTURES) luaL_error(m->L, "too many captures");
    m->captures[m->level].at = s;
    m->captures[m->level].count = what;
    m->level++;
    const char *result = match(m, s, p);
    if (result == NULL) m->level--;
    return result;
}

static const char *end_capture(matcher *m, const char *s, const char *p) {
    int l = capture_to_close(m);
    m->captures[l].count = s - m->captures[l].at;
    const char *result = match(m, s, p);
    if (result == NULL) m->captures[l].count = CAPTURE_OPEN;
    return result;
}

static const char *match_capture(matcher *m, const char *s, int l) {
    l = check_capture(m, l);
    ptrdiff_t count = m->captures[l].count;
    // A position capture has no text; stock Lua compares a negative length, which never fits.
    if (count < 0 || m->source_end - s < count) return NULL;
    work(m, count / 16 + 1);
    return memcmp(m->captures[l].at, s, (size_t)count) == 0 ? s + count : NULL;
}

static bool at_frontier(matcher *m, const char *s, const char *p, const char *end) {
    int before = s == m->source ? 0 : (unsigned char)s[-1];
    int after = s == m->source_end ? 0 : (unsigned char)*s;
    return !in_set(m, before, p, end - 1) && in_set(m, after, p, end - 1);
}

/// Matches the rest of the pattern at `s`; simple items loop, only what may backtrack recurses.
static const char *match_items(matcher *m, const char *s, const char *p) {
    for (;;) {
        work(m, 1);
        if (p == m->pattern_end) return s;
        if (*p == '(') return p[1] == ')' && p + 1 < m->pattern_end ? start_capture(m, s, p + 2, CAPTURE_POSITION)
                                                                    : start_capture(m, s, p + 1, CAPTURE_OPEN);
        if (*p == ')') return end_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->pattern_end) return s == m->source_end ? s : NULL;
        if (*p == ESCAPE && p + 1 < m->pattern_end) {
            if (p[1] == 'b') {
                s = balance(m, s, p + 2);
                if (s == NULL) return NULL;
                p += 4;
                continue;
            }
            if (p[1] == 'f') {
                p += 2;
                if (p >= m->pattern_end || *p != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
                const char *end = class_end(m, p);
                if (!at_frontier(m, s, p, end)) return NULL;
                p = end;
                continue;
            }
            if (p[1] >= '0' && p[1] <= '9') {
                s = match_capture(m, s, (unsigned char)p[1]);
                if (s == NULL) return NULL;
                p += 2;
                continue;
            }
        }
        const char *end = class_end(m, p);
        char suffix = end < m->pattern_end ? *end : '\0';
        if (suffix == '-') return expand_min(m, s, p, end);
        if (suffix == '*') return expand_max(m, s, p, end);
        bool is_match = single(m, s, p, end);
        if (suffix == '?') {
            if (is_match) {
                const char *result = match(m, s + 1, end + 1);
                if (result != NULL) return result;
            }
            p = end + 1;
            continue;
        }
        if (!is_match) return NULL;
        if (suffix == '+') return expand_max(m, s + 1, p, end);
        s++;
        p = end;
    }
}

static const char *match(matcher *m, const char *s, const char *p) {
    if (m->depth-- == 0) luaL_error(m->L, "pattern too complex");
    const char *result = match_items(m, s, p);
    m->depth++;
    return result;
}

static void push_capture(matcher *m, int l, const char *s, const char *end) {
    if (l >= m->level) {
        if (l != 0) luaL_error(m->L, "invalid capture index %%%d", l + 1);
        lua_pushlstring(m->L, s, (size_t)(end - s));
        return;
    }
    ptrdiff_t count = m->captures[l].count;
    if (count == CAPTURE_OPEN) luaL_error(m->L, "unfinished capture");
    if (count == CAPTURE_POSITION) {
        lua_pushinteger(m->L, m->captures[l].at - m->source + 1);
        return;
    }
    hs_charge_bytes(m->L, (size_t)count);
    lua_pushlstring(m->L, m->captures[l].at, (size_t)count);
}

static int push_captures(matcher *m, const char *s, const char *end) {
    int count = m->level == 0 && s != NULL ? 1 : m->level;
    luaL_checkstack(m->L, count, "too many captures");
    for (int l = 0; l < count; l++) push_capture(m, l, s, end);
    return count;
}

static void prepare(matcher *m, lua_State *L, const char *s, size_t ns, const char *p, size_t np) {
    m->L = L;
    m->source = s;
    m->source_end = s + ns;
    m->pattern_end = p + np;
    m->pending = 0;
    m->depth = MATCH_DEPTH;
    m->level = 0;
}

static void again(matcher *m) {
    m->level = 0;
    m->depth = MATCH_DEPTH;
}

/// Linear search: Boyer–Moore–Horspool can be quadratic, Knuth–Morris–Pratt cannot, but needs a table; the two-way
/// search of the C library's memmem needs neither. Charges the bytes before it runs.
static const char *find_plain(lua_State *L, const char *s, size_t ns, const char *needle, size_t count) {
    hs_charge_bytes(L, ns + count);
    if (count == 0) return s;
    if (count > ns) return NULL;
    return memmem(s, ns, needle, count);
}

static size_t start_position(lua_Integer at, size_t count) {
    if (at > 0) return (size_t)at;
    if (at == 0) return 1;
    if (at < -(lua_Integer)count) return 1;
    return count + (size_t)at + 1;
}

static int find_or_match(lua_State *L, bool is_find) {
    size_t ns, np;
    const char *s = luaL_checklstring(L, 1, &ns), *p = luaL_checklstring(L, 2, &np);
    size_t from = start_position(luaL_optinteger(L, 3, 1), ns) - 1;
    hs_charge(L, 2);
    if (from > ns) {
        luaL_pushfail(L);
        return 1;
    }
    hs_charge_bytes(L, np);
    bool is_plain = strcspn(p, "^$*+?.([%-") == np;
    if (is_find && (lua_toboolean(L, 4) || is_plain)) {
        const char *found = find_plain(L, s + from, ns - from, p, np);
        if (found == NULL) {
            luaL_pushfail(L);
            return 1;
        }
        lua_pushinteger(L, found - s + 1);
        lua_pushinteger(L, found - s + (ptrdiff_t)np);
        return 2;
    }
    matcher m;
    bool is_anchored = *p == '^';
    prepare(&m, L, s, ns, p, np);
    if (is_anchored) p++;
    const char *at = s + from;
    do {
        again(&m);
        const char *end = match(&m, at, p);
        if (end == NULL) continue;
        if (!is_find) return push_captures(&m, at, end);
        lua_pushinteger(L, at - s + 1);
        lua_pushinteger(L, end - s);
        return push_captures(&m, NULL, NULL) + 2;
    } while (at++ < m.source_end && !is_anchored);
    hs_charge(L, m.pending);
    luaL_pushfail(L);
    return 1;
}

static int text_find(lua_State *L) { return find_or_match(L, true); }
static int text_match(lua_State *L) { return find_or_match(L, false); }

/// Upvalues: text, pattern, next start, end of the last match.
static int gmatch_step(lua_State *L) {
    size_t ns, np;
    const char *s = lua_tolstring(L, lua_upvalueindex(1), &ns), *p = lua_tolstring(L, lua_upvalueindex(2), &np);
    const char *at = s + lua_tointeger(L, lua_upvalueindex(3));
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    matcher m;
    hs_charge(L, 2);
    prepare(&m, L, s, ns, p, np);
    for (; at <= m.source_end; at++) {
        again(&m);
        const char *end = match(&m, at, p);
        if (end == NULL || end - s == last) continue;
        lua_pushinteger(L, end - s);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return push_captures(&m, at, end);
    }
    hs_charge(L, m.pending);
    return 0;
}

static int text_gmatch(lua_State *L) {
    size_t count;
    luaL_checklstring(L, 1, &count);
    luaL_checkstring(L, 2);
    size_t from = start_position(luaL_optinteger(L, 3, 1), count) - 1;
    if (from > count) from = count + 1;
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)from);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_step, 4);
    return 1;
}

static void add_string(matcher *m, luaL_Buffer *out, const char *s, const char *end) {
    lua_State *L = m->L;
    size_t count;
    const char *text = lua_tolstring(L, 3, &count);
    hs_charge_bytes(L, count);
    const char *stop = text + count, *escape;
    while ((escape = memchr(text, ESCAPE, (size_t)(stop - text))) != NULL) {
        luaL_addlstring(out, text, (size_t)(escape - text));
        char kind = escape + 1 < stop ? escape[1] : '\0';
        if (kind == ESCAPE) {
            luaL_addchar(out, ESCAPE);
        } else if (kind == '0') {
            hs_charge_bytes(L, (size_t)(end - s));
            luaL_addlstring(out, s, (size_t)(end - s));
        } else if (kind >= '1' && kind <= '9') {
            push_capture(m, kind - '1', s, end);
            luaL_tolstring(L, -1, NULL);
            lua_remove(L, -2);
            luaL_addvalue(out);
        } else {
            luaL_error(L, "invalid use of '%c' in replacement string", ESCAPE);
        }
        text = escape + 2;
    }
    luaL_addlstring(out, text, (size_t)(stop - text));
}

/// Adds the replacement of one match; returns whether the text changed.
static bool add_value(matcher *m, luaL_Buffer *out, const char *s, const char *end, int type) {
    lua_State *L = m->L;
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(m, s, end), 1);
    } else if (type == LUA_TTABLE) {
        push_capture(m, 0, s, end);
        lua_gettable(L, 3);
    } else {
        add_string(m, out, s, end);
        return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, s, (size_t)(end - s));
        return false;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    if (lua_type(L, -1) == LUA_TNUMBER) {
        hs_tostring(L, -1, NULL);
        lua_remove(L, -2);
    }
    hs_charge_bytes(L, lua_rawlen(L, -1));
    luaL_addvalue(out);
    return true;
}

static int text_gsub(lua_State *L) {
    size_t ns, np;
    const char *s = luaL_checklstring(L, 1, &ns), *p = luaL_checklstring(L, 2, &np);
    int type = lua_type(L, 3);
    lua_Integer limit = luaL_optinteger(L, 4, (lua_Integer)ns + 1), count = 0;
    bool is_anchored = *p == '^', is_changed = false;
    luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
        "string/function/table");
    matcher m;
    luaL_Buffer out;
    prepare(&m, L, s, ns, p, np);
    if (is_anchored) p++;
    luaL_buffinit(L, &out);
    hs_charge_bytes(L, ns);
    const char *at = s, *last = NULL;
    while (count < limit) {
        again(&m);
        const char *end = match(&m, at, p);
        if (end != NULL && end != last) {
            count++;
            is_changed = add_value(&m, &out, at, end, type) | is_changed;
            at = last = end;
        } else if (at < m.source_end) {
            luaL_addchar(&out, *at++);
        } else {
            break;
        }
        if (is_anchored) break;
    }
    hs_charge(L, m.pending);
    if (is_changed) {
        luaL_addlstring(&out, at, (size_t)(m.source_end - at));
        luaL_pushresult(&out);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}

void hs_open_patterns(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"find", text_find}, {"match", text_match}, {"gmatch", text_gmatch}, {"gsub", text_gsub}, {NULL, NULL}};
    lua_getglobal(L, "string");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
