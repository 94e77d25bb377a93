// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// Reads text with holes: `/orders/{data.region}`; `{{` and `}}` stand for braces.
enum TemplateParser {
    static func template(_ bytes: some Collection<UInt8>) throws(PathFailure) -> Template {
        var parts: [Template.Part] = []
        var literal: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "{") where rest.first != byte:
                let end = self.endOfHole(rest)
                guard let end else {
                    throw PathFailure(
                        message: "a brace is not closed", hint: "write {{ for a brace",
                        culprit: "{" + String(decoding: rest, as: UTF8.self))
                }
                if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
                literal = []
                let hole = String(decoding: rest[..<end], as: UTF8.self)
                do throws(PathFailure) {
                    parts.append(.field(try PathParser.path(hole)))
                } catch {
                    throw PathFailure(
                        message: error.message, hint: error.hint,
                        culprit: error.replacement == nil ? hole : error.culprit,
                        replacement: error.replacement)
                }
                rest = rest[(end + 1)...]
            case UInt8(ascii: "{"), UInt8(ascii: "}"):
                guard rest.popFirst() == byte else {
                    throw PathFailure(message: "a brace is closed that was not opened", hint: "write }} for a brace")
                }
                literal.append(byte)
            case 0x0D, 0x0A, 0:
                throw PathFailure(message: "the text holds a line break or NUL", hint: "write it on one line")
            default: literal.append(byte)
            }
        }
        if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
        return Template(parts: parts)
    }

    /// The closing brace, quoted keys skipped.
    private static func endOfHole(_ bytes: ArraySlice<UInt8>) -> Int? {
        var isQuoted = false
        for place in bytes.indices {
            if bytes[place] == UInt8(ascii: "\"") { isQuoted.toggle() }
            if bytes[place] == UInt8(ascii: "}") && !isQuoted { return place }
        }
        return nil
    }
}

extension Shape {
    static var template: Shape<Template> {
        Shape<Template>(
            "text, with {path} for a value of the event", example: "\"order {data.id}\"",
            schema: ["type": ["string", "number", "boolean"]]
        ) { node, checker in
            guard let text = Shape<String>.looseText.read(node, checker) else { return nil }
            do throws(PathFailure) {
                return try TemplateParser.template(text.utf8)
            } catch {
                checker.report("template/syntax", error, in: node)
                return nil
            }
        }
    }
}
