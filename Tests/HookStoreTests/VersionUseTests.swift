// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTestKit
import Testing

/// Totals of who sent and got which version of an event.
@Suite(.timeLimit(.minutes(1)))
struct VersionUseTests {
    private static func use(
        _ party: VersionUse.Key.Party, _ version: VersionUse.Version, _ count: Int, _ first: Int64, _ last: Int64
    ) -> VersionUse {
        VersionUse(
            key: VersionUse.Key(party: party, type: "order.created", version: version), count: count,
            first: WallTime(milliseconds: first), last: WallTime(milliseconds: last))
    }

    @Test(arguments: Backing.allCases)
    func `counts add up, and the first and the last time stay`(_ backing: Backing) async throws {
        try await withStore(backing) { world in
            #expect(try await world.store.versionUses() == [])
            try await world.store.addVersionUses([])
            try await world.store.addVersionUses([
                Self.use(.sender("shop"), .declared(2), 3, 1_000, 2_000),
                Self.use(.receiver("acme/main", route: "r"), .declared(1), 1, 1_500, 1_500),
                Self.use(.sender("shop"), .missing, 1, 1_000, 1_000),
                Self.use(.sender("shop"), .undeclared, 1, 1_000, 1_000),
            ])
            try await world.store.addVersionUses([
                Self.use(.sender("shop"), .declared(2), 4, 500, 1_800),
                Self.use(.receiver("acme/main", route: "other"), .declared(1), 1, 9, 9),
            ])
            #expect(
                try await world.store.versionUses() == [
                    Self.use(.sender("shop"), .declared(2), 7, 500, 2_000),
                    Self.use(.sender("shop"), .missing, 1, 1_000, 1_000),
                    Self.use(.sender("shop"), .undeclared, 1, 1_000, 1_000),
                    Self.use(.receiver("acme/main", route: "other"), .declared(1), 1, 9, 9),
                    Self.use(.receiver("acme/main", route: "r"), .declared(1), 1, 1_500, 1_500),
                ])
        }
    }
}
