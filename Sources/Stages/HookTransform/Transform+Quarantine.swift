// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension Transform {
    /// An event that breaks its schema, to be stored and looked at instead of being routed; its only fate is to be held,
    /// by no route.
    package static func setAside(_ verified: Verified, revision: RevisionID) -> Prepared {
        let failure = (verified.breach ?? SchemaBreach(code: "event/schema", name: "", violations: [])).failure
        return Prepared(
            event: verified.event, dedupe: verified.dedupe,
            fates: [Fate(route: .none, kind: .held, reason: failure.code)],
            held: [HeldEntry(route: .none, destination: nil, failure: failure, kind: .quarantined)], deliveries: [],
            revision: revision)
    }
}
