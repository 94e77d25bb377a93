// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A `subscribers:` entry while it is read.
struct SubscriberDraft: Sendable {
    var spec: SubscriberSpec
    var destinations: [DestinationSpec] = []

    static let section = Section<SubscriberDraft>(
        title: "a subscriber", summary: "Somebody who gets events at endpoints of their own.",
        fields: [
            Field(
                "endpoints", .nodes(of: EndpointDraft.section, keys: "names"), isRequired: true,
                "Endpoints by name; inside the router each is a destination subscriber/endpoint."
            ) { _, _ in },
            Field("subscriptions", .nodeList(of: SubscriptionDraft.section), "What goes where.") { _, _ in },
            Field("description", .text, "Free text for people.") { _, _ in },
        ])

    static func read(_ name: String, _ entry: YAMLNode.Entry, _ checker: Checker) -> SubscriberDraft? {
        var draft = SubscriberDraft(spec: SubscriberSpec(name: SubscriberName(name), mark: entry.key.at))
        guard Self.section.read(entry.value, into: &draft, checker) else { return nil }
        for (key, node) in draft.entries(of: entry.value.value(of: "endpoints"), checker) {
            guard let endpoint = key.raw else { continue }
            if !NameRule.isName(endpoint) {
                checker.report("config/name", at: key.at, "\"\(endpoint)\" is no name", hint: NameRule.hint)
            }
            let name = SubscriberSpec.destination(endpoint, of: draft.spec.name)
            checker.declareEndpoint(name, at: key.at)
            draft.spec.endpoints.append(name)
            let destination = checker.within("endpoint \(endpoint)") {
                EndpointDraft.read(name, key, node, checker)
            }
            if let destination { draft.destinations.append(destination) }
        }
        for (place, node) in (entry.value.value(of: "subscriptions")?.items ?? []).enumerated() {
            let subscription = checker.within("\(Ordinal.text(place)) subscription") {
                SubscriptionDraft.read(node, of: draft.spec, checker)
            }
            if let subscription { draft.spec.subscriptions.append(subscription) }
        }
        return draft
    }

    /// Duplicates were reported when the section was read.
    private func entries(of node: YAMLNode?, _ checker: Checker) -> [(key: YAMLNode, value: YAMLNode)] {
        var seen: Set<String> = []
        return (node?.entries ?? []).compactMap { entry in
            guard let key = entry.key.raw, seen.insert(key).inserted else { return nil }
            return (entry.key, entry.value)
        }
    }
}

/// An entry of `endpoints:` while it is read: a destination that somebody else named.
struct EndpointDraft: Sendable {
    var destination: DestinationDraft
    var allowed: [CIDR] = []

    static let section = Section<EndpointDraft>(
        title: "an endpoint",
        summary: "Where a subscriber gets events; a destination that is reached over the public internet alone.",
        fields: DestinationDraft.section.fields.map { $0.lifted(to: \.destination) } + [
            Field(
                "allow_ips", .oneOrMore(.addressBlock), \.allowed, default: "public addresses alone",
                "Private addresses that the endpoint may have.")
        ])

    static func read(
        _ name: DestinationName, _ key: YAMLNode, _ node: YAMLNode, _ checker: Checker
    ) -> DestinationSpec? {
        var draft = EndpointDraft(destination: DestinationDraft.start(name, at: key.at, checker))
        guard Self.section.read(node, into: &draft, checker) else { return nil }
        var spec = draft.destination.finished(node, checker)
        spec?.egress = .publicOnly(except: draft.allowed)
        return spec
    }
}

/// An entry of `subscriptions:` while it is read.
struct SubscriptionDraft: Sendable {
    var patterns: [(pattern: EventPattern, mark: Mark)] = []
    var version: Int?
    var endpoint: DestinationName?
    var match: Condition?
    var when: ScriptUse?
    var filter: ScriptUse?

    static let section = Section<SubscriptionDraft>(
        title: "a subscription", summary: "Events for one endpoint.",
        fields: [
            Field(
                "events", .oneOrMore(.subscribedPattern), \.patterns, isRequired: true,
                "Event types, with * for any characters and @ for the version that the subscriber gets."),
            Field(
                "version", .integer(0...1_000_000, example: "1"), \.version, default: "the route's",
                "Version that the subscriber gets, whatever the route sees."),
            Field("to", .text, isRequired: true, "Name of the endpoint.") { _, _ in },
            Field("match", .condition, \.match, "Conditions on the event as the route sees it."),
            Field("when", .expression, \.when, "One Lua expression; runs only after match holds."),
            Field("filter", .script, \.filter, "A script that says true or false; runs only after match holds."),
        ])

