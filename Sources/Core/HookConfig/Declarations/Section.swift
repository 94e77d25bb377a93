// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A map with declared keys.
struct Section<Target>: Sendable {
    /// With its article: `a destination`.
    let title: String
    let summary: String
    let fields: [Field<Target>]
    /// Of the fields, in their order.
    private let keys: [String]

    init(title: String, summary: String, fields: [Field<Target>]) {
        self.title = title
        self.summary = summary
        self.fields = fields
        self.keys = fields.map(\.note.key)
    }

    var note: SectionNote {
        SectionNote(title: self.title, summary: self.summary, fields: self.fields.map(\.note))
    }

    /// Reads every declared key that is there, in the order of declaration (a later field may rest on an earlier one).
    ///
    /// - Returns: false where the node is no map or lacks a required key; all of it is reported.
    func read(_ node: YAMLNode, into target: inout Target, _ checker: Checker) -> Bool {
        guard let entries = checker.entries(of: node, expected: "\(self.title) (a map)") else { return false }
        let known = self.keys
        for (key, entry) in entries where !known.contains(key) && !key.utf8.starts(with: "x-".utf8) {
            self.reportUnknown(key, entry, known: known, checker)
        }
        var isComplete = true
        for (field, key) in zip(self.fields, known) {
            if let entry = entries.first(where: { $0.key == key })?.entry {
                field.apply(entry, &target, checker)
            } else if field.note.isRequired {
                isComplete = false
                checker.report(
                    "config/missing-key", at: node.at, "\(self.title) needs the key \"\(field.note.key)\"",
                    hint: "\(field.note.key): \(field.note.expects)")
            }
        }
        return isComplete
    }

    private func reportUnknown(_ key: String, _ entry: YAMLNode.Entry, known: [String], _ checker: Checker) {
        // YAML 1.1 tools read `on` as true, hence the other word.
        let near = key == "on" && known.contains("event") ? "event" : NearestName.to(key, among: known)
        let instead =
            key == "<<"
            ? "merge keys are not part of YAML 1.2; repeat the keys, or use a policy with extends"
            : "known keys: \(known.joined(separator: ", "))"
        checker.report(
            "config/unknown-key", at: entry.key.at, "\(self.title) has no key \"\(key)\"", near: near, instead: instead)
    }

    /// JSON Schema of the map.
    var schema: JSONValue {
        let properties = self.fields.map { field in
            JSONValue.Member(field.note.key, Self.described(field))
        }
        var members: [JSONValue.Member] = [
            .init("type", "object"), .init("properties", .object(properties)),
            .init("patternProperties", ["^x-": true]), .init("additionalProperties", false),
        ]
        let required = self.fields.filter(\.note.isRequired).map { JSONValue.string($0.note.key) }
        if !required.isEmpty { members.append(.init("required", .array(required))) }
        return .object(members)
    }

    private static func described(_ field: Field<Target>) -> JSONValue {
        var text = field.note.summary
        if let value = field.note.defaultText { text += " Default: \(value)." }
        if let range = field.note.range { text += " Range: \(range)." }
        switch field.note.status {
        case .works: break
        case .noEffectYet: text += " No effect in this version."
        case .notYet: text += " Not in this version."
        }
        guard case .object(let members) = field.schema else { return ["description": .string(text)] }
        // Draft-07 ignores what stands beside `$ref`, so a reference goes one level down.
        if members.contains(where: { $0.key == "$ref" }) {
            return ["description": .string(text), "allOf": [field.schema]]
        }
        return .object([.init("description", .string(text))] + members)
    }
}
