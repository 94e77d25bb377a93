// SPDX-License-Identifier: Apache-2.0
// Numbers as text: shortest doubles, exact decimals, and `num`, the value for numbers that neither an int64 nor a
// double holds.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

static const char num_key = 0;

size_t hs_format_double(double value, char *target) {
    if (isnan(value)) return (size_t)sprintf(target, "nan");
    if (isinf(value)) return (size_t)sprintf(target, value < 0 ? "-inf" : "inf");
    int count = 0;
    // 15 digits always fit a double, 17 always read back: the first that reads back is the shortest.
    for (int digits = 15; digits <= 17; digits++) {
        count = snprintf(target, 40, "%.*g", digits, value);
        if (strtod(target, NULL) == value) break;
    }
    if (strpbrk(target, ".e") == NULL) count += sprintf(target + count, ".0");
    return (size_t)count;
}

/// A decimal text as sign, digits without leading or trailing zeros, and the exponent of 0.DIGITS.
struct decimal {
    int sign;
    const char *digits[2];
    size_t counts[2], total;
    int64_t exponent;
};

static int digit_at(const struct decimal *d, size_t n) {
    if (n >= d->total) return 0;
    return (n < d->counts[0] ? d->digits[0][n] : d->digits[1][n - d->counts[0]]) - '0';
}

static void read_decimal(const char *text, size_t count, struct decimal *d) {
    const char *end = text + count;
    d->sign = 1;
    if (text < end && (*text == '-' || *text == '+')) d->sign = *text++ == '-' ? -1 : 1;
    d->digits[0] = text;
    while (text < end && *text >= '0' && *text <= '9') text++;
    d->counts[0] = (size_t)(text - d->digits[0]);
    d->digits[1] = text;
    d->counts[1] = 0;
    if (text < end && *text == '.') {
        d->digits[1] = ++text;
        while (text < end && *text >= '0' && *text <= '9') text++;
        d->counts[1] = (size_t)(text - d->digits[1]);
    }
    int64_t exponent = 0;
    if (text < end && (*text == 'e' || *text == 'E')) {
        bool negative = ++text < end && *text == '-';
        if (text < end && (*text == '-' || *text == '+')) text++;
        for (; text < end && *text >= '0' && *text <= '9'; text++)
            if (exponent < (INT64_C(1) << 40)) exponent = exponent * 10 + (*text - '0');
        if (negative) exponent = -exponent;
    }
    d->exponent = exponent + (int64_t)d->counts[0];
    d->total = d->counts[0] + d->counts[1];
    size_t zeros = 0;
    while (zeros < d->total && digit_at(d, zeros) == 0) zeros++;
    for (int part = 0; part < 2; part++) {
        size_t skip = zeros < d->counts[part] ? zeros : d->counts[part];
        d->digits[part] += skip;
        d->counts[part] -= skip;
        zeros -= skip;
        d->exponent -= (int64_t)skip;
    }
    d->total = d->counts[0] + d->counts[1];
    while (d->total > 0 && digit_at(d, d->total - 1) == 0) d->total--;
    if (d->total == 0) d->sign = 0;
}

/// -1, 0 or 1; exact for decimals of any length.
int hs_compare_decimal(const char *a, size_t na, const char *b, size_t nb) {
    struct decimal x, y;
    read_decimal(a, na, &x);
    read_decimal(b, nb, &y);
    if (x.sign != y.sign) return x.sign < y.sign ? -1 : 1;
    if (x.sign == 0) return 0;
    if (x.exponent != y.exponent) return (x.exponent < y.exponent ? -1 : 1) * x.sign;
    size_t total = x.total > y.total ? x.total : y.total;
    for (size_t n = 0; n < total; n++) {
        int difference = digit_at(&x, n) - digit_at(&y, n);
        if (difference != 0) return (difference < 0 ? -1 : 1) * x.sign;
    }
    return 0;
}

void hs_push_num(lua_State *L, const char *text, size_t count) {
    char *block = lua_newuserdatauv(L, count + 1, 0);
    memcpy(block, text, count);
    block[count] = '\0';
    lua_rawgetp(L, LUA_REGISTRYINDEX, &num_key);
    lua_setmetatable(L, -2);
}

const char *hs_test_num(lua_State *L, int index, size_t *count) {
    if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &num_key);
    bool is_num = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    if (!is_num) return NULL;
    *count = lua_rawlen(L, index) - 1;
    return lua_touserdata(L, index);
}

/// Pushes a JSON number as integer, as float where that keeps its value, or as num.
void hs_push_number(lua_State *L, const char *text, size_t count) {
    char small[64];
    bool is_integer = true;
    for (size_t n = 0; n < count && is_integer; n++) is_integer = text[n] != '.' && text[n] != 'e' && text[n] != 'E';
    if (count >= sizeof small) {
        hs_push_num(L, text, count);
        return;
    }
    memcpy(small, text, count);
    small[count] = '\0';
    if (is_integer && !(count == 2 && text[0] == '-' && text[1] == '0')) {
        errno = 0;
        long long value = strtoll(small, NULL, 10);
        if (errno == 0) lua_pushinteger(L, value);
        else hs_push_num(L, text, count);
        return;
    }
    double value = strtod(small, NULL);
    char shortest[48];
    size_t n = hs_format_double(value, shortest);
    if (isfinite(value) && hs_compare_decimal(text, count, shortest, n) == 0) lua_pushnumber(L, value);
    else hs_push_num(L, text, count);
}

