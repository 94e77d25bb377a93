// SPDX-License-Identifier: Apache-2.0
// `to: {subscribers: all}` becomes one target a subscription. From here on the targets are like all others: whatever
// explains, draws, compares or counts targets knows them without knowing subscribers.

internal import HookCore

/// Puts the endpoints of subscribers in the place of an audience.
struct SubscriberExpansion {
    private let subscribers: [SubscriberSpec]

    init(_ subscribers: [SubscriberSpec]) { self.subscribers = subscribers }

    func expand(_ routes: inout [RouteSpec]) {
        for place in routes.indices where routes[place].allTargets.contains(where: { $0.audience != nil }) {
            let events = routes[place].events
            switch routes[place].targets {
            case .list(let targets): routes[place].targets = .list(self.expanded(targets, of: events))
            case .cases(let cases):
                routes[place].targets = .cases(
                    cases.map { one in
                        var one = one
                        one.targets = self.expanded(one.targets, of: events)
                        return one
                    })
            }
        }
    }

    private func expanded(_ targets: [TargetSpec], of events: [EventPattern]) -> [TargetSpec] {
        targets.flatMap { target -> [TargetSpec] in
            guard let audience = target.audience else { return [target] }
            return self.subscribers.filter { audience.holds($0.name) }.flatMap { subscriber in
                subscriber.subscriptions.flatMap { self.targets(for: $0, in: target, of: events) }
            }
        }
    }

    /// One target for each version that the subscription pins; types that the route never takes are left out.
    private func targets(
        for subscription: SubscriptionSpec, in target: TargetSpec, of events: [EventPattern]
    ) -> [TargetSpec] {
        var versions: [Int?] = []
        for interest in subscription.interests where !versions.contains(interest.version) {
            versions.append(interest.version)
        }
        return versions.compactMap { version in
            let wanted = subscription.interests.filter { $0.version == version }.map(\.pattern.type)
            let met =
                events.isEmpty
                ? wanted : wanted.filter { type in events.contains { TypePattern.mayMeet($0.type, type) } }
            guard !met.isEmpty else { return nil }
            let isCertain =
                !events.isEmpty && events.allSatisfy { event in met.contains { TypePattern.covers($0, event.type) } }
            var result = target
            result.destination = subscription.endpoint
            result.audience = nil
            result.version = version
            result.scripts = target.scripts + subscription.scripts
            let conditions =
                (isCertain ? [] : [TypePattern.condition(met)])
                + [target.match, subscription.match].compactMap { $0 }
            result.match = conditions.count > 1 ? .and(conditions) : conditions.first
            return result
        }
    }
}

/// Event types as patterns write them: `*` for any run of characters, nothing escaped.
enum TypePattern {
    private static let star = UInt8(ascii: "*")

    /// Whether every type of `other` is one of `pattern`; false where that is not certain.
    static func covers(_ pattern: String, _ other: String) -> Bool {
        if pattern == other { return true }
        // A star in `other` is met as a character, which only a star of `pattern` can take: what it stands for is taken
        // by the same star.
        return Glob(pattern: pattern).matches(other)
    }

    /// Whether some type may be of both.
    static func mayMeet(_ one: String, _ other: String) -> Bool {
        if self.covers(one, other) || self.covers(other, one) { return true }
        guard one.utf8.contains(self.star), other.utf8.contains(self.star) else { return false }
        // Two patterns meet unless their literal beginnings or ends differ.
        func agrees(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
            zip(left, right).allSatisfy { $0 == $1 }
        }
        return agrees(one.utf8.prefix { $0 != self.star }, other.utf8.prefix { $0 != self.star })
            && agrees(
                one.utf8.reversed().prefix { $0 != self.star }, other.utf8.reversed().prefix { $0 != self.star })
    }

    static func condition(_ types: [String]) -> Condition {
        let tests = types.map { type -> ValueTest in
            guard type.utf8.contains(self.star) else { return .equals(.string(type)) }
            return .glob(type.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\"))
        }
        return .field(FieldPath(.type), tests.count == 1 ? tests[0] : .anyOf(tests), nil)
    }
}
