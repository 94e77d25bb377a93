// SPDX-License-Identifier: Apache-2.0
// What a plain scalar means: the core schema of YAML 1.2.2, section 10.3, and nothing else. YAML 1.1 readings (`NO` is
// false, `12:30` is 750) are not applied but named, because an author may expect them.

/// A scalar with its meaning.
package enum YAMLScalar: Sendable, Equatable {
    case null
    case bool(Bool)
    /// The number as the text of a JSON number: no plus sign, no leading zeros, hexadecimal and octal turned decimal.
    case number(String)
    /// `.inf`, `.nan`, or a hexadecimal or octal integer beyond 64 bits: numbers that JSON or we cannot hold.
    case unusableNumber(String)
    case string(String)
}

extension YAMLNode {
    /// The meaning of a scalar by the core schema; nil for lists and maps.
    package var scalar: YAMLScalar? {
        guard case .scalar(let text, let style) = self.content else { return nil }
        return style == .plain ? CoreSchema.resolve(text) : .string(text)
    }
}

package enum CoreSchema {
    package static func resolve(_ text: String) -> YAMLScalar {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
            return .unusableNumber(text)
        default: break
        }
        let bytes = Array(text.utf8)
        guard let first = bytes.first, first == 0x2B || first == 0x2D || first == 0x2E || Self.isDigit(first) else {
            return .string(text)
        }
        if bytes.count > 2, first == 0x30, bytes[1] == UInt8(ascii: "x") || bytes[1] == UInt8(ascii: "o") {
            return self.radixInteger(text, bytes)
        }
        return self.decimal(bytes).map { .number($0) } ?? .string(text)
    }

    /// What YAML 1.1 would have made of a plain scalar that reads differently here; nil where the two agree.
    package static func otherReading(of text: String) -> String? {
        switch text {
        case "yes", "Yes", "YES", "on", "On", "ON": return "true"
        case "no", "No", "NO", "off", "Off", "OFF": return "false"
        default: break
        }
        var digits = Array(text.utf8)
        if digits.first == 0x2B || digits.first == 0x2D { digits.removeFirst() }
        guard let first = digits.first, Self.isDigit(first) else { return nil }
        if digits.count > 1, first == 0x30, digits.allSatisfy(Self.isDigit) { return "an octal number" }
        if self.isSexagesimal(digits) { return "a number to the base of 60" }
        if digits.contains(0x5F), digits.allSatisfy({ Self.isDigit($0) || $0 == 0x5F }) { return "a number" }
        return nil
    }

    private static func radixInteger(_ text: String, _ bytes: [UInt8]) -> YAMLScalar {
        let digits = bytes.dropFirst(2)
        let isHexadecimal = bytes[1] == UInt8(ascii: "x")
        let allFit = digits.allSatisfy { isHexadecimal ? Self.isHexadecimalDigit($0) : (0x30...0x37).contains($0) }
        guard allFit else { return .string(text) }
        let value = UInt64(String(decoding: digits, as: UTF8.self), radix: isHexadecimal ? 16 : 8)
        return value.map { .number("\($0)") } ?? .unusableNumber(text)
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?` as JSON writes it; nil where it is none.
    private static func decimal(_ bytes: [UInt8]) -> String? {
        var rest = bytes[...]
        var output: [UInt8] = []
        if let sign = rest.first, sign == 0x2B || sign == 0x2D {
            if sign == 0x2D { output.append(sign) }
            rest = rest.dropFirst()
        }
        let whole = rest.prefix(while: Self.isDigit)
        rest = rest.dropFirst(whole.count)
        let significant = whole.drop { $0 == 0x30 }
        output.append(contentsOf: significant.isEmpty ? [0x30] : Array(significant))
        if rest.first == 0x2E {
            rest = rest.dropFirst()
            let fraction = rest.prefix(while: Self.isDigit)
            rest = rest.dropFirst(fraction.count)
            if whole.isEmpty && fraction.isEmpty { return nil }
            output.append(0x2E)
            output.append(contentsOf: fraction.isEmpty ? [0x30] : Array(fraction))
        } else if whole.isEmpty {
            return nil
        }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            output.append(UInt8(ascii: "e"))
            rest = rest.dropFirst()
            if let sign = rest.first, sign == 0x2B || sign == 0x2D {
                output.append(sign)
                rest = rest.dropFirst()
            }
            let exponent = rest.prefix(while: Self.isDigit)
            if exponent.isEmpty { return nil }
            output.append(contentsOf: exponent)
            rest = rest.dropFirst(exponent.count)
        }
        return rest.isEmpty ? String(decoding: output, as: UTF8.self) : nil
    }

    /// `12:30`, `1:02:03`: sixties behind the first colon (YAML 1.1, tag:yaml.org,2002:int).
    private static func isSexagesimal(_ bytes: [UInt8]) -> Bool {
        let groups = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
        return groups.count > 1
            && groups.allSatisfy { !$0.isEmpty && $0.allSatisfy(Self.isDigit) }
            && groups.dropFirst().allSatisfy { $0.count == 1 || ($0.count == 2 && $0.first ?? 0 < 0x36) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        Self.isDigit(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
