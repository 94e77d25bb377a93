// SPDX-License-Identifier: Apache-2.0
// Numbers by value: exact from -2^63 to 2^64-1, the nearest binary64 otherwise. The same rules as HookCore's
// JSONNumber; a test compares the two.
#include "internal.h"
#include <math.h>
#include <stdlib.h>

enum { INTEGER, UNSIGNED, DOUBLE };

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

/// Digits as an integer of 64 bits; false where they are none.
static bool exact(const uint8_t *digits, size_t count, bool is_negative, uint8_t *kind, uint64_t *bits) {
    if (count == 0 || count > 20) return false;
    uint64_t magnitude = 0;
    for (size_t place = 0; place < count; place += 1) {
        const uint8_t digit = digits[place];
        if (digit < '0' || digit > '9') return false;
        if (__builtin_mul_overflow(magnitude, 10, &magnitude)) return false;
        if (__builtin_add_overflow(magnitude, (uint64_t)(digit - '0'), &magnitude)) return false;
    }
    if (magnitude <= INT64_MAX) {
        *kind = INTEGER;
        *bits = is_negative ? 0 - magnitude : magnitude;
        return true;
    }
    if (is_negative) {
        if (magnitude != (uint64_t)INT64_MAX + 1) return false;
        *kind = INTEGER;
        *bits = (uint64_t)INT64_MIN;
        return true;
    }
    *kind = UNSIGNED;
    *bits = magnitude;
    return true;
}

/// A double that is an integer of 64 bits is that integer, so that equal values are equal.
static uint8_t of_double(double value, uint64_t *bits) {
    if (value >= -9223372036854775808.0 && value < 9223372036854775808.0 && value == (double)(int64_t)value) {
        *bits = (uint64_t)(int64_t)value;
        return INTEGER;
    }
    if (value >= 0 && value < 18446744073709551616.0 && value == (double)(uint64_t)value) {
        *bits = (uint64_t)value;
        return UNSIGNED;
    }
    *bits = bits_of(value);
    return DOUBLE;
}

/// The nearest double. No locale is ever set in this process, so that strtod knows the point only.
static double nearest(const uint8_t *text, size_t count) {
    char small[64];
    char *copy = count < sizeof small ? small : malloc(count + 1);
    if (!copy) abort();
    memcpy(copy, text, count);
    copy[count] = 0;
    const double value = strtod(copy, NULL);
    if (copy != small) free(copy);
    return value;
}

static double power(int64_t exponent) {
    static const double powers[] = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    };
    return powers[exponent];
}

static uint8_t general(const uint8_t *text, size_t count, uint64_t *bits) {
    // More digits than these are no integer of 64 bits, unless they end in zeros behind the point.
    uint8_t digits[24];
    size_t kept = 0, length = 0, trailing = 0, at = 0;
    int64_t scale = 0, exponent = 0;
    bool is_fraction = false;
    const bool is_negative = text[0] == '-';
    if (is_negative) at = 1;
    for (; at < count && (text[at] | 0x20) != 'e'; at += 1) {
        if (text[at] == '.') {
            is_fraction = true;
            continue;
        }
        if (length > 0 || text[at] != '0') {
            if (kept < sizeof digits) {
                digits[kept] = text[at];
                kept += 1;
            }
            length += 1;
            trailing = text[at] == '0' ? trailing + 1 : 0;
        }
        if (is_fraction) scale += 1;
    }
    if (at < count) {
        at += 1;
        const bool is_down = text[at] == '-';
        if (is_down || text[at] == '+') at += 1;
        // Far more than a text of 4 GiB has digits to set against it, and far from overflow.
        for (; at < count; at += 1) {
            exponent = exponent * 10 + (text[at] - '0');
            if (exponent > 1000000000000) exponent = 1000000000000;
        }
        if (is_down) exponent = -exponent;
    }
    exponent -= scale;
    while (exponent < 0 && trailing > 0) {
        trailing -= 1;
        length -= 1;
        exponent += 1;
    }
    if (length == 0) {
        *bits = 0;
        return INTEGER;
    }
    if (exponent >= 0 && (int64_t)length + exponent <= 20) {
        for (int64_t zero = 0; zero < exponent; zero += 1) digits[length + (size_t)zero] = '0';
        uint8_t kind;
        if (exact(digits, length + (size_t)exponent, is_negative, &kind, bits)) return kind;
    }
    // Both factors are exact, so that one rounding is made, the right one (Clinger 1990).
    if (length <= 15 && exponent >= -22 && exponent <= 22) {
        uint64_t magnitude = 0;
        for (size_t place = 0; place < length; place += 1) magnitude = magnitude * 10 + (digits[place] - '0');
        double value = (double)magnitude;
        value = exponent < 0 ? value / power(-exponent) : value * power(exponent);
        return of_double(is_negative ? -value : value, bits);
    }
    return of_double(nearest(text, count), bits);
}

uint8_t match_number(const uint8_t *text, size_t count, uint64_t *bits) {
    const bool is_negative = text[0] == '-';
    uint8_t kind;
    if (exact(text + is_negative, count - is_negative, is_negative, &kind, bits)) return kind;
    return general(text, count, bits);
}

/// Whether a double that is no 64-bit integer is below an integer; equality cannot occur.
static bool is_below(double value, uint8_t kind, uint64_t bits) {
    if (isnan(value)) return false;
    if (kind == INTEGER) {
        if (value < -9223372036854775808.0) return true;
        if (value >= 9223372036854775808.0) return false;
        return (int64_t)floor(value) < (int64_t)bits;
    }
    if (value >= 18446744073709551616.0) return false;
    return value < 0 || (uint64_t)floor(value) < bits;
}

int match_number_order(uint8_t kind, uint64_t bits, uint8_t other_kind, uint64_t other_bits) {
    if (kind == other_kind) {
        switch (kind) {
        case INTEGER: return (int64_t)bits < (int64_t)other_bits ? -1 : (int64_t)bits > (int64_t)other_bits;
        case UNSIGNED: return bits < other_bits ? -1 : bits > other_bits;
        default: {
            const double one = double_of(bits), other = double_of(other_bits);
            return one < other ? -1 : one > other;
        }
        }
    }
    if (kind == DOUBLE) return is_below(double_of(bits), other_kind, other_bits) ? -1 : 1;
    if (other_kind == DOUBLE) return is_below(double_of(other_bits), kind, bits) ? 1 : -1;
    return kind == INTEGER ? -1 : 1;
}
