// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookRoute
import Testing

/// Rules made from what recorded payloads hold, against all of them.
@Suite struct RecordedPayloadTests {
    static func payloads() throws -> [Event] {
        let shared = ProcessInfo.processInfo.environment["HOOKSWITCH_SHARED"] ?? "../shared"
        let file = URL(fileURLWithPath: shared).appendingPathComponent("data/github-webhooks/events.jsonl")
        // Absent in a plain checkout; the test then says so.
        guard let lines = try? Data(contentsOf: file).split(separator: 0x0A) else { return [] }
        return try lines.enumerated().filter { $0.offset % 3 == 0 }.map { _, line in
            let document = try JSONDocument(parsing: Array(line))
            let body = Array(document.text(of: try #require(document.find(["body"]))))
            let event = try #require(document.find(["event"]).flatMap { document.string(of: $0) })
            return Event(
                id: try Fixtures.eventID(), source: "github", type: "github.\(event)", time: Fixtures.time, body: body,
                data: try JSONDocument(parsing: body))
        }
    }

    @Test func `rules on recorded values find what the definition finds`() throws {
        let events = try Self.payloads()
        if events.isEmpty {
            print("skipped: no recorded payloads under HOOKSWITCH_SHARED")
            return
        }
        var routes: [RouteSpec] = []
        for event in events {
            var leaves: [(FieldPath, ValueTest)] = []
            if let data = event.data { Self.collect(JSONValue(data), [], &leaves) }
            for (place, leaf) in leaves.enumerated() where place % 29 == 0 {
                let other = leaves[(place * 7 + 3) % leaves.count]
                let parts: [Condition] = [
                    .field(leaf.0, leaf.1, nil), .field(other.0, place % 2 == 0 ? other.1 : .not(other.1), nil),
                ]
                routes.append(Fixtures.route("r\(routes.count)", .and(parts)))
            }
        }
        let table = RouteTable(routes: routes)
        var hits = 0
        for event in events.prefix(12) {
            let names = table.names(event)
            hits += names.count
            #expect(names == routes.filter { Oracle.matches($0, event) }.map(\.name.text))
        }
        #expect(hits > 0)
    }

    private static func collect(_ value: JSONValue, _ keys: [String], _ leaves: inout [(FieldPath, ValueTest)]) {
        switch value {
        case .object(let members): for member in members { self.collect(member.value, keys + [member.key], &leaves) }
        case .array(let elements): for element in elements.prefix(3) { self.collect(element, keys, &leaves) }
        default:
            if let scalar = try? Notation.scalar(value) { leaves.append((FieldPath(.data, keys), .equals(scalar))) }
        }
    }
}
