// SPDX-License-Identifier: Apache-2.0

/// The exact value of a JSON number as it stands in its text: 1 = 1.0 = 10e-1, whatever its size.
///
/// - Complexity: everything is linear in the bytes of the text and allocates nothing.
@safe struct DecimalText {
    private let text: UnsafePointer<UInt8>
    /// From the first digit that is not zero to the last; empty for zero.
    private let first: Int
    private let end: Int
    let isNegative: Bool
    /// Significant digits, the point aside.
    let digits: Int
    /// The value is 0.DIGITS times ten to this power.
    private let magnitude: Int

    /// - Parameter text: an accepted number between `start` and `end`.
    init(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
        unsafe self.text = text
        var at = start
        let isNegative = unsafe text[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var first = -1
        var last = -1
        var whole = 0
        var leading = 0
        var isFraction = false
        var counted = 0
        var digits = 0
        while at < end, unsafe text[at] | 0x20 != UInt8(ascii: "e") {
            let byte = unsafe text[at]
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                if byte != 0x30 {
                    if first < 0 { first = at }
                    last = at
                }
                if first >= 0 { counted += 1 } else if isFraction { leading += 1 }
                if byte != 0x30 { digits = counted }
                if !isFraction, first >= 0 { whole += 1 }
            }
            at += 1
        }
        var exponent = 0
        if at < end {
            at += 1
            let isDown = unsafe text[at] == UInt8(ascii: "-")
            if unsafe isDown || text[at] == UInt8(ascii: "+") { at += 1 }
            while at < end {
                exponent = unsafe min(exponent * 10 + Int(text[at] - 0x30), 1_000_000_000_000)
                at += 1
            }
            if isDown { exponent = -exponent }
        }
        self.first = first
        self.end = first < 0 ? first : last + 1
        self.digits = digits
        self.isNegative = isNegative && first >= 0
        self.magnitude = first < 0 ? 0 : exponent + (whole > 0 ? whole : -leading)
    }

    var isZero: Bool { self.digits == 0 }

    /// A whole number, however it is written.
    var isInteger: Bool { self.isZero || self.magnitude >= self.digits }

    /// Power of ten of the last significant digit.
    var scale: Int { self.magnitude - self.digits }

    /// Minus one, zero or one.
    func compared(to other: DecimalText) -> Int {
        if self.isZero || other.isZero || self.isNegative != other.isNegative {
            return (self.sign - other.sign).signum()
        }
        return self.isNegative ? -self.comparedMagnitude(to: other) : self.comparedMagnitude(to: other)
    }

    private var sign: Int { self.isZero ? 0 : self.isNegative ? -1 : 1 }

    private func comparedMagnitude(to other: DecimalText) -> Int {
        if self.magnitude != other.magnitude { return self.magnitude < other.magnitude ? -1 : 1 }
        var one = self.first
        var two = other.first
        while one < self.end, two < other.end {
            let left = unsafe self.text[one]
            let right = unsafe other.text[two]
            if left == UInt8(ascii: ".") {
                one += 1
                continue
            }
            if right == UInt8(ascii: ".") {
                two += 1
                continue
            }
            if left != right { return left < right ? -1 : 1 }
            one += 1
            two += 1
        }
        return one < self.end ? 1 : two < other.end ? -1 : 0
    }

    /// The significant digits as a number; nil where there are more than 18.
    var significand: UInt64? {
        self.digits <= 18 ? self.remainder(.max) : nil
    }

    /// The significant digits modulo a number below 10^18, or themselves where they are below it.
    private func remainder(_ divisor: UInt64) -> UInt64 {
        var rest: UInt64 = 0
        for at in max(self.first, 0)..<max(self.end, 0) {
            let byte = unsafe self.text[at]
            if byte == UInt8(ascii: ".") { continue }
            rest = (rest * 10 + UInt64(byte - 0x30)) % divisor
        }
        return rest
    }

    /// Whether this is a whole multiple of `significand` times ten to the power of `scale`.
    ///
    /// - Parameter significand: from 1 and below 10^18.
    func isMultiple(of significand: UInt64, scale: Int) -> Bool {
        if self.isZero { return true }
        // a·10^p = n·b·10^q. The last digit of a is not zero, so with p < q ten would have to divide it.
        var power = self.scale - scale
        guard power >= 0 else { return false }
        var rest = self.remainder(significand)
        var factor = 10 % significand
        while power > 0, rest != 0 {
            if power & 1 == 1 { rest = Self.product(rest, factor, significand) }
            factor = Self.product(factor, factor, significand)
            power >>= 1
        }
        return rest == 0
    }

    private static func product(_ one: UInt64, _ two: UInt64, _ divisor: UInt64) -> UInt64 {
        divisor.dividingFullWidth(one.multipliedFullWidth(by: two)).remainder
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.sign)
        if self.isZero { return }
        hasher.combine(self.magnitude)
        for at in self.first..<self.end {
            let byte = unsafe self.text[at]
            if byte != UInt8(ascii: ".") { hasher.combine(byte) }
        }
    }
}
