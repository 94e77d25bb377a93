// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension Prepared {
    /// The same, where what waits for a look-up waits for what the entry has kept back, and nothing else.
    package func awaiting(_ entry: HeldRow) -> Prepared {
        guard self.held.contains(where: { $0.kind == .awaitingLookup }) else { return self }
        return Prepared(
            event: self.event, dedupe: self.dedupe, fates: self.fates,
            held: self.held.map {
                HeldEntry(
                    route: $0.route, destination: entry.destination, isEmission: entry.isEmission, failure: $0.failure,
                    kind: $0.kind, part: entry.part)
            }, deliveries: [], revision: self.revision)
    }

    /// What an entry comes to that waited and cannot go on: it is held.
    package static func holding(
        _ event: Event, _ entry: HeldRow, because failure: ScriptFailure, revision: RevisionID
    ) -> Prepared {
        let held = HeldEntry(
            route: entry.route, destination: entry.destination, isEmission: entry.isEmission, failure: failure,
            part: entry.part)
        return Prepared(
            event: event, dedupe: nil, fates: [Fate(route: entry.route, kind: .held, reason: failure.code)],
            held: [held], deliveries: [], revision: revision)
    }
}
