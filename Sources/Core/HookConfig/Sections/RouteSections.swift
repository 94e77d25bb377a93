// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A `routes:` entry while it is read.
struct RouteDraft: Sendable {
    var isEnabled = true
    var events: [EventPattern] = []
    var sources: [SourceName] = []
    var choice = Choice()
    var to: [TargetSpec]?
    var cases: [CaseSpec]?
    var onError = RouteSpec.OnError.hold
    var emit: EmitSpec?
    var split: SplitSpec?
    var enrich: [EnrichSpec] = []
    var due = DueDraft()
    var aggregate: AggregateSpec?

    static let section = Section<RouteDraft>(
        title: "a route", summary: "Which events go where, and how they are reshaped. Every route that matches fires.",
        fields: [
            Field("enabled", .boolean, \.isEnabled, default: "true", "Whether the route takes part."),
            Field(
                "event", .oneOrMore(.eventPattern), \.events, default: "every event",
                "Event types, with * for any characters and @ for a version."),
            Field(
                "source", .oneOrMore(.reference(.sources, code: "route/unknown-source").map { SourceName($0) }),
                \.sources,
                default: "every source", "Sources that the event may come from."),
            Field(
                "split", .split, \.split,
                "A list in the data: each element goes its own way through all that follows match."),
            Field(
                "enrich", .enrichments, \.enrich,
                "Rows and answers put into the data, in this order, behind match and split."),
        ] + Choice.fields.map { $0.lifted(to: \.choice) } + [
            Field("to", .targets, \.to, "Destinations: a name, a map, or a list of them."),
            Field("switch", .cases, \.cases, "An ordered list of cases; the first that holds fires."),
            Field(
                "on_error", .word, \.onError, default: "hold",
                "What a failing script does: hold the event, drop it, or pass the original."),
            Field("description", .text, "Free text for people.") { _, _ in },
            .later("renamed_from", .text, .noEffectYet, "Its name before; counters move along."),
            Field(
                "aggregate", .aggregate, \.aggregate,
                "Collects events with one key, and makes one of them; to and emit are for that one."),
            Field(
                "emit", .emission, \.emit,
                "Type of a new event: the result of the transform is its data, and it is routed again."),
            .later("batch", .anything, .notYet, "Several events in one delivery."),
        ] + DueDraft.fields.map { $0.lifted(to: \.due) })

    static func read(_ name: String, _ entry: YAMLNode.Entry, _ checker: Checker) -> RouteSpec? {
        var draft = RouteDraft()
        let node = entry.value
        guard Self.section.read(node, into: &draft, checker) else { return nil }
        let transform = draft.choice.transform(node, checker)
        if let to = node.entry(of: "to"), let cases = node.entry(of: "switch") {
            checker.report(
                "config/conflict", at: cases.key.at, "\"to\" and \"switch\" exclude each other",
                hint: "put the target into a case",
                notes: [Diagnostic.Note("to stands here", at: to.key.at)])
        }
        if node.entry(of: "to") == nil && node.entry(of: "switch") == nil && node.entry(of: "emit") == nil {
            checker.report("route/no-target", at: entry.key.at, "the route goes nowhere", hint: "to: DESTINATION")
        }
        checkTypeConditions(draft, checker)
        var route = RouteSpec(
            name: RouteName(name), mark: entry.key.at, targets: draft.cases.map { .cases($0) } ?? .list(draft.to ?? []))
        route.targets.put(behind: draft.choice.output.spec(checker))
        route.isEnabled = draft.isEnabled
        route.events = draft.events
        route.sources = draft.sources
        route.match = draft.choice.match
        route.scripts = draft.choice.scripts(checker)
        route.transform = transform
        route.onError = draft.onError
        route.emit = draft.emit
        route.split = draft.split
        route.enrich = draft.enrich
        route.targets = route.targets.due(draft.due.spec(node, checker))
        route.aggregate = draft.aggregate
        return route
    }

