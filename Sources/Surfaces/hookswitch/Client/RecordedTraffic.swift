// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

/// How much of the recorded traffic: `recorded:1d`, `recorded:10000`, `recorded` for the last 10,000 events.
enum RecordedSpan: Equatable {
    case last(Int)
    case since(Duration)

    init?(_ text: String) {
        guard text == "recorded" || text.hasPrefix("recorded:") else { return nil }
        let rest = text.dropFirst("recorded:".count)
        if rest.isEmpty && text == "recorded" {
            self = .last(10_000)
            return
        }
        if let count = Int(rest), count > 0 {
            self = .last(count)
            return
        }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = rest.last.flatMap({ units[$0] }), let count = Int(rest.dropLast()),
            (1...100_000).contains(count)
        else { return nil }
        self = .since(.seconds(count * unit))
    }
}

/// Events that a running router has kept, page by page over its API: a live database is never opened from outside.
struct RecordedTraffic {
    /// Events of one page.
    private static let pageMax = 500

    private let span: RecordedSpan
    private let server: ServerOptions

    init(_ span: RecordedSpan, _ server: ServerOptions) {
        self.span = span
        self.server = server
    }

    /// Gives the events to the comparison, newest first; says where they come from.
    func feed(_ run: DiffRun) async throws -> String {
        let client = try self.server.client()
        var left = Int.max
        var since: WallTime?
        switch self.span {
        case .last(let count): left = count
        case .since(let duration):
            since = HookCore.Environment.live.wall() + .milliseconds(-duration.milliseconds)
        }
        var cursor: String?
        var gone = 0
        repeat {
            let page = try await client.get(
                "/api/v1/events",
                [
                    ("payload", "true"), ("limit", String(min(left, Self.pageMax))), ("cursor", cursor),
                ])
            let items = page["items"]?.arrayValue ?? []
            var events: [RecordedEvent] = []
            // The newest come first: the first that is too old ends it, and nobody searches the rest of the store.
            var isDone = false
            for item in items {
                if let since, let time = item["time"]?.stringValue.flatMap({ WallTime(rfc3339: $0) }), time < since {
                    isDone = true
                    break
                }
                if item["body"] == .null, item["body_base64"] == nil {
                    gone += 1
                    continue
                }
                events.append(try Self.event(item))
            }
            let ready = events
            await offThePool(named: "diff-feed") { run.feed(ready) }
            left -= items.count
            cursor = isDone ? nil : page["cursor"]?.stringValue
        } while cursor != nil && left > 0
        if gone > 0 { Console.note("\(gone) events were left out: their payload has outlived its retention") }
        if run.count == 0 { throw Console.fail("the router has recorded no events in that time", .unreadable) }
        return "the router at \(client.base)"
    }

    private static func event(_ item: JSONValue) throws -> RecordedEvent {
        do throws(SavedEvent.Failure) {
            return RecordedEvent(try SavedEvent(parsing: item.encoded(), now: HookCore.Environment.live.wall()))
        } catch {
            throw Console.fail("the router's answer is not understood: \(error)", .unreachable)
        }
    }
}
