// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// Why one route took an event, or did not.
package struct RouteExplanation: Sendable {
    package let route: RouteName
    /// Where the route stands in the files.
    package let mark: Mark
    /// False: the route is switched off and matches nothing, whatever its conditions say.
    package let isEnabled: Bool
    /// Whether it fires: everything holds, and at least one target is sent to, or it emits, or the event joins a window.
    package let isMatched: Bool
    /// What the route asks before its targets are looked at, in order: event, source, `match`, scripts.
    package let conditions: [ConditionExplanation]
    /// Targets of a route without cases.
    package let targets: [TargetExplanation]
    package let cases: [CaseExplanation]
    /// Of a route that splits an event: the same for each part, in order. Targets and cases of the whole are not taken.
    package var parts: [RouteExplanation] = []
    /// Which part it is about; nil: the whole event.
    package var part: Int?
    /// The version in which the route sees the event, where it did not come in it.
    package var seenVersion: Int?

    /// The first condition that does not hold.
    package var because: ConditionExplanation? { self.conditions.first { !$0.isMet } }

    /// The case that fires.
    package var caseName: String? { self.isMatched ? self.cases.first(where: \.isChosen)?.name : nil }

    /// What targets and cases are about: the parts, or the whole.
    package var views: [RouteExplanation] { self.parts.isEmpty ? [self] : self.parts }

    /// Conditions that hold, of all; 1 where there are none.
    package var shareMet: Double {
        if self.conditions.isEmpty { return 1 }
        return Double(self.conditions.count { $0.isMet }) / Double(self.conditions.count)
    }

    /// Routes that matched first, then those that came nearest; equal ones keep their order.
    package static func nearestFirst(_ explanations: [RouteExplanation]) -> [RouteExplanation] {
        explanations.enumerated().sorted { left, right in
            let (one, other) = (left.element, right.element)
            if one.isMatched != other.isMatched { return one.isMatched }
            if one.shareMet != other.shareMet { return one.shareMet > other.shareMet }
            return left.offset < right.offset
        }.map(\.element)
    }
}

/// One case of a `switch`.
package struct CaseExplanation: Sendable {
    package let name: String
    package let mark: Mark
    /// The first case that holds, of a route whose conditions hold.
    package let isChosen: Bool
    package let conditions: [ConditionExplanation]
    package let targets: [TargetExplanation]

    package var because: ConditionExplanation? { self.conditions.first { !$0.isMet } }
}

/// One target of a route or case.
package struct TargetExplanation: Sendable {
    package let destination: DestinationName
    package let mark: Mark
    /// Whether this event goes there.
    package let isSent: Bool
    package let conditions: [ConditionExplanation]

    package var because: ConditionExplanation? { self.conditions.first { !$0.isMet } }
}

extension ConditionExplanation {
    /// The operator of a row that says why an event cannot be split.
    static let split = "split"

    /// No condition of the route, but why there are no parts.
    package var isSplit: Bool { self.op == Self.split }
}

/// One condition against one event.
package struct ConditionExplanation: Sendable, Equatable {
    /// As written in a route; `event` for the event patterns; empty for a group or a script.
    package let path: String
    /// An operator of the route language, `any_of` or `not` for a group, `script` for a script, `split` where the list of
    /// a route that splits is empty or no list.
    package let op: String
    package let want: JSONValue
    /// What the path reaches: one value, or a list where there are several. Nil: nothing.
    package let got: JSONValue?
    package let isMet: Bool
    package let mark: Mark?
    /// The conditions in a group.
    package let parts: [ConditionExplanation]
    /// The script, for `script`; ``got`` is then the reason it gave.
    package let script: ScriptID?
}
