# SPDX-License-Identifier: Apache-2.0
"""EventBridge patterns, one rule after the other, one value after the other. Slow, and right.

A scalar of an event carries its place in every array around it. A pattern holds where every field finds a scalar that
passes, and no two of them stand in different elements of one array.
"""
import re


def scalars(value, path, trail, found, arrays):
    """Collects path → [(value, {array: place})]."""
    if isinstance(value, dict):
        for key, member in value.items():
            scalars(member, path + (key,), trail, found, arrays)
    elif isinstance(value, list):
        arrays[0] += 1
        number = arrays[0]
        for place, element in enumerate(value):
            scalars(element, path, {**trail, number: place}, found, arrays)
    else:
        found.setdefault(path, []).append((value, trail))


def fields(pattern, path=()):
    """The lists of a pattern without `$or`."""
    result = []
    for key, value in pattern.items():
        result += [(path + (key,), value)] if isinstance(value, list) else fields(value, path + (key,))
    return result


def equal(value, wanted):
    if isinstance(value, bool) or isinstance(wanted, bool) or value is None or wanted is None:
        return value is wanted
    if isinstance(value, str) or isinstance(wanted, str):
        return isinstance(value, str) and isinstance(wanted, str) and value == wanted
    return value == wanted


def fold(text):
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


def passes(value, test):
    if not isinstance(test, dict):
        return equal(value, test)
    (name, operand), = test.items()
    if name == "exists":
        return operand
    if name == "anything-but":
        if isinstance(operand, dict):
            (kind, wanted), = operand.items()
            return not any(passes(value, {kind: one}) for one in (wanted if isinstance(wanted, list) else [wanted]))
        return not any(equal(value, one) for one in (operand if isinstance(operand, list) else [operand]))
    if name == "numeric":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        compare = {"=": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
                   ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
        return all(compare[operand[n]](value, operand[n + 1]) for n in range(0, len(operand), 2))
    if not isinstance(value, str):
        return False
    if name == "prefix":
        return value.startswith(operand)
    if name == "suffix":
        return value.endswith(operand)
    if name == "equals-ignore-case":
        return fold(value) == fold(operand)
    if name == "wildcard":
        return re.fullmatch(".*".join(re.escape(part) for part in operand.split("*")), value, re.DOTALL) is not None
    raise ValueError(f"no operator {name}")


def agree(one, other):
    return all(other.get(array, place) == place for array, place in one.items())


def holds(rest, trail, absent, event):
    if not rest:
        return all(not any(agree(there, trail) for _, there in event.get(path, ())) for path in absent)
    (path, tests), *others = rest
    if {"exists": False} in tests:
        if holds(others, trail, absent + [path], event):
            return True
        tests = [test for test in tests if test != {"exists": False}]
    for value, there in event.get(path, ()):
        if agree(there, trail) and any(passes(value, test) for test in tests):
            if holds(others, {**trail, **there}, absent, event):
                return True
    return False


def possible(rule, event):
    """Whether every field finds some scalar: what must hold before combinations are worth a try."""
    for path, tests in rule:
        if {"exists": False} in tests:
            continue
        if not any(passes(value, test) for value, _ in event.get(path, ()) for test in tests):
            return False
    return True


def per_element(rule, event):
    """For hostile bodies: two fields of one array, compared element by element."""
    trails = []
    for path, tests in rule:
        trails.append({tuple(sorted(there.items())) for value, there in event.get(path, ())
                       if any(passes(value, test) for test in tests)})
    return bool(set.intersection(*trails))


def digest(patterns, events, linear=False):
    """FNV-1a (64 bits) over one line an event: the numbers of the patterns that match, a space between."""
    lists = [fields(pattern) for pattern in patterns]
    value = 0xCBF29CE484222325
    for event in events:
        found = {}
        scalars(event, (), {}, found, [0])
        line = " ".join(
            str(number) for number, rule in enumerate(lists)
            if possible(rule, found) and (per_element(rule, found) if linear else holds(rule, {}, [], found))) + "\n"
        for byte in line.encode():
            value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
