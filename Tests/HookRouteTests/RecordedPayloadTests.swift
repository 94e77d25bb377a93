// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookRoute
import Testing

/// Rules made from what recorded payloads hold, against all of them.
@Suite struct RecordedPayloadTests {
    static func payloads() throws -> [Event] {
        let shared = ProcessInfo.processInfo.environment["HOOKSWITCH_SHARED"] ?? "../shared"
        let folder = URL(fileURLWithPath: shared).appendingPathComponent("data/github-webhooks")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else { return [] }
        var events: [Event] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            let body = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            let document = try JSONDocument(parsing: body)
            // A file may hold one payload or a list of them.
            let bodies =
                document.root.kind == .array ? document.children(of: 0).map { Array(document.text(of: $0)) } : [body]
            for body in bodies.prefix(40) {
                events.append(
                    Event(
                        id: try Fixtures.eventID(), source: "github", type: "github.\(name.prefix { $0 != "." })",
                        time: Fixtures.time, body: body, data: try JSONDocument(parsing: body)))
            }
        }
        return Array(events.prefix(150))
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
