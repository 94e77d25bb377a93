// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

/// A decimal number of any length, for comparing with: slow and plain.
private struct Decimal: Comparable {
    var isNegative = false
    /// Most significant first, without zeros at either end.
    var digits: [Int] = []
    /// Power of ten of the first digit, as in 0.d1d2… × 10^point.
    var point = 0

    init(_ text: String) {
        let parts = text.lowercased().split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        for character in parts[0] {
            if character == "-" { self.isNegative = true }
            if let digit = character.wholeNumberValue { self.digits.append(digit) }
        }
        let fraction = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        exponent += self.digits.count - (fraction.count > 1 ? fraction[1].count : 0)
        while self.digits.first == 0 {
            self.digits.removeFirst()
            exponent -= 1
        }
        while self.digits.last == 0 { self.digits.removeLast() }
        self.point = self.digits.isEmpty ? 0 : exponent
        if self.digits.isEmpty { self.isNegative = false }
    }

    /// Every finite binary64 is a decimal of at most 1,074 places.
    init(exactly value: Double) {
        // The significand as an integer, then doubled or multiplied by five for each power of two that is left.
        let significand = value == 0 ? 0 : UInt64(value.magnitude.significand * 0x1p52)
        let power = value == 0 ? 0 : Int(value.exponent) - 52
        var digits = String(significand).compactMap(\.wholeNumberValue)
        func times(_ factor: Int) {
            var carry = 0
            for place in digits.indices.reversed() {
                let product = digits[place] * factor + carry
                digits[place] = product % 10
                carry = product / 10
            }
            if carry > 0 { digits.insert(carry, at: 0) }
        }
        for _ in 0..<max(0, power) { times(2) }
        for _ in 0..<max(0, -power) { times(5) }
        self.init((value < 0 ? "-" : "") + digits.map(String.init).joined() + "e\(min(0, power))")
    }

    static func < (left: Self, right: Self) -> Bool {
        let (one, other) = (left.sign, right.sign)
        if one != other { return one < other }
        return one < 0 ? right.isSmaller(than: left) : left.isSmaller(than: right)
    }

    var sign: Int { self.digits.isEmpty ? 0 : self.isNegative ? -1 : 1 }

    private func isSmaller(than other: Self) -> Bool {
        if self.point != other.point { return self.point < other.point }
        return self.digits.lexicographicallyPrecedes(other.digits)
    }
}

extension Decimal {
    /// By the rule of the product: an integer of 64 bits is exact, everything else the nearest binary64.
    init(ruled text: String) {
        let exact = Decimal(text)
        let isInteger = exact.point >= exact.digits.count
        if isInteger, exact >= Decimal("\(Int64.min)"), exact <= Decimal("\(UInt64.max)") {
            self = exact
        } else {
            self.init(exactly: Double(text) ?? 0)
        }
    }
}

@Suite struct JSONNumberTests {
    private func number(_ text: String) -> JSONNumber { JSONNumber(text: Array(text.utf8)[...]) }

    @Test(
        arguments: [
            ["0", "-0", "0.0", "-0.0", "0e5", "0.000e-999", "1e-400", "-1e-400"],
            ["1", "1.0", "1e0", "10e-1", "0.1e1", "100E-2", "1.000000000000000000000000000000"],
            ["9223372036854775807", "9223372036854775807.0", "9.223372036854775807e18"],
            ["-9223372036854775808", "-9223372036854775808.000", "-9223372036854775808e0"],
            ["18446744073709551615", "1844674407370955161.5e1"],
            ["1e20", "100000000000000000000", "1.0e+20"],
            ["1.5", "15e-1", "1.50"],
            ["123.00000000000000000001", "123", "122.99999999999999999999"],
        ])
    func `one value has many texts`(texts: [String]) {
        for text in texts {
            #expect(self.number(text) == self.number(texts[0]), "\(text)")
            #expect(self.number(text).hashValue == self.number(texts[0]).hashValue)
        }
    }

    @Test func `neighbours beyond 2^53 differ`() {
        let rising = [
            "-1e400", "-18446744073709551616", "-9223372036854775809000", "-9223372036854775808",
            "-9223372036854775807",
            "-9007199254740993", "-9007199254740992", "-1.5", "-1", "-0.5", "0", "5e-324", "0.5", "1", "1.5",
            "9007199254740992",
            "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551614",
            "18446744073709551615", "18446744073709551616", "1e19", "1e300", "1e400",
        ].map { ($0, self.number($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
        let numbers = rising.map(self.number)
        for (one, other) in zip(numbers, numbers.dropFirst()) {
            #expect(one < other && !(other < one) && one != other)
        }
        #expect(rising.first == "-1e400" && rising.last == "1e400")
    }

    @Test(arguments: 0..<20)
    func `comparisons agree with decimals of any length`(seed: Int) {
        var generator = JSONTextGenerator(seed: UInt64(seed))
        let edges = [
            "9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775808",
            "4503599627370496",
        ]
        var texts: [String] = edges
        for edge in edges {
            for tail in [".5", ".0", "e0", ".00000000000000000001", "0e-1", "1e-1"] { texts.append(edge + tail) }
        }
        // Exponents of two digits keep most values near each other, where comparisons are hard.
        for _ in 0..<40 {
            let text = generator.number()
            texts.append(text.utf8.count > 40 ? String(text.prefix(12)).filter { $0.isNumber } + ".25" : text)
        }
        texts = texts.map {
            $0.hasPrefix("0") && $0.count > 1 && $0.dropFirst().first?.isNumber == true ? "1\($0)" : $0
        }
        .filter { (Double($0) ?? .infinity).isFinite }
        let pairs = texts.map { (self.number($0), Decimal(ruled: $0), $0) }
        for one in pairs {
            for other in pairs {
                #expect((one.0 < other.0) == (one.1 < other.1), "\(one.2) < \(other.2)")
                #expect((one.0 == other.0) == (one.1 == other.1), "\(one.2) == \(other.2)")
            }
        }
    }

    @Test func `numbers of any length end in time`() {
        let nines = String(repeating: "9", count: 300_000)
        let zeros = String(repeating: "0", count: 300_000)
        #expect(self.number(nines) == .double(.infinity))
        #expect(self.number("-\(nines)") == .double(-.infinity))
        #expect(self.number("1\(zeros)e-300000") == .integer(1))
        #expect(self.number("0.\(zeros)1e300001") == .integer(1))
        #expect(self.number("0.\(nines)") == .integer(1))
        #expect(self.number("1e\(nines)") == .double(.infinity))
        #expect(self.number("1e-\(nines)") == .integer(0))
        #expect(!(JSONNumber(Double.nan) < .integer(0)))
    }
}
