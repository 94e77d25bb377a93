// SPDX-License-Identifier: Apache-2.0
// `split:` of a route, and when its deliveries are due.

internal import HookCore
internal import YAMLBridge

/// `split: {path: …}` while it is read.
struct SplitDraft: Sendable {
    var path: FieldPath?
    var parent: String?

    /// The member that `parent: true` stands for.
    static let parentName = "parent"

    static let section = Section<SplitDraft>(
        title: "a split", summary: "One event becomes many parts; what follows match sees each part by itself.",
        fields: [
            Field("path", .dataPath, \.path, isRequired: true, "The list whose elements are the parts."),
            Field(
                "parent", .parentName, \.parent, default: "false",
                "Whether each part also sees the data around the list: true puts it at data.parent, a name elsewhere."),
        ])
}

extension Shape {
    /// `data.items`, or a map.
    static var split: Shape<SplitSpec> {
        let section = SplitDraft.section
        return Shape<SplitSpec>(
            "a path below data, or a map", example: "data.items",
            schema: ["anyOf": [["type": "string"], section.schema]], sections: [section.note]
        ) { node, checker in
            var draft = SplitDraft()
            if node.entries != nil {
                guard section.read(node, into: &draft, checker) else { return nil }
            } else {
                draft.path = Shape<FieldPath>.dataPath.read(node, checker)
            }
            guard let path = draft.path else { return nil }
            if path.keys.isEmpty, draft.parent.map({ !$0.isEmpty }) ?? false {
                checker.report(
                    "config/conflict", at: node.value(of: "parent")?.at ?? node.at,
                    "the data itself is the list: there is nothing around it", hint: "remove parent")
                return nil
            }
            return SplitSpec(keys: path.keys, parent: draft.parent.flatMap { $0.isEmpty ? nil : $0 }, mark: node.at)
        }
    }

    /// `true`, `false`, or the name of a member; no text for false.
    fileprivate static var parentName: Shape<String> {
        Shape<String>(
            "true, false or the name of a member", example: "true",
            schema: ["anyOf": [["type": "boolean"], ["type": "string", "minLength": 1]]]
        ) { node, checker in
            switch node.scalar {
            case .bool(let isWanted): return isWanted ? SplitDraft.parentName : ""
            case .string(let text) where !text.isEmpty: return text
            default:
                checker.reportType(node, expected: "true, false or the name of a member", example: "true")
                return nil
            }
        }
    }

    /// A path below the event's data.
    static var dataPath: Shape<FieldPath> {
        Shape<FieldPath>("a path below data", example: "data.items", schema: ["type": "string"]) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            do throws(PathFailure) {
                let path = try PathParser.path(text)
                guard path.root == .data else {
                    throw PathFailure(
                        message: "\"\(text)\" is no path below data", hint: "for example data.items", culprit: text)
                }
                return path
            } catch {
                checker.report("match/path", error, in: node)
                return nil
            }
        }
    }
}

/// `deliver_after:` and `deliver_at:`, the same on routes and targets.
struct DueDraft: Sendable {
    var after: Duration?
    var at: FieldPath?

    static let fields: [Field<DueDraft>] = [
        Field(
            "deliver_after", .duration(.zero...DueSpec.farthest), \.after, default: "0s",
            "Wait before the first attempt, from the time at which the event was accepted."),
        Field(
            "deliver_at", .dataPath, \.at,
            "Path of the time of the first attempt (RFC 3339 or Unix seconds, at most 90 days off; past: at once)."),
    ]

    func spec(_ node: YAMLNode, _ checker: Checker) -> DueSpec? {
        if let entry = node.entry(of: "deliver_at"), let other = node.entry(of: "deliver_after") {
            checker.report(
                "config/conflict", at: entry.key.at, "\"deliver_at\" and \"deliver_after\" exclude each other",
                hint: "keep one", notes: [Diagnostic.Note("deliver_after stands here", at: other.key.at)])
        }
        return self.at.map { .at($0) } ?? self.after.map { .after($0) }
    }
}

extension RouteSpec.Targets {
    /// Targets that do not say when they are due take the route's word.
    func due(_ due: DueSpec?) -> Self {
        guard let due else { return self }
        func scheduled(_ targets: [TargetSpec]) -> [TargetSpec] {
            targets.map { target in
                var target = target
                target.due = target.due ?? due
                return target
            }
        }
        switch self {
        case .list(let targets): return .list(scheduled(targets))
        case .cases(let cases):
            return .cases(
                cases.map { one in
                    var one = one
                    one.targets = scheduled(one.targets)
                    return one
                })
        }
    }
}
