# SPDX-License-Identifier: Apache-2.0
"""XXH64 after its specification (github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), for rows with true checksums."""

_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
_MASK = 0xFFFFFFFFFFFFFFFF


def _rotate(value, bits):
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _round(accumulator, lane):
    return _rotate((accumulator + lane * _P2) & _MASK, 31) * _P1 & _MASK


def _word(content, at, size=8):
    return int.from_bytes(content[at:at + size], "little")


def unsigned(content, seed=0):
    at, end = 0, len(content)
    if end >= 32:
        lanes = [(seed + _P1 + _P2) & _MASK, (seed + _P2) & _MASK, seed, (seed - _P1) & _MASK]
        while at + 32 <= end:
            lanes = [_round(lane, _word(content, at + 8 * n)) for n, lane in enumerate(lanes)]
            at += 32
        value = sum(_rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & _MASK
        for lane in lanes:
            value = ((value ^ _round(0, lane)) * _P1 + _P4) & _MASK
    else:
        value = (seed + _P5) & _MASK
    value = (value + end) & _MASK
    while at + 8 <= end:
        value = (_rotate(value ^ _round(0, _word(content, at)), 27) * _P1 + _P4) & _MASK
        at += 8
    if at + 4 <= end:
        value = (_rotate(value ^ (_word(content, at, 4) * _P1 & _MASK), 23) * _P2 + _P3) & _MASK
        at += 4
    while at < end:
        value = _rotate(value ^ (content[at] * _P5 & _MASK), 11) * _P1 & _MASK
        at += 1
    value = (value ^ (value >> 33)) * _P2 & _MASK
    value = (value ^ (value >> 29)) * _P3 & _MASK
    return value ^ (value >> 32)


def signed(content, seed=0):
    """As SQLite keeps it."""
    value = unsigned(content, seed)
    return value - (1 << 64) if value >= 1 << 63 else value


assert unsigned(b"") == 0xEF46DB3751D8E999
