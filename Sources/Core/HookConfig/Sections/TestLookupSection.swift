// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// What a peer answers in a test: `{status: 200, body: …}` while it is read.
struct LookupAnswerDraft: Sendable {
    var status = 200
    var body: JSONValue?

    static let section = Section<LookupAnswerDraft>(
        title: "an answer to a look-up", summary: "What the peer says.",
        fields: [
            Field("status", .integer(100...599, example: "200"), \.status, default: "200", "HTTP status."),
            Field("body", .json, \.body, "The body, written as YAML and answered as JSON."),
        ])
}

extension Shape {
    /// `404`, `refused`, `timeout`, or a map with status and body.
    static var lookupAnswer: Shape<LookupAnswer> {
        let section = LookupAnswerDraft.section
        return Shape<LookupAnswer>(
            "a status, refused, timeout, or {body: …}", example: "{body: {name: Ada}}",
            schema: ["anyOf": [["type": "integer"], ["enum": ["refused", "timeout"]], section.schema]],
            sections: [section.note]
        ) { node, checker in
            if node.entries != nil {
                var draft = LookupAnswerDraft()
                guard section.read(node, into: &draft, checker) else { return nil }
                return LookupJudge.answer(status: draft.status, body: draft.body?.encoded() ?? [])
            }
            switch node.raw {
            case "refused": return LookupJudge.unavailable("connection refused")
            case "timeout": return LookupJudge.unavailable("no answer in time")
            default:
                guard case .number(let text) = node.scalar, let status = Int(text), (100...599).contains(status) else {
                    checker.reportType(
                        node, expected: "a status, refused, timeout, or {body: …}", example: "{body: {name: Ada}}")
                    return nil
                }
                return LookupJudge.answer(status: status, body: [])
            }
        }
    }
}
