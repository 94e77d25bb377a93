// SPDX-License-Identifier: Apache-2.0
import HookCore

/// One source as the listener sees it, with its metrics at hand.
final class SourceSlot: Sendable {
    let name: SourceName
    let path: String
    let bodyBytesMax: Int
    private let signals: Signals
    private let accepted: Counter
    private let duplicate: Counter
    private let served: Counter
    private let duration: Histogram
    private let consent: WebhookConsent?

    init(_ source: SourceSpec, limits: IngestLimits, signals: Signals) {
        self.name = source.name
        self.path = source.path
        self.bodyBytesMax = source.bodyBytesMax ?? limits.bodyBytesMax
        self.consent = source.webhookConsent
        self.signals = signals
        self.accepted = signals.counter(.eventsReceived, source.name.text, "accepted", "")
        self.duplicate = signals.counter(.eventsReceived, source.name.text, "duplicate", "")
        self.served = signals.counter(.eventsReceived, source.name.text, "handshake", "")
        self.duration = signals.histogram(.ingestDuration, source.name.text)
    }

    func count(_ outcome: IngestAnswer.Outcome) {
        switch outcome {
        case .accepted: self.accepted.add()
        case .duplicate: self.duplicate.add()
        case .served: self.served.add()
        case .quarantined(let code): self.signals.counter(.eventsReceived, self.name.text, "quarantined", code).add()
        // Not hot, and the codes are a closed set.
        case .refused(let code): self.signals.counter(.eventsReceived, self.name.text, "refused", code).add()
        case .failed(let code): self.signals.counter(.eventsReceived, self.name.text, "failed", code).add()
        }
    }

    /// What a sender of CloudEvents is told that asks whether it may send; nothing where it may not.
    func consent(to head: RequestHead) -> [(name: String, value: String)] {
        guard let consent = self.consent, let origin = head.headers.first("webhook-request-origin") else { return [] }
        let asked = String(decoding: origin, as: UTF8.self)
        guard consent.origins.contains("*") || consent.origins.contains(asked.lowercased()) else { return [] }
        let allowed = (name: "webhook-allowed-origin", value: asked)
        return [allowed, ("webhook-allowed-rate", consent.rate.map { "\($0)" } ?? "*")]
    }

    func observe(_ duration: Duration) { self.duration.observe(duration.inSeconds) }
}

/// Sources by path; immutable, swapped whole on reload.
final class SourceTable: Sendable {
    private let slots: [UInt64: [SourceSlot]]

    init(_ sources: [SourceSpec], limits: IngestLimits, signals: Signals) {
        var slots: [UInt64: [SourceSlot]] = [:]
        for source in sources {
            let slot = SourceSlot(source, limits: limits, signals: signals)
            slots[Self.hash(Array(source.path.utf8)), default: []].append(slot)
        }
        self.slots = slots
    }

    /// HOT: the source whose path is exactly these bytes.
    func slot(at path: [UInt8]) -> SourceSlot? {
        self.slots[Self.hash(path)]?.first { $0.path.utf8.elementsEqual(path) }
    }

    /// FNV-1a (draft-eastlake-fnv, section 2). Wrapping multiplication is what the function is.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}

/// What the listener does with requests now; swapped whole.
final class Posture: Sendable {
    let table: SourceTable
    /// The answer to every request while the store fails; nil while it does not.
    let refusal: IngestAnswer?

    init(table: SourceTable, refusal: IngestAnswer?) {
        self.table = table
        self.refusal = refusal
    }
}
