// SPDX-License-Identifier: Apache-2.0
// IP addresses as text: RFC 4291, section 2.2 for IPv6, four plain decimal octets for IPv4, which count as mapped into
// IPv6. The same rules as HookCore's CIDR; a test compares the two.
#include "internal.h"

static bool dotted_quad(const uint8_t *text, size_t count, uint32_t *quad) {
    if (count < 7 || count > 15) return false;
    uint32_t value = 0, octet = 0;
    size_t octets = 0, digits = 0;
    for (size_t at = 0; at <= count; at += 1) {
        if (at == count || text[at] == '.') {
            if (digits == 0 || octet > 255) return false;
            value = value << 8 | octet;
            octets += 1;
            if (octets > 4) return false;
            octet = 0;
            digits = 0;
            continue;
        }
        if (text[at] < '0' || text[at] > '9') return false;
        // A leading zero is octal to some.
        if (digits == 3 || (digits == 1 && octet == 0)) return false;
        octet = octet * 10 + (uint32_t)(text[at] - '0');
        digits += 1;
    }
    *quad = value;
    return octets == 4;
}

static bool hex_group(const uint8_t *text, size_t count, uint16_t *group) {
    if (count == 0 || count > 4) return false;
    uint16_t value = 0;
    for (size_t at = 0; at < count; at += 1) {
        const uint8_t digit = text[at];
        const uint8_t low = digit | 0x20;
        if (digit >= '0' && digit <= '9') {
            value = (uint16_t)(value << 4 | (digit - '0'));
        } else if (low >= 'a' && low <= 'f') {
            value = (uint16_t)(value << 4 | (low - 'a' + 10));
        } else {
            return false;
        }
    }
    *group = value;
    return true;
}

/// Eight groups; one `::` stands for one or more groups of zeros.
static bool groups(const uint8_t *text, size_t count, uint64_t *high, uint64_t *low) {
    uint16_t values[10];
    size_t filled = 0, at = 0;
    int gap = -1;
    if (count >= 2 && text[0] == ':') {
        if (text[1] != ':') return false;
        gap = 0;
        at = 2;
    }
    while (at < count) {
        size_t end = at;
        while (end < count && text[end] != ':') end += 1;
        if (filled >= 8) return false;
        uint32_t quad;
        if (end == count && dotted_quad(text + at, end - at, &quad)) {
            if (filled > 6) return false;
            values[filled] = (uint16_t)(quad >> 16);
            values[filled + 1] = (uint16_t)quad;
            filled += 2;
            break;
        }
        if (!hex_group(text + at, end - at, &values[filled])) return false;
        filled += 1;
        if (end == count) break;
        at = end + 1;
        // A colon ends no address, but two may.
        if (at == count) return false;
        if (text[at] == ':') {
            if (gap >= 0) return false;
            gap = (int)filled;
            at += 1;
        }
    }
    if (gap >= 0) {
        if (filled > 7) return false;
        const size_t zeros = 8 - filled, behind = filled - (size_t)gap;
        memmove(values + (size_t)gap + zeros, values + gap, behind * sizeof *values);
        for (size_t place = 0; place < zeros; place += 1) values[(size_t)gap + place] = 0;
    } else if (filled != 8) {
        return false;
    }
    *high = *low = 0;
    for (size_t place = 0; place < 4; place += 1) {
        *high = *high << 16 | values[place];
        *low = *low << 16 | values[place + 4];
    }
    return true;
}

bool match_address(const uint8_t *text, size_t count, uint64_t *high, uint64_t *low) {
    // The longest spelling is an IPv6 address that ends in a dotted quad: 45 bytes (INET6_ADDRSTRLEN less the NUL).
    if (count < 2 || count > 45) return false;
    uint32_t quad;
    if (dotted_quad(text, count, &quad)) {
        *high = 0;
        *low = 0x0000FFFF00000000ull | quad;
        return true;
    }
    return groups(text, count, high, low);
}
