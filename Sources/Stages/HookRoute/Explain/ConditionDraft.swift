// SPDX-License-Identifier: Apache-2.0
// Conditions taken apart for explaining: each part is compiled by itself, by the same compiler that compiles routes, so
// that an explanation cannot disagree with the table.

import HookCore

/// One row of an explanation before the event is known.
struct ConditionDraft {
    enum Got {
        case values(path: UInt32)
        case text(String)
        case nothing
    }

    let path: String
    let op: String
    let want: JSONValue
    let got: Got
    let mark: Mark?
    let condition: UInt32
    var parts: [ConditionDraft] = []

    /// The rows of a condition; the parts of an `and` are rows of their own.
    static func rows(of condition: Condition, _ builder: inout ProgramBuilder) -> [ConditionDraft] {
        switch condition {
        case .and(let parts): return parts.flatMap { self.rows(of: $0, &builder) }
        case .or(let parts):
            return [self.group("any_of", condition, parts.flatMap { self.rows(of: $0, &builder) }, &builder)]
        case .not(let part): return [self.group("not", condition, self.rows(of: part, &builder), &builder)]
        case .field(let path, .allOf(let tests), let mark):
            return tests.flatMap { self.rows(of: .field(path, $0, mark), &builder) }
        case .field(let path, let test, let mark):
            let (op, want) = ConditionText.operation(test)
            let number = builder.path(path)
            return [
                ConditionDraft(
                    path: path.description, op: op, want: want, got: .values(path: number), mark: mark,
                    condition: builder.condition(condition))
            ]
        }
    }

    private static func group(
        _ op: String, _ condition: Condition, _ parts: [ConditionDraft], _ builder: inout ProgramBuilder
    ) -> ConditionDraft {
        ConditionDraft(
            path: "", op: op, want: ConditionText.map(condition)[op] ?? .null, got: .nothing, mark: nil,
            condition: builder.condition(condition), parts: parts)
    }

    /// The rows of everything that a route asks before its scripts.
    static func rows(of route: RouteSpec, for event: Event, _ builder: inout ProgramBuilder) -> [ConditionDraft] {
        var rows: [ConditionDraft] = []
        if !route.events.isEmpty {
            let patterns = route.events.map { JSONValue.string($0.description) }
            rows.append(
                ConditionDraft(
                    path: "event", op: patterns.count == 1 ? "eq" : "in",
                    want: patterns.count == 1 ? patterns[0] : .array(patterns),
                    got: .text(EventPattern(type: event.type, version: event.version).description), mark: route.mark,
                    condition: builder.condition(.or(route.events.map(\.condition)))))
        }
        if !route.sources.isEmpty {
            let tests = route.sources.map { ValueTest.equals(.string($0.text)) }
            rows += self.rows(
                of: .field(FieldPath(.source), tests.count == 1 ? tests[0] : .anyOf(tests), route.mark), &builder)
        }
        if let match = route.match { rows += self.rows(of: match, &builder) }
        return rows
    }

    // MARK: With the event

    func explained(_ reading: inout EventReading, _ program: Program) -> ConditionExplanation {
        let got: JSONValue? =
            switch self.got {
            case .values(let path): reading.values(of: path)
            case .text(let text): .string(text)
            case .nothing: nil
            }
        return ConditionExplanation(
            path: self.path, op: self.op, want: self.want, got: got, isMet: reading.holds(self.condition, program),
            mark: self.mark, parts: self.parts.map { $0.explained(&reading, program) }, script: nil)
    }
}

extension EventReading {
    /// Values shown of one path; more would not help.
    private static let shownMax = 8
    /// Bytes shown of one string.
    private static let shownBytesMax = 256

    /// What a path reaches, for people: one value, or a list. Nil: nothing.
    func values(of path: UInt32) -> JSONValue? {
        let reach = self.reaches[Int(path)]
        guard reach.isReached else { return nil }
        var values: [JSONValue] = []
        var at = reach.leaves
        while at >= 0 {
            values.append(self.shown(self.leaves[Int(at)]))
            at = self.leaves[Int(at)].next
        }
        if values.count == 1, reach.arrays < 0 { return values[0] }
        // Values are linked from the last to the first. The walk of the body begins at the end, so that they come out
        // in order there; headers and parameters were read from the beginning.
        if reach.leaves >= 0, self.leaves[Int(reach.leaves)].node < 0 { values.reverse() }
        return .array(Array(values.prefix(Self.shownMax)))
    }

    private func shown(_ leaf: Leaf) -> JSONValue {
        switch leaf.kind {
        case .null: return .null
        case .false: return .bool(false)
        case .true: return .bool(true)
        case .number: return .number(String(decoding: self.source(of: leaf)[leaf.range], as: UTF8.self))
        case .string:
            let bytes = self.source(of: leaf)[leaf.range]
            let text = String(decoding: bytes.prefix(Self.shownBytesMax), as: UTF8.self)
            return .string(bytes.count > Self.shownBytesMax ? text + "…" : text)
        case .object, .array:
            return .string("an object of \(self.nodes[Int(leaf.node)].count) members")
        }
    }
}
