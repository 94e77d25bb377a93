// SPDX-License-Identifier: Apache-2.0
// A shape is one kind of value that a file may hold, said once: how it is read, how it is described to people, and how
// to editors (JSON Schema). Fields are made of shapes, sections of fields.

internal import HookCore
internal import YAMLBridge

/// One kind of value: reads a node and knows how to describe itself.
struct Shape<Value>: Sendable {
    /// For "expected …, found …": `a duration`.
    let expects: String
    let example: String
    /// `1ms to 10m`; nil where everything of the kind is accepted.
    var range: String?
    private let makeSchema: @Sendable () -> JSONValue
    private let makeSections: @Sendable () -> [SectionNote]
    /// The value, or nil after a finding was reported.
    let read: @Sendable (YAMLNode, Checker) -> Value?

    init(
        _ expects: String, example: String, range: String? = nil,
        schema: @autoclosure @escaping @Sendable () -> JSONValue,
        sections: @autoclosure @escaping @Sendable () -> [SectionNote] = [],
        read: @escaping @Sendable (YAMLNode, Checker) -> Value?
    ) {
        self.expects = expects
        self.example = example
        self.range = range
        self.makeSchema = schema
        self.makeSections = sections
        self.read = read
    }

    /// JSON Schema draft-07 of the value. Made when asked for: reading a file never needs it.
    var schema: JSONValue { self.makeSchema() }
    /// Sections inside, for the manual.
    var sections: [SectionNote] { self.makeSections() }

    /// A shape over the text of a scalar; `parse` gives nil for text that is none of the kind.
    static func parsed(
        _ expects: String, example: String, range: String? = nil, pattern: String, json: JSONValue = "string",
        parse: @escaping @Sendable (String) -> Value?
    ) -> Shape {
        Shape(
            expects, example: example, range: range, schema: ["type": json, "pattern": .string(pattern)]
        ) { node, checker in
            guard let text = node.raw, let value = parse(text) else {
                checker.reportType(node, expected: expects, example: example)
                return nil
            }
            return value
        }
    }

    /// The same kind with a bound on its values.
    func limited(
        to range: String, where isInside: @escaping @Sendable (Value) -> Bool
    ) -> Shape {
        let read = self.read
        return Shape(
            self.expects, example: self.example, range: range, schema: self.schema, sections: self.sections
        ) { node, checker in
            guard let value = read(node, checker) else { return nil }
            guard isInside(value) else {
                checker.report(
                    "config/range", at: node.at, "\(node.raw ?? "this") is out of range", hint: "use \(range)")
                return nil
            }
            return value
        }
    }

    func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Shape<Other> {
        let read = self.read
        return Shape<Other>(
            self.expects, example: self.example, range: self.range, schema: self.schema, sections: self.sections
        ) { node, checker in read(node, checker).map(transform) }
    }
}

/// Shapes of one scalar.
extension Shape {
    /// Text that means nothing to the reader. A number or truth value must be quoted, so that nothing is text by
    /// accident.
    static var text: Shape<String> {
        Shape<String>("text", example: "\"some text\"", schema: ["type": "string"]) { node, checker in
            checker.warnIfAmbiguous(node)
            guard case .string(let text) = node.scalar else {
                let quoted = node.raw.map { "write \"\($0)\" with quotes" }
                checker.report(
                    "config/type", at: node.at, "expected text, found \(node.found)",
                    hint: node.raw == "" ? nil : quoted)
                return nil
            }
            return text
        }
    }

    /// Text where a bare number is plain enough: header values, version labels.
    static var looseText: Shape<String> {
        Shape<String>("text", example: "\"some text\"", schema: ["type": ["string", "number", "boolean"]]) {
            node, checker in
            checker.warnIfAmbiguous(node)
            guard let text = node.raw, node.scalar != .null else {
                checker.reportType(node, expected: "text", example: "\"some text\"")
                return nil
            }
            return text
        }
    }

    static var boolean: Shape<Bool> {
        Shape<Bool>("true or false", example: "true", schema: ["type": "boolean"]) { node, checker in
            guard case .bool(let value) = node.scalar else {
                checker.reportType(node, expected: "true or false", example: "true")
                return nil
            }
            return value
        }
    }

    static func integer(_ range: ClosedRange<Int>, example: String? = nil) -> Shape<Int> {
        let schema: JSONValue = [
            "type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound),
        ]
        let sample = example ?? "\(range.lowerBound)"
        return Shape<Int>("a whole number", example: sample, schema: schema) { node, checker in
            guard case .number(let text) = node.scalar, let value = Int(text) else {
                checker.reportType(node, expected: "a whole number", example: sample)
                return nil
            }
            return value
        }.limited(to: "\(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
    }

    /// `10s`, `5m`.
    static func duration(_ range: ClosedRange<Duration>) -> Shape<Duration> {
        Shape<Duration>.parsed(
            "a duration with its unit (ms, s, m, h, d)", example: "10s", pattern: "^[0-9]+(ms|s|m|h|d)$",
            parse: Units.duration
        ).limited(to: "\(Units.text(range.lowerBound)) to \(Units.text(range.upperBound))") { range.contains($0) }
    }

    /// `1MiB`, `512KiB`.
    static func bytes(_ range: ClosedRange<Int>) -> Shape<Int> {
        Shape<Int>.parsed(
            "a size with its unit (B, KiB, MiB, GiB)", example: "1MiB", pattern: "^[0-9]+(B|KiB|MiB|GiB|kB|KB|MB|GB)$",
            parse: Units.bytes
        ).limited(to: "\(Units.text(bytes: range.lowerBound)) to \(Units.text(bytes: range.upperBound))") {
            range.contains($0)
        }
    }

    /// One word of a closed set.
    static func choice(_ words: [String]) -> Shape<String> {
        let list = words.joined(separator: ", ")
        return Shape<String>(
            "one of \(list)", example: words.first ?? "", schema: ["enum": .array(words.map { .string($0) })]
        ) { node, checker in
            if let text = node.raw, words.contains(text) { return text }
            let near = node.raw.flatMap { NearestName.to($0, among: words) }
            checker.report(
                "config/type", at: node.at, "expected one of \(list), found \(node.found)", near: near)
            return nil
        }
    }
}

extension Shape where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    /// The words of an enumeration.
    static var word: Shape<Value> {
        let words = Shape<String>.choice(Value.allCases.map(\.rawValue))
        return Shape(words.expects, example: words.example, schema: words.schema) { node, checker in
            words.read(node, checker).flatMap { Value(rawValue: $0) }
        }
    }
}
