// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookTestKit

enum Fixture {
    static let start = ManualClock.start
    static let mark = Mark(file: "routes/test.yaml", line: 1, column: 1)

    static func destination(
        _ name: DestinationName = "erp", path: [Template.Part] = [.literal("/in")],
        policy change: (inout PolicySpec) -> Void = { _ in }
    ) -> DestinationSpec {
        var policy = PolicySpec(name: "standard")
        change(&policy)
        return DestinationSpec(
            name: name, mark: Self.mark, url: URLTemplate(origin: "https://erp.example", path: Template(parts: path)),
            policy: policy)
    }

    static func ticket(
        _ number: Int = 1, to destination: DestinationName = "erp", body: String = "{}",
        request: RequestOverrides? = nil,
        attempts: Int = 0, accepted: WallTime = Self.start
    ) -> DeliveryTicket {
        let event = EventID(time: accepted, random: UInt64(number) << 8)
        return DeliveryTicket(
            id: DeliveryID(event: event, ordinal: 1), route: "orders", destination: destination, body: Array(body.utf8),
            contentType: "application/json", request: request, attemptsMade: attempts, attemptsInCycle: attempts,
            acceptedAt: accepted, cycleBegan: accepted, dueAt: accepted)
    }
}

struct FixedSecrets: SecretReading {
    var all: [String: [String]] = [:]

    func values(of name: SecretName) -> [Secret] { (self.all[name.text] ?? []).map { Secret(Array($0.utf8)) } }
}

/// A generator that repeats, as a value.
struct Seeded: RandomNumberGenerator {
    let source: SeededRandom

    init(_ seed: UInt64) { self.source = SeededRandom(seed: seed) }
    mutating func next() -> UInt64 { self.source.next() }
}
