// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookIngest
import HookVerify

/// An event to be run through two revisions: one that was saved or recorded, or a step of a test.
package struct RecordedEvent: Sendable {
    /// How it becomes an event of a revision.
    package enum Reading: Sendable {
        /// As a request that was verified when it came: the source maps it to type, id and version anew.
        case request
        /// As a request of a test: the source checks it, signed with test keys where `signs` is set.
        case test(signs: Bool)
        /// As an event whose type is known.
        case typed
    }

    /// What people call it: its id, its file, its test.
    package let label: String
    package let event: Event
    package let reading: Reading

    package init(label: String, event: Event, reading: Reading) {
        self.label = label
        self.event = event
        self.reading = reading
    }

    /// - Parameter label: where it was found; its id where that says nothing.
    package init(_ saved: SavedEvent, label: String? = nil) {
        self.init(
            label: label ?? saved.event.id.description, event: saved.event,
            reading: saved.hasRequest ? .request : .typed)
    }

    /// As stage 2 hands it on under a revision.
    func verdict(under side: DiffSide) -> VerifyVerdict {
        switch self.reading {
        case .typed: .verified(Verify.trusting(self.event))
        case .request: side.revision.verify.admit(self.accepted(self.event.headers)).first
        case .test(let signs):
            side.testVerify.check(self.testRequest(side.revision, signs: signs), now: self.event.time).first
        }
    }

    private func accepted(_ headers: HeaderBlock) -> Accepted {
        Recall.accepted(
            id: self.event.id, source: self.event.source, at: self.event.time, method: self.event.method,
            path: self.event.path, query: self.event.query, headers: headers, body: self.event.body)
    }

    private func testRequest(_ revision: Revision, signs: Bool) -> Accepted {
        var headers = self.event.headers
        guard signs, let source = revision.configuration.source(self.event.source) else {
            return self.accepted(headers)
        }
        let request = TestSignature.Request(
            method: self.event.method, path: source.path, headers: headers.pairs, body: self.event.body)
        let secret = source.verify.secrets.first.flatMap { TestSecrets().values(of: $0).first }
        // Where it cannot be signed it goes unsigned, and stage 2 says so.
        for header in (try? TestSignature.sign(request, spec: source, secret: secret, now: self.event.time)) ?? [] {
            headers.append(header.name.utf8, header.value.utf8)
        }
        return self.accepted(headers)
    }
}