    /// `match: {source: x}` beside an unknown source can never hold.
    private static func checkTypeConditions(_ draft: RouteDraft, _ checker: Checker) {
        guard checker.names.isComplete, let match = draft.choice.match else { return }
        let parts = if case .and(let all) = match { all } else { [match] }
        for case .field(let path, .equals(.string(let name)), let mark) in parts where path.root == .source {
            if !checker.names.contains(name, .sources) {
                checker.report(
                    "match/never", .warning, at: mark, "no source is called \"\(name)\"",
                    hint: "events have a declared source")
            }
        }
    }
}

/// An entry of `to:` while it is read.
struct TargetDraft: Sendable {
    var destination: DestinationName?
    var audience: Audience?
    var choice = Choice()
    var due = DueDraft()

    static let section = Section<TargetDraft>(
        title: "a target", summary: "One destination of a route, with conditions and a transform of its own.",
        fields: [
            Field("destination", .destination, \.destination, "Name of the destination."),
            Field(
                "subscribers", .audience, \.audience,
                "Subscribers that get the event, each at the version that it pinned: all, or names."),
        ] + Choice.fields.map { $0.lifted(to: \.choice) } + DueDraft.fields.map { $0.lifted(to: \.due) })

    static func read(_ node: YAMLNode, _ checker: Checker) -> TargetSpec? {
        if node.entries == nil {
            return Shape<DestinationName>.destination.read(node, checker).map {
                TargetSpec(destination: $0, mark: node.at)
            }
        }
        var draft = TargetDraft()
        guard Self.section.read(node, into: &draft, checker) else { return nil }
        let transform = draft.choice.transform(node, checker)
        guard let named = draft.named(node, checker) else { return nil }
        var target = named
        target.match = draft.choice.match
        target.scripts = draft.choice.scripts(checker)
        target.transform = transform
        target.output = draft.choice.output.spec(checker)
        target.due = draft.due.spec(node, checker)
        return target
    }
}

/// An entry of `switch:` while it is read.
struct CaseDraft: Sendable {
    var name: String?
    var isElse = false
    var choice = Choice()
    var to: [TargetSpec] = []

    static let section = Section<CaseDraft>(
        title: "a case", summary: "Part of a switch: conditions and where to go when they hold.",
        fields: [
            Field("case", .name, \.name, default: "its place in the list", "Name of the case, for people and metrics."),
            Field("else", .boolean, \.isElse, default: "false", "Holds always; comes last."),
        ] + Choice.fields.map { $0.lifted(to: \.choice) } + [
            Field("to", .targets, \.to, isRequired: true, "Destinations: a name, a map, or a list of them.")
        ])

    static func read(_ node: YAMLNode, place: Int, _ checker: Checker) -> CaseSpec? {
        var draft = CaseDraft()
        guard Self.section.read(node, into: &draft, checker) else { return nil }
        let conditions = ["match", "when", "filter"].compactMap { node.entry(of: $0)?.key }
        if draft.isElse, let extra = conditions.first {
            checker.report(
                "config/conflict", at: extra.at, "\"else\" and \"\(extra.raw ?? "")\" exclude each other",
                hint: "remove one of them")
        } else if !draft.isElse && conditions.isEmpty {
            checker.report(
                "route/case-without-condition", at: node.at, "the case has no condition",
                hint: "match: …, or else: true")
        }
        var spec = CaseSpec(
            name: draft.name ?? "\(place + 1)", mark: node.value(of: "case")?.at ?? node.at, targets: draft.to)
        spec.targets.put(behind: draft.choice.output.spec(checker))
        spec.match = draft.choice.match
        spec.scripts = draft.choice.scripts(checker)
        spec.transform = draft.choice.transform(node, checker)
        return spec
    }
}

