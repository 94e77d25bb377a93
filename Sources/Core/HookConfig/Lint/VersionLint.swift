// SPDX-License-Identifier: Apache-2.0
// Whoever names a version gets it: checked here, where routes, subscriptions and converters are all known.

internal import HookCore
internal import YAMLBridge

/// Finds chains of converters that are needed and not there. These are errors: without the chain an event would be held
/// that the files promise to deliver.
struct VersionLint {
    let configuration: Configuration
    let files: [String: [UInt8]]
    let trees: SourceTrees
    let report: (Diagnostic) -> Void
    private let chains: [String: ConverterChains]

    init(
        _ configuration: Configuration, files: [String: [UInt8]], trees: SourceTrees,
        report: @escaping (Diagnostic) -> Void
    ) {
        self.configuration = configuration
        self.files = files
        self.trees = trees
        self.report = report
        self.chains = Dictionary(
            configuration.catalogue.types.map { ($0.name, ConverterChains($0.converters)) },
            uniquingKeysWith: { first, _ in first })
    }

    func check() {
        guard !self.configuration.catalogue.isEmpty || !self.configuration.subscribers.isEmpty else { return }
        for route in self.configuration.routes { self.check(route) }
        for test in self.configuration.tests { if let trip = test.roundTrip { self.check(trip, of: test) } }
        for subscriber in self.configuration.subscribers {
            for subscription in subscriber.subscriptions { self.check(subscription, of: subscriber) }
        }
    }

    /// A round trip needs both ways.
    private func check(_ trip: RouteTestSpec.RoundTrip, of test: RouteTestSpec) {
        guard let type = self.configuration.catalogue.type(trip.type) else { return }
        for (from, to) in [(trip.from, trip.via), (trip.via, trip.from)] {
            guard type.version(from) != nil, type.version(to) != nil, !self.hasChain(type.name, from, to) else {
                continue
            }
            self.report(
                Diagnostic(
                    "version/no-converter", at: trip.mark,
                    "no converter leads from \(type.name)@\(from) to version \(to), which the test needs",
                    hint: Self.hint(type, from, to), notes: [Diagnostic.Note("test \(test.name)")]))
        }
    }

    private func hasChain(_ type: String, _ from: Int, _ to: Int) -> Bool {
        from == to || self.chains[type]?.lastStep(from: from, to: to) != nil
    }

    // MARK: Routes

    /// Every declared version that the route does not take as it is must lead to one that it pins.
    private func check(_ route: RouteSpec) {
        guard route.events.contains(where: { $0.version != nil }) else { return }
        for type in self.configuration.catalogue.types {
            let patterns = route.events.filter { TypePattern.covers($0.type, type.name) }
            let pins = patterns.compactMap(\.version).filter { type.version($0) != nil }
            guard pins.count == patterns.count, let pin = pins.first else { continue }
            for came in type.versions.map(\.number)
            where !pins.contains(came) && !pins.contains(where: { self.hasChain(type.name, came, $0) }) {
                self.report(
                    Diagnostic(
                        "version/no-converter", at: self.mark(of: pin, in: route, patterns),
                        "no converter leads from \(type.name)@\(came) to version \(pin), which the route names",
                        hint: Self.hint(type, came, pin)
                            + "; or take only what comes in version \(pin): match: {version: \(pin)}",
                        notes: [
                            Diagnostic.Note("route \(route.name)"),
                            Diagnostic.Note("the type is declared here", at: type.mark),
                        ]))
            }
        }
    }

    private static func hint(_ type: EventTypeSpec, _ from: Int, _ to: Int) -> String {
        "add {from: \(from), to: \(to), script: FILE.lua#FUNCTION} below convert: of \(type.name)"
    }

    private func mark(of version: Int, in route: RouteSpec, _ patterns: [EventPattern]) -> Mark {
        guard let node = self.trees.node(["event"], below: route.mark) else { return route.mark }
        let texts = patterns.filter { $0.version == version }.map(\.description)
        for item in node.items ?? [node] where texts.contains(item.raw ?? "") { return item.at }
        return node.at
    }

    // MARK: Subscriptions

    private func check(_ subscription: SubscriptionSpec, of subscriber: SubscriberSpec) {
        for interest in subscription.interests {
            guard let version = interest.version else { continue }
            let types = self.configuration.catalogue.types.filter {
                TypePattern.covers(interest.pattern.type, $0.name)
            }
            let having = types.filter { $0.version(version) != nil }
            if having.isEmpty {
                self.reportUnknown(version, interest, types, subscriber)
                continue
            }
            for type in types where type.version(version) == nil {
                self.report(
                    Diagnostic(
                        "version/unknown", .warning, at: interest.mark,
                        "\(type.name) has no version \(version): it goes out as the route sees it",
                        hint: "give it a subscription of its own", notes: [self.note(subscriber)]))
            }
            for type in having { self.checkChains(to: version, of: type, subscription, interest, subscriber) }
        }
    }

    private func note(_ subscriber: SubscriberSpec) -> Diagnostic.Note {
        Diagnostic.Note("subscriber \(subscriber.name)")
    }

    private func reportUnknown(
        _ version: Int, _ interest: SubscriptionSpec.Interest, _ types: [EventTypeSpec], _ subscriber: SubscriberSpec
    ) {
        let pattern = interest.pattern.type
        let known = Set(types.flatMap { $0.versions.map(\.number) }).sorted().map { "\($0)" }.joined(separator: ", ")
        let message =
            types.isEmpty
            ? "the catalogue has no type \(pattern), and so no version \(version) of it"
            : "the catalogue has no version \(version) of \(pattern)"
        self.report(
            Diagnostic(
                "version/unknown", at: interest.mark, message,
                hint: known.isEmpty ? "declare it below events:" : "declared: \(known)", notes: [self.note(subscriber)])
        )
    }

    /// Whatever version a route may see of the type must lead to the one that the subscriber pins.
    private func checkChains(
        to version: Int, of type: EventTypeSpec, _ subscription: SubscriptionSpec,
        _ interest: SubscriptionSpec.Interest, _ subscriber: SubscriberSpec
    ) {
        var missing: [Int: RouteSpec] = [:]
        for route in self.configuration.routes {
            let isTarget = route.allTargets.contains {
                $0.destination == subscription.endpoint && $0.version == version
            }
            guard isTarget else { continue }
            for seen in self.versionsSeen(of: type, by: route)
            where missing[seen] == nil && !self.hasChain(type.name, seen, version) { missing[seen] = route }
        }
        for (seen, route) in missing.sorted(by: { $0.key < $1.key }) {
            self.report(
                Diagnostic(
                    "version/no-converter", at: interest.mark,
                    "no converter leads from \(type.name)@\(seen) to version \(version), which \(subscriber.name) pins",
                    hint: Self.hint(type, seen, version),
                    notes: [Diagnostic.Note("route \(route.name) sends version \(seen)", at: route.mark)]))
        }
    }

    private func versionsSeen(of type: EventTypeSpec, by route: RouteSpec) -> [Int] {
        let declared = type.versions.map(\.number)
        if route.events.isEmpty { return declared }
        let patterns = route.events.filter { TypePattern.covers($0.type, type.name) }
        if patterns.isEmpty { return [] }
        let pins = patterns.compactMap(\.version)
        return pins.count == patterns.count ? declared.filter(pins.contains) : declared
    }
}
