// SPDX-License-Identifier: Apache-2.0
// Events that wait for a look-up, as the store hands them out and takes them back.

/// One held entry of the kind ``HeldEntry/Kind/awaitingLookup`` with its event.
package struct WaitingLookup: Sendable {
    package let entry: HeldRow
    /// Tries that have failed so far.
    package let tries: Int
    package let event: EventDetail

    package init(entry: HeldRow, tries: Int, event: EventDetail) {
        self.entry = entry
        self.tries = tries
        self.event = event
    }
}

package struct WaitingPage: Sendable {
    package let items: [WaitingLookup]
    /// When the next one is due that was not due yet.
    package let nextDue: WallTime?

    package init(items: [WaitingLookup], nextDue: WallTime?) {
        self.items = items
        self.nextDue = nextDue
    }
}

/// What became of one that waited.
package struct LookupEnd: Sendable {
    package enum Outcome: Sendable {
        /// The route has gone on; what concerns the entry alone.
        case released(Prepared)
        /// It is looked at again then; `isTry`: this was a try that has failed.
        case postponed(until: WallTime, message: String, isTry: Bool)
    }

    package let id: HeldID
    package let outcome: Outcome

    package init(id: HeldID, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}
