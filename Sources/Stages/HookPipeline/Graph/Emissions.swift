// SPDX-License-Identifier: Apache-2.0
import HookCore

extension RouteSpec {
    /// Whether the route's `event:` names what another one emits; its conditions may say no.
    func mayTake(_ emit: EmitSpec) -> Bool {
        self.events.isEmpty
            || self.events.contains { pattern in
                (pattern.version == nil || pattern.version == emit.version) && Self.meets(pattern.type, emit.type)
            }
    }

    /// Whether a pattern with stars meets a type.
    private static func meets(_ pattern: String, _ type: String) -> Bool {
        let parts = pattern.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        var rest = Array(type.utf8)[...]
        guard let first = parts.first, let last = parts.last, rest.starts(with: first) else { return false }
        if parts.count == 1 { return rest.count == first.count }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let at = rest.indices.first(where: { rest[$0...].starts(with: part) }) else { return false }
            rest = rest[(at + part.count)...]
        }
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }
}
