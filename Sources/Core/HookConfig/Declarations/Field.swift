// SPDX-License-Identifier: Apache-2.0
// A field is one key of a section, declared once. The parser, the checker, `hookswitch help`, the JSON Schema and the
// manual are all made from the declarations.

internal import HookCore
internal import YAMLBridge

/// What people and editors are told about a field.
package struct FieldNote: Sendable {
    package enum Status: String, Sendable {
        case works
        /// Accepted and checked in shape; has no effect in this version.
        case noEffectYet
        /// Refused in this version, since ignoring it would change what is delivered.
        case notYet
    }

    package let key: String
    /// `a duration with its unit (ms, s, m, h, d)`.
    package let expects: String
    package let range: String?
    package let defaultText: String?
    package let summary: String
    package let since: String
    package let isRequired: Bool
    /// Takes the name of a secret, never its value.
    package let takesSecret: Bool
    package let status: Status
    package let sections: [SectionNote]
}

/// A section as people are told about it.
package struct SectionNote: Sendable {
    package let title: String
    package let summary: String
    package let fields: [FieldNote]
}

/// One key of a section: its note and how its value enters the target.
struct Field<Target>: Sendable {
    let note: FieldNote
    private let shapeSchema: @Sendable () -> JSONValue
    let apply: @Sendable (YAMLNode.Entry, inout Target, Checker) -> Void

    init<Value>(
        _ key: String, _ shape: Shape<Value>, default defaultText: String? = nil, isRequired: Bool = false,
        status: FieldNote.Status = .works, _ summary: String, set: @escaping @Sendable (inout Target, Value) -> Void
    ) {
        self.note = FieldNote(
            key: key, expects: shape.expects, range: shape.range, defaultText: defaultText, summary: summary,
            since: "0.1",
            isRequired: isRequired, takesSecret: shape.expects.contains("the name of a secret"), status: status,
            sections: shape.sections)
        self.shapeSchema = { shape.schema }
        self.apply = { entry, target, checker in
            checker.reportNotYet(key, status, at: entry.key.at)
            if let value = shape.read(entry.value, checker) { set(&target, value) }
        }
    }

    init<Value>(
        _ key: String, _ shape: Shape<Value>, _ path: any WritableKeyPath<Target, Value> & Sendable,
        default defaultText: String? = nil, isRequired: Bool = false, _ summary: String
    ) {
        self.init(key, shape, default: defaultText, isRequired: isRequired, summary) { $0[keyPath: path] = $1 }
    }

    init<Value>(
        _ key: String, _ shape: Shape<Value>, _ path: any WritableKeyPath<Target, Value?> & Sendable,
        default defaultText: String? = nil, isRequired: Bool = false, _ summary: String
    ) {
        self.init(key, shape, default: defaultText, isRequired: isRequired, summary) { $0[keyPath: path] = $1 }
    }

    var schema: JSONValue { self.shapeSchema() }

    private init(
        note: FieldNote, schema: @escaping @Sendable () -> JSONValue,
        apply: @escaping @Sendable (YAMLNode.Entry, inout Target, Checker) -> Void
    ) {
        self.note = note
        self.shapeSchema = schema
        self.apply = apply
    }

    /// A field of a later version: declared, checked in shape, and reported where it is used.
    static func later<Value>(
        _ key: String, _ shape: Shape<Value>, _ status: FieldNote.Status, _ summary: String
    ) -> Field {
        Field(key, shape, status: status, summary) { _, _ in }
    }

    /// The same field of something that holds the target.
    func lifted<Outer>(to path: any WritableKeyPath<Outer, Target> & Sendable) -> Field<Outer> {
        let apply = self.apply
        return Field<Outer>(note: self.note, schema: self.shapeSchema) { entry, outer, checker in
            apply(entry, &outer[keyPath: path], checker)
        }
    }
}

extension Checker {
    func reportNotYet(_ what: String, _ status: FieldNote.Status, at mark: Mark) {
        switch status {
        case .works: break
        case .noEffectYet:
            self.report(
                "config/not-yet", .warning, at: mark, "\"\(what)\" has no effect in this version",
                hint: "it is checked and kept")
        case .notYet:
            self.report(
                "config/not-yet", at: mark, "\"\(what)\" is not in this version",
                hint: "remove it, or wait for the version that has it")
        }
    }
}
