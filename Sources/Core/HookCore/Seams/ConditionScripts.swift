// SPDX-License-Identifier: Apache-2.0

/// What a filter or `when` said.
package enum ConditionVerdict: Sendable, Equatable {
    case holds
    case fails(reason: String?)
}

/// Runs the Lua conditions that stage 3 meets. Stage 4 implements it; stages do not import each other.
package protocol ConditionScripts {
    mutating func verdict(
        of script: ScriptID, for event: Event, route: RouteName
    ) throws(ScriptFailure) -> ConditionVerdict
}