/// The decimal text of a number or num; `room` must hold 1200 bytes. NULL for other values and NaN.
static const char *decimal_text(lua_State *L, int index, char *room, size_t *count) {
    if (lua_isinteger(L, index)) {
        *count = (size_t)snprintf(room, 1200, "%lld", (long long)lua_tointeger(L, index));
        return room;
    }
    if (lua_type(L, index) == LUA_TNUMBER) {
        double value = lua_tonumber(L, index);
        if (isnan(value)) return NULL;
        if (isinf(value)) *count = (size_t)snprintf(room, 1200, value < 0 ? "-1e999999999" : "1e999999999");
        else *count = (size_t)snprintf(room, 1200, "%.780e", value);
        return room;
    }
    return hs_test_num(L, index, count);
}

static int compare(lua_State *L, bool *is_ordered) {
    char rooms[2][1200];
    size_t counts[2];
    const char *a = decimal_text(L, 1, rooms[0], &counts[0]), *b = decimal_text(L, 2, rooms[1], &counts[1]);
    for (int n = 1; n <= 2; n++)
        if (lua_type(L, n) != LUA_TNUMBER && hs_test_num(L, n, &counts[n - 1]) == NULL)
            luaL_error(L, "attempt to compare an exact number with a %s value", luaL_typename(L, n));
    *is_ordered = a != NULL && b != NULL;
    hs_charge_bytes(L, *is_ordered ? counts[0] + counts[1] : 0);
    return *is_ordered ? hs_compare_decimal(a, counts[0], b, counts[1]) : 0;
}

static int num_lt(lua_State *L) {
    bool is_ordered;
    int order = compare(L, &is_ordered);
    lua_pushboolean(L, is_ordered && order < 0);
    return 1;
}

static int num_le(lua_State *L) {
    bool is_ordered;
    int order = compare(L, &is_ordered);
    lua_pushboolean(L, is_ordered && order <= 0);
    return 1;
}

static int num_eq(lua_State *L) {
    size_t count;
    if (hs_test_num(L, 1, &count) == NULL || hs_test_num(L, 2, &count) == NULL) {
        lua_pushboolean(L, 0);
        return 1;
    }
    bool is_ordered;
    int order = compare(L, &is_ordered);
    lua_pushboolean(L, is_ordered && order == 0);
    return 1;
}

static int num_tostring(lua_State *L) {
    size_t count;
    const char *text = hs_test_num(L, 1, &count);
    lua_pushlstring(L, text == NULL ? "" : text, count);
    return 1;
}

static int num_arithmetic(lua_State *L) {
    size_t count;
    const char *text = hs_test_num(L, 1, &count);
    if (text == NULL) text = hs_test_num(L, 2, &count);
    return luaL_error(L, "arithmetic on the exact number %s would lose digits: use tonumber(x) first", text);
}

static bool is_number_text(const char *at, size_t count) {
    const char *end = at + count;
    if (at < end && *at == '-') at++;
    const char *digits = at;
    while (at < end && *at >= '0' && *at <= '9') at++;
    if (at == digits || (*digits == '0' && at - digits > 1)) return false;
    if (at < end && *at == '.') {
        const char *fraction = ++at;
        while (at < end && *at >= '0' && *at <= '9') at++;
        if (at == fraction) return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        const char *exponent = at;
        while (at < end && *at >= '0' && *at <= '9') at++;
        if (at == exponent) return false;
    }
    return at == end;
}

/// num("…"): always the exact value, also where a double would do.
static int num_new(lua_State *L) {
    size_t count;
    if (hs_test_num(L, 1, &count) != NULL) {
        lua_settop(L, 1);
        return 1;
    }
    char text[48];
    if (lua_isinteger(L, 1)) {
        int n = snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(L, 1));
        hs_push_num(L, text, (size_t)n);
        return 1;
    }
    if (lua_type(L, 1) == LUA_TNUMBER) {
        if (!isfinite(lua_tonumber(L, 1))) return luaL_error(L, "num: this number is not finite");
        count = hs_format_double(lua_tonumber(L, 1), text);
        hs_push_num(L, text, count);
        return 1;
    }
    const char *given = luaL_checklstring(L, 1, &count);
    hs_charge_bytes(L, count);
    if (!is_number_text(given, count)) return luaL_error(L, "num: this is not a JSON number");
    hs_push_num(L, given, count);
    return 1;
}

void hs_open_num(lua_State *L) {
    static const char *const arithmetic[] = {"__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__idiv",
        "__band", "__bor", "__bxor", "__shl", "__shr", "__bnot", NULL};
    static const luaL_Reg others[] = {
        {"__lt", num_lt}, {"__le", num_le}, {"__eq", num_eq}, {"__tostring", num_tostring}, {NULL, NULL}};
    lua_newtable(L);
    luaL_setfuncs(L, others, 0);
    for (int n = 0; arithmetic[n] != NULL; n++) {
        lua_pushcfunction(L, num_arithmetic);
        lua_setfield(L, -2, arithmetic[n]);
    }
    lua_pushliteral(L, "num");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &num_key);
    lua_register(L, "num", num_new);
}
