// SPDX-License-Identifier: Apache-2.0

/// A JSON number by value: 1 = 1.0 = 1e0 and -0 = 0. Integers are exact from -2^63 to 2^64-1, everything else is the
/// nearest binary64. Integers are never compared as doubles.
///
/// INVARIANT: a number made by an initialiser is a `double` only where that is no integer of 64 bits; hence two
/// numbers of different cases are never equal.
package enum JSONNumber: Sendable, Hashable, Comparable {
    case integer(Int64)
    /// Above `Int64.max` only.
    case unsigned(UInt64)
    /// Not an integer of 64 bits; never NaN; may be infinite where the text is beyond binary64.
    case double(Double)

    /// Reads the text of a JSON number that the parser has accepted.
    ///
    /// - Complexity: O(bytes); allocates only for a fraction or exponent.
    package init(text: ArraySlice<UInt8>) {
        if let exact = Self.plainInteger(text) {
            self = exact
            return
        }
        self = Self.general(text)
    }

    /// An integer.
    package init(_ value: Int) { self = .integer(Int64(value)) }

    /// A finite or infinite double; integral values of 64 bits become exact integers.
    package init(_ value: Double) {
        if let exact = Int64(exactly: value) {
            self = .integer(exact)
        } else if let exact = UInt64(exactly: value) {
            self = .unsigned(exact)
        } else {
            self = .double(value)
        }
    }

    /// Digits with an optional minus: the common case, without a detour.
    private static func plainInteger(_ text: ArraySlice<UInt8>) -> JSONNumber? {
        var digits = text
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.count <= 20 else { return nil }
        var magnitude: UInt64 = 0
        for byte in digits {
            guard byte >= 0x30 && byte <= 0x39 else { return nil }
            let (scaled, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, tooFar) = scaled.addingReportingOverflow(UInt64(byte - 0x30))
            if overflow || tooFar { return nil }
            magnitude = sum
        }
        return Self.exact(magnitude, isNegative: isNegative)
    }

    private static func exact(_ magnitude: UInt64, isNegative: Bool) -> JSONNumber? {
        if magnitude <= UInt64(Int64.max) {
            return .integer(isNegative ? -Int64(magnitude) : Int64(magnitude))
        }
        if isNegative { return magnitude == UInt64(Int64.max) + 1 ? .integer(.min) : nil }
        return .unsigned(magnitude)
    }

    /// Fractions and exponents: exact where the value is an integer of 64 bits, else binary64.
    private static func general(_ text: ArraySlice<UInt8>) -> JSONNumber {
        var digits: [UInt8] = []
        var scale = 0
        var exponent = 0
        var isFraction = false
        var at = text.startIndex
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { at += 1 }
        while at < text.endIndex, text[at] | 0x20 != UInt8(ascii: "e") {
            if text[at] == UInt8(ascii: ".") {
                isFraction = true
            } else {
                if !(digits.isEmpty && text[at] == 0x30) { digits.append(text[at]) }
                if isFraction { scale += 1 }
            }
            at += 1
        }
        if at < text.endIndex {
            at += 1
            let isDown = text[at] == UInt8(ascii: "-")
            if isDown || text[at] == UInt8(ascii: "+") { at += 1 }
            // Far more than a text of 4 GiB has digits to set against it, and far from overflow.
            for byte in text[at...] { exponent = min(exponent * 10 + Int(byte - 0x30), 1_000_000_000_000) }
            if isDown { exponent = -exponent }
        }
        exponent -= scale
        while exponent < 0, digits.last == 0x30 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { return .integer(0) }
        if exponent >= 0, digits.count + exponent <= 20 {
            let all = digits + [UInt8](repeating: 0x30, count: exponent)
            if let exact = Self.plainInteger((isNegative ? [UInt8(ascii: "-")] + all : all)[...]) { return exact }
        }
        // Rounding may give an integer of 64 bits, or zero: then it is that integer, so that equal values are equal.
        return JSONNumber(Double(String(decoding: text, as: UTF8.self)) ?? (isNegative ? -.infinity : .infinity))
    }

    package static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.integer(let one), .integer(let other)): one < other
        case (.unsigned(let one), .unsigned(let other)): one < other
        case (.integer, .unsigned): true
        case (.unsigned, .integer): false
        case (.double(let one), .double(let other)): one < other
        case (.double(let one), _): Self.isDouble(one, below: right)
        case (_, .double(let other)): !Self.isDouble(other, below: left)
        }
    }

    /// Whether a double that is no 64-bit integer is below an integer. Equality cannot occur.
    private static func isDouble(_ value: Double, below other: JSONNumber) -> Bool {
        // Never parsed, but a script may compute one; it is below nothing.
        if value.isNaN { return false }
        switch other {
        case .integer(let integer):
            if value < -9_223_372_036_854_775_808 { return true }
            if value >= 9_223_372_036_854_775_808 { return false }
            // Inside the range, so that rounding down fits; a fraction lies above its floor.
            return Int64(value.rounded(.down)) < integer
        case .unsigned(let integer):
            if value >= 18_446_744_073_709_551_616 { return false }
            return value < 0 || UInt64(value.rounded(.down)) < integer
        case .double(let double): return value < double
        }
    }
}
