// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What one part of a signature might have been instead.
struct Variant<Value: Sendable>: Sendable {
    let value: Value
    /// Nil for what the source says.
    let mistake: SignatureDiagnosis.Mistake?

    init(_ value: Value, _ code: String, _ message: String, hint: String) {
        self.value = value
        self.mistake = SignatureDiagnosis.Mistake(code, message, hint: hint)
    }

    init(asSaid value: Value) {
        self.value = value
        self.mistake = nil
    }
}

/// Bodies that may have been signed where another one arrived.
enum BodyVariants {
    private static let raw = "verify over the bytes as they came, before anything parses or prints them"

    static func all(of body: [UInt8]) -> [Variant<[UInt8]>] {
        var all = [Variant(asSaid: body)]
        var seen: Set<[UInt8]> = [body]
        func add(_ bytes: [UInt8], _ code: String, _ message: String, _ hint: String) {
            if seen.insert(bytes).inserted { all.append(Variant(bytes, code, message, hint: hint)) }
        }
        if body.last == 0x0A {
            let cut = Array(body.dropLast(body.dropLast().last == 0x0D ? 2 : 1))
            add(cut, "trailing-newline-added", "a line break was added behind the body that was signed", self.newline)
        }
        add(body + [0x0A], "trailing-newline-removed", "the line break at the end of the body was lost", self.newline)
        add(body + [0x0D, 0x0A], "trailing-newline-removed", "the CR LF at the end of the body was lost", self.newline)
        let plain = Self.withoutReturns(body)
        add(plain, "line-breaks", "line breaks were changed from LF to CR LF on the way", self.raw)
        add(
            plain.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }, "line-breaks",
            "line breaks were changed from CR LF to LF on the way", self.raw)
        if body.starts(with: [0xEF, 0xBB, 0xBF]) {
            add(Array(body.dropFirst(3)), "byte-order-mark", "a byte order mark was put before the body", self.raw)
        }
        // A body that is no JSON was not serialised anew either.
        guard let value = try? JSONValue(parsing: body, limits: JSONLimits(duplicateKeys: .last)) else { return all }
        for (text, name) in JSONSpelling.all(of: value) {
            add(text, "body-reserialised", "the body was parsed and printed anew; what was signed is \(name)", self.raw)
            add(
                text + [0x0A], "body-reserialised", "the body was parsed and printed anew; what was signed is \(name)",
                self.raw)
        }
        return all
    }

    private static let newline =
        "keep the body byte for byte; curl needs --data-binary, editors must not add a line break"

    private static func withoutReturns(_ body: [UInt8]) -> [UInt8] {
        body.indices.filter { body[$0] != 0x0D || $0 + 1 >= body.count || body[$0 + 1] != 0x0A }.map { body[$0] }
    }
}

/// JSON as the usual libraries print it.
enum JSONSpelling {
    static func all(of value: JSONValue) -> [(bytes: [UInt8], name: String)] {
        let ascii = JSONSpelling.Style(escapesNonASCII: true)
        let slashes = JSONSpelling.Style(escapesSlashes: true)
        let spaced = JSONSpelling.Style(comma: ", ", colon: ": ")
        let python = JSONSpelling.Style(comma: ", ", colon: ": ", escapesNonASCII: true)
        return [
            (Style().text(value), "compact JSON"), (Style(indent: 2).text(value), "JSON indented by two spaces"),
            (Style(indent: 4).text(value), "JSON indented by four spaces"),
            (spaced.text(value), "JSON with a space behind commas and colons"),
            (python.text(value), "JSON as Python prints it (spaces, \\u escapes)"),
            (ascii.text(value), "compact JSON with \\u escapes"),
            (slashes.text(value), "JSON with \\/ as PHP prints it"),
            (Style(escapesSlashes: true, escapesNonASCII: true).text(value), "JSON with \\/ and \\u escapes"),
            (Style().text(Self.sorted(value)), "compact JSON with sorted keys"),
            (spaced.text(Self.sorted(value)), "JSON with sorted keys and spaces"),
        ]
    }

    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items): .array(items.map(Self.sorted))
        case .object(let members):
            .object(
                members.map { .init($0.key, Self.sorted($0.value)) }.sorted {
                    $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
                })
        default: value
        }
    }

    private struct Style {
        var comma = ","
        var colon = ":"
        var indent: Int?
        var escapesSlashes = false
        var escapesNonASCII = false

        func text(_ value: JSONValue) -> [UInt8] {
            var output: [UInt8] = []
            self.write(value, level: 0, to: &output)
            return output
        }

        private func write(_ value: JSONValue, level: Int, to output: inout [UInt8]) {
            switch value {
            case .string(let text): output += self.string(text)
            case .array(let items):
                self.container("[", "]", items, level, to: &output) { self.write($0, level: level + 1, to: &$1) }
            case .object(let members):
                self.container("{", "}", members, level, to: &output) { member, output in
                    output += self.string(member.key) + (self.indent == nil ? self.colon : ": ").utf8
                    self.write(member.value, level: level + 1, to: &output)
                }
            case .null, .bool, .number: output += value.encoded()
            }
        }

        private func container<Item>(
            _ open: String, _ close: String, _ items: [Item], _ level: Int, to output: inout [UInt8],
            each: (Item, inout [UInt8]) -> Void
        ) {
            output += open.utf8
            for (place, item) in items.enumerated() {
                if place > 0 { output += (self.indent == nil ? self.comma : ",").utf8 }
                if let indent { output += [0x0A] + [UInt8](repeating: 0x20, count: indent * (level + 1)) }
                each(item, &output)
            }
            if let indent, !items.isEmpty { output += [0x0A] + [UInt8](repeating: 0x20, count: indent * level) }
            output += close.utf8
        }

        private func string(_ text: String) -> [UInt8] {
            var output: [UInt8] = []
            for byte in JSONValue.string(text).encoded() {
                if self.escapesSlashes, byte == UInt8(ascii: "/") { output.append(UInt8(ascii: "\\")) }
                output.append(byte)
            }
            guard self.escapesNonASCII else { return output }
            var escaped: [UInt8] = []
            for scalar in String(decoding: output, as: UTF8.self).unicodeScalars {
                if scalar.isASCII {
                    escaped.append(UInt8(scalar.value))
                } else {
                    for unit in String(scalar).utf16 {
                        let digits = String(unit, radix: 16)
                        escaped += "\\u".utf8
                        escaped += String(repeating: "0", count: 4 - digits.count).utf8
                        escaped += digits.utf8
                    }
                }
            }
            return escaped
        }
    }
}
