// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// What `transform:`, `filter:` and `when:` hold before a role is given to it.
struct ScriptUse: Sendable {
    let body: ScriptSpec.Body
    let mark: Mark
}

extension Shape {
    /// `file.lua#function`, or `{lua: code}`.
    static var script: Shape<ScriptUse> {
        Shape<ScriptUse>(
            "a script (file.lua#function)", example: "chat.lua#release_message",
            schema: [
                "anyOf": [
                    ["type": "string", "pattern": "^[^#]+\\.lua#[A-Za-z_][A-Za-z0-9_]*$"],
                    [
                        "type": "object", "properties": ["lua": ["type": "string"]], "required": ["lua"],
                        "additionalProperties": false,
                    ],
                ]
            ]
        ) { node, checker in
            if node.entries != nil {
                var draft = InlineScript()
                guard InlineScript.section.read(node, into: &draft, checker) else { return nil }
                return draft.use
            }
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let body = ScriptSpec.Body(reference: text) else {
                checker.report(
                    "route/script", at: node.at, "\"\(text)\" is no script",
                    hint: "file.lua#function, the file below scripts/")
                return nil
            }
            return ScriptUse(body: body, mark: node.at)
        }
    }

    /// One Lua expression.
    static var expression: Shape<ScriptUse> {
        Shape<ScriptUse>(
            "a Lua expression", example: "data.total_cents > 100", schema: ["type": ["string", "boolean", "number"]]
        ) {
            node, checker in
            guard let text = node.raw, node.scalar != .null else {
                checker.reportType(node, expected: "a Lua expression", example: "data.total_cents > 100")
                return nil
            }
            return ScriptUse(body: .expression(text), mark: node.codeMark)
        }
    }

    /// Lua statements.
    static var code: Shape<ScriptUse> {
        Shape<ScriptUse>("Lua code", example: "return event.data", schema: ["type": "string"]) { node, checker in
            guard case .string(let text) = node.scalar else {
                checker.reportType(node, expected: "Lua code", example: "return event.data")
                return nil
            }
            return ScriptUse(body: .inline(text), mark: node.codeMark)
        }
    }
}

/// `{lua: code}`.
struct InlineScript: Sendable {
    var use: ScriptUse?

    static let section = Section<InlineScript>(
        title: "an inline script", summary: "A few lines of Lua: a function body over event and ctx.",
        fields: [Field("lua", .code, \.use, isRequired: true, "The code.")])
}

extension ScriptSpec.Body {
    /// `file.lua#function`; the file is relative to `scripts/` and stays below it.
    init?(reference text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "#"), omittingEmptySubsequences: false)
        guard parts.count == 2, let name = String(parts[1]), let file = String(parts[0]), file.utf8.count > 4,
            file.hasSuffix(".lua"), Self.isIdentifier(name)
        else { return nil }
        let steps = file.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard steps.allSatisfy({ !$0.isEmpty && !$0.elementsEqual("..".utf8) && !$0.elementsEqual(".".utf8) }) else {
            return nil
        }
        self = .function(file: file, name: name)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, first < 0x30 || first > 0x39 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

/// Keys that choose and reshape, the same on routes, cases and targets.
struct Choice: Sendable {
    var match: Condition?
    var when: ScriptUse?
    var filter: ScriptUse?
    var transform: ScriptUse?
    var lua: ScriptUse?
    var output = OutputDraft()

    static let fields: [Field<Choice>] =
        [
            Field("match", .condition, \.match, "Conditions on paths, all of which must hold."),
            Field("when", .expression, \.when, "One Lua expression; runs only after match holds."),
            Field("filter", .script, \.filter, "A script that says true or false; runs only after match holds."),
            Field(
                "transform", .script, \.transform,
                "A script that gives the body to send; without one the body is sent as it came."),
            Field("lua", .code, \.lua, "The code of a transform, in place."),
        ] + OutputDraft.fields.map { $0.lifted(to: \.output) }

    /// `when` and `filter` as registered scripts.
    func scripts(_ checker: Checker) -> [ScriptID] {
        [self.when, self.filter].compactMap { $0.map { checker.script(.filter, $0.body, at: $0.mark) } }
    }

    func transform(_ node: YAMLNode, _ checker: Checker) -> ScriptID? {
        if let entry = node.entry(of: "lua"), let other = node.entry(of: "transform") {
            checker.report(
                "config/conflict", at: entry.key.at, "\"lua\" and \"transform\" exclude each other", hint: "keep one",
                notes: [Diagnostic.Note("transform stands here", at: other.key.at)])
        }
        return (self.transform ?? self.lua).map { checker.script(.transform, $0.body, at: $0.mark) }
    }
}
