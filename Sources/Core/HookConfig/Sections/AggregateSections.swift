// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// `aggregate:` while it is read.
struct AggregateDraft: Sendable {
    var key: [FieldPath] = []
    var onMissing = AggregateSpec.OnMissing.hold
    var close = WindowClose()
    var script: ScriptUse?
    var builtIn: AggregateSpec.Function?

    static let section = Section<AggregateDraft>(
        title: "an aggregation", summary: "Collects events with one key and makes one of them.",
        fields: [
            Field(
                "key", .oneOrMore(.path), \.key, isRequired: true,
                "Path whose value groups events, or several: text, a number, a boolean or null."),
            Field(
                "on_missing", .word, \.onMissing, default: "hold",
                "What happens to an event without the key: it is held, or dropped."),
            Field(
                "close", .section(CloseDraft.section, from: WindowClose()), \.close, isRequired: true,
                "When a window closes: whichever comes first."),
            Field(
                "script", .script, \.script,
                "A function over the list of events, f(events, ctx): a body, or drop(reason)."),
            Field(
                "with", .builtInAggregate, \.builtIn,
                "Instead of a script: collect, last, count, or sum with the path of the numbers."),
        ])

    static func read(_ node: YAMLNode, _ checker: Checker) -> AggregateSpec? {
        var draft = AggregateDraft()
        guard Self.section.read(node, into: &draft, checker), !draft.key.isEmpty else { return nil }
        let (script, with) = (node.entry(of: "script"), node.entry(of: "with"))
        switch (script, with) {
        case (let script?, let with?):
            checker.report(
                "config/conflict", at: with.key.at, "\"script\" and \"with\" exclude each other", hint: "keep one",
                notes: [Diagnostic.Note("script stands here", at: script.key.at)])
        case (nil, nil):
            checker.report(
                "config/missing-key", at: node.at, "an aggregation needs the key \"script\", or \"with\"",
                hint: "script: FILE.lua#FUNCTION, or with: collect")
        default: break
        }
        checker.checkClose(draft.close, node)
        guard
            let function = draft.script.map({
                AggregateSpec.Function.script(checker.script(.aggregate, $0.body, at: $0.mark))
            }) ?? draft.builtIn
        else { return nil }
        var spec = AggregateSpec(mark: node.at, key: draft.key, close: draft.close, function: function)
        spec.onMissing = draft.onMissing
        return spec
    }
}

/// `close:` while it is read.
enum CloseDraft {
    private static let lifetimes: ClosedRange<Duration> = .milliseconds(100)...WindowClose.lifetimeMax

    static let section = Section<WindowClose>(
        title: "the end of a window", summary: "When a window closes: whichever comes first.",
        fields: [
            Field("idle", .duration(Self.lifetimes), \.idle, "Nothing came for so long."),
            Field("after", .duration(Self.lifetimes), \.after, "So long after the first."),
            Field("count", .integer(1...WindowClose.countMax, example: "500"), \.count, "So many events."),
            Field("bytes", .bytes(1...WindowClose.bytesMax), \.bytes, "So many bytes of data."),
        ])
}

extension Checker {
    fileprivate func checkClose(_ close: WindowClose, _ node: YAMLNode) {
        guard let entry = node.entry(of: "close"), entry.value.entries != nil else { return }
        if close == WindowClose() {
            if entry.value.entries?.isEmpty == true {
                self.report(
                    "route/window-never-closes", at: entry.key.at, "the window has no end",
                    hint: "close: {after: 10m}, with idle, count or bytes as you like")
            }
        } else if close.idle == nil && close.after == nil {
            self.report(
                "route/window-never-closes", .warning, at: entry.key.at,
                "a window with few events stays open for 30 days",
                hint: "add after: or idle: beside count and bytes")
        }
    }
}

extension Shape {
    static var aggregate: Shape<AggregateSpec> {
        let section = AggregateDraft.section
        return Shape<AggregateSpec>(section.title, example: "", schema: section.schema, sections: [section.note]) {
            node, checker in
            AggregateDraft.read(node, checker)
        }
    }

    /// `data.customer_id`
    static var path: Shape<FieldPath> {
        Shape<FieldPath>("a path", example: "data.customer_id", schema: ["type": "string"]) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            do throws(PathFailure) {
                return try PathParser.path(text)
            } catch {
                checker.report("match/path", at: node.at, error.message, hint: error.hint)
                return nil
            }
        }
    }

    /// `collect`, `last`, `count`, `{sum: data.total}`.
    static var builtInAggregate: Shape<AggregateSpec.Function> {
        let words = ["collect", "last", "count"]
        let sum = Shape<[FieldPath]>.oneOrMore(.path)
        return Shape<AggregateSpec.Function>(
            "collect, last, count, or {sum: PATH}", example: "collect",
            schema: [
                "anyOf": [
                    ["enum": .array(words.map { .string($0) })],
                    [
                        "type": "object", "properties": ["sum": sum.schema], "required": ["sum"],
                        "additionalProperties": false,
                    ],
                ]
            ]
        ) { node, checker in
            if let entry = node.entry(of: "sum"), node.entries?.count == 1 {
                return sum.read(entry.value, checker).map { .sum($0) }
            }
            switch node.raw {
            case "collect": return .collect
            case "last": return .last
            case "count": return .count
            default:
                let near = node.raw.flatMap { NearestName.to($0, among: words) }
                checker.report(
                    "config/type", at: node.at, "expected collect, last, count, or {sum: PATH}, found \(node.found)",
                    near: near, instead: node.raw == "sum" ? "say what: {sum: data.total}" : nil)
                return nil
            }
        }
    }
}