extension CaseDraft {
    /// People and metrics tell cases apart by name.
    static func checkNames(_ items: [YAMLNode], _ checker: Checker) {
        var first: [String: Mark] = [:]
        for node in items.compactMap({ $0.value(of: "case") }) {
            guard let name = node.raw, let earlier = first.updateValue(node.at, forKey: name) else { continue }
            checker.report(
                "config/duplicate-name", at: node.at, "a second case is called \"\(name)\"",
                hint: "rename one of the two", notes: [Diagnostic.Note("the first is here", at: earlier)])
        }
    }
}

extension Shape {
    static var destination: Shape<DestinationName> {
        Shape<String>.reference(.destinations, code: "route/unknown-destination").map { DestinationName($0) }
    }

    /// `[a-z][a-z0-9-_]*`.
    static var name: Shape<String> {
        Shape<String>("a name", example: "big-orders", schema: ["type": "string", "pattern": "^[a-z][a-z0-9_-]*$"]) {
            node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard NameRule.isName(text) else {
                checker.report("config/name", at: node.at, "\"\(text)\" is no name", hint: NameRule.hint)
                return nil
            }
            return text
        }
    }

    /// `github.release`, `order.*`, `order.created@2`.
    static var eventPattern: Shape<EventPattern> {
        Shape<EventPattern>("an event type", example: "order.created@2", schema: ["type": "string"]) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let pattern = EventPattern(parsing: text) else {
                checker.report(
                    "route/event", at: node.at, "\"\(text)\" is no event type",
                    hint: "for example order.created, order.* or order.created@2")
                return nil
            }
            checker.warnIfNotInCatalogue(pattern, at: node.at)
            return pattern
        }
    }

    static var targets: Shape<[TargetSpec]> {
        let schema: JSONValue = ["anyOf": [["type": "string"], TargetDraft.section.schema]]
        return Shape<[TargetSpec]>(
            "a destination, or a list", example: "chat",
            schema: ["anyOf": [schema, ["type": "array", "items": schema, "minItems": 1]]],
            sections: [TargetDraft.section.note]
        ) { node, checker in
            guard let items = node.items else { return TargetDraft.read(node, checker).map { [$0] } }
            guard !items.isEmpty else {
                checker.report("config/empty-list", at: node.at, "the list is empty", hint: "name a destination")
                return nil
            }
            return items.enumerated().compactMap { place, item in
                checker.within("\(Ordinal.text(place)) target") { TargetDraft.read(item, checker) }
            }
        }
    }

    static var cases: Shape<[CaseSpec]> {
        let list = Shape<[YAMLNode]>.list(
            of: Shape<YAMLNode>("a case", example: "", schema: CaseDraft.section.schema) { node, _ in node })
        return Shape<[CaseSpec]>(
            "a list of cases", example: "", schema: list.schema, sections: [CaseDraft.section.note]
        ) {
            node, checker in
            guard let items = list.read(node, checker) else { return nil }
            let last = items.firstIndex { $0.value(of: "else")?.scalar == .bool(true) }
            if let last, last < items.count - 1 {
                checker.report(
                    "route/unreachable-case", at: items[last + 1].at,
                    "no event reaches this case: the one before holds always",
                    hint: "put the case with else last")
            }
            CaseDraft.checkNames(items, checker)
            return items.enumerated().compactMap { place, item in
                checker.within("\(Ordinal.text(place)) case") { CaseDraft.read(item, place: place, checker) }
            }
        }
    }
}

enum Ordinal {
    static func text(_ place: Int) -> String {
        let words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
        return place < words.count ? words[place] : "\(place + 1)th"
    }
}

enum NameRule {
    static let hint = "lower-case letters, digits, - and _, a letter first"

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 100 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

extension EventPattern {
    /// Nil where the type is empty or holds a control character, or the version is no number.
    init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else {
            guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
            self.init(type: text)
            return
        }
        let digits = bytes[(at + 1)...]
        guard at > 0, (1...9).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            bytes[..<at].allSatisfy({ $0 >= 0x20 }),
            let version = Int(String(decoding: digits, as: UTF8.self))
        else { return nil }
        self.init(type: String(decoding: bytes[..<at], as: UTF8.self), version: version)
    }
}