    static func read(_ node: YAMLNode, of subscriber: SubscriberSpec, _ checker: Checker) -> SubscriptionSpec? {
        var draft = SubscriptionDraft()
        guard Self.section.read(node, into: &draft, checker), let to = node.value(of: "to"), let name = to.raw else {
            return nil
        }
        let endpoint = SubscriberSpec.destination(name, of: subscriber.name)
        guard subscriber.endpoints.contains(endpoint) else {
            let known = subscriber.endpoints.map { String($0.text.dropFirst(subscriber.name.text.count + 1)) }
            checker.report(
                "subscriber/unknown-endpoint", at: to.at, "\(subscriber.name) has no endpoint called \"\(name)\"",
                near: NearestName.to(name, among: known), instead: "its endpoints: \(known.joined(separator: ", "))")
            return nil
        }
        var spec = SubscriptionSpec(endpoint: endpoint, mark: node.at)
        let versionMark = node.value(of: "version")?.at
        for (pattern, mark) in draft.patterns {
            if let own = pattern.version, let version = draft.version, own != version {
                checker.report(
                    "config/conflict", at: mark, "the subscription has version \(version), and this one says \(own)",
                    hint: "keep one",
                    notes: versionMark.map { [Diagnostic.Note("version stands here", at: $0)] } ?? [])
            }
            spec.interests.append(
                SubscriptionSpec.Interest(
                    pattern: EventPattern(type: pattern.type), version: draft.version ?? pattern.version,
                    mark: draft.version == nil ? mark : versionMark ?? mark))
        }
        spec.match = draft.match
        spec.scripts = [draft.when, draft.filter].compactMap {
            $0.map { checker.script(.filter, $0.body, at: $0.mark) }
        }
        return spec
    }
}

extension Checker {
    func declareEndpoint(_ name: DestinationName, at mark: Mark) { self.endpoints[name.text] = mark }
}

extension TargetDraft {
    /// The target as its first key names it; a finding and nil where none or both do.
    func named(_ node: YAMLNode, _ checker: Checker) -> TargetSpec? {
        let destination = node.entry(of: "destination")
        let subscribers = node.entry(of: "subscribers")
        if let destination, let subscribers {
            checker.report(
                "config/conflict", at: subscribers.key.at, "\"destination\" and \"subscribers\" exclude each other",
                hint: "make two targets of them",
                notes: [Diagnostic.Note("destination stands here", at: destination.key.at)])
            return nil
        }
        if destination == nil && subscribers == nil {
            checker.report(
                "config/missing-key", at: node.at, "a target needs the key \"destination\"",
                hint: "destination: NAME, or subscribers: all")
            return nil
        }
        if let audience {
            var target = TargetSpec(destination: "", mark: subscribers?.value.at ?? node.at)
            target.audience = audience
            return target
        }
        return self.destination.map { TargetSpec(destination: $0, mark: destination?.value.at ?? node.at) }
    }
}

extension Shape {
    /// `order.*`, `order.created@1`.
    static var subscribedPattern: Shape<(pattern: EventPattern, mark: Mark)> {
        Shape<(pattern: EventPattern, mark: Mark)>(
            "an event type", example: "\"order.*\"", schema: ["type": "string"]
        ) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let pattern = EventPattern(parsing: text) else {
                checker.report(
                    "route/event", at: node.at, "\"\(text)\" is no event type",
                    hint: "for example order.created, order.* or order.created@2")
                return nil
            }
            return (pattern, node.at)
        }
    }

    /// `all`, a name, or a list of names.
    static var audience: Shape<Audience> {
        let name = Shape<String>.reference(.subscribers, code: "subscriber/unknown")
        let names = Shape<[String]>.oneOrMore(name)
        return Shape<Audience>(
            "all, or names of subscribers", example: "all", schema: names.schema
        ) { node, checker in
            // A subscriber of that name wins: it was named on purpose.
            if node.raw == "all", !checker.names.contains("all", .subscribers) { return .all }
            return names.read(node, checker).map { .named($0.map { SubscriberName($0) }) }
        }
    }

    /// A map whose entries are read later, each with a start of its own.
    static func nodes<Target>(of section: Section<Target>, keys: String) -> Shape<[YAMLNode]> {
        let entry = Shape<YAMLNode>(section.title, example: "", schema: section.schema, sections: [section.note]) {
            node, _ in node
        }
        return Shape<[(key: YAMLNode, name: String, value: YAMLNode)]>.map(of: entry, keys: keys).map {
            $0.map(\.value)
        }
    }

    /// A list whose items are read later.
    static func nodeList<Target>(of section: Section<Target>) -> Shape<[YAMLNode]> {
        Shape<[YAMLNode]>.list(
            of: Shape<YAMLNode>(section.title, example: "", schema: section.schema, sections: [section.note]) {
                node, _ in node
            })
    }
}
