// SPDX-License-Identifier: Apache-2.0
import HookBenchKit
import HookCore
import HookRoute

/// Bytes to matches: the body is parsed and matched against tables of mixed rules.
struct MatchBenchmark {
    let sizes: [Int]

    func run(runs: Int) {
        for size in self.sizes { self.run(size, runs: runs) }
    }

    private func run(_ size: Int, runs: Int) {
        var rules = MixedRules(ruleCount: size)
        let routes = rules.routes()
        let before = Stopwatch.residentBytes
        var table = RouteTable(routes: [])
        let build = Stopwatch.time(1) { table = RouteTable(routes: routes) }
        let grown = Stopwatch.residentBytes - before
        // More events than caches hold, so that a look-up costs what it costs in a busy router.
        let events = (0..<2048).map { _ in rules.event() }
        var scripts = NoScripts()
        var hits = 0
        var place = 0
        let both = Stopwatch.perCall(runs: runs) {
            let (type, body) = events[place & 2047]
            place += 1
            guard let event = MadeEvent.make(type: type, body: body, number: place) else { return }
            hits += table.match(Verified(event: event, dedupe: nil), scripts: &scripts).hits.count
        }
        let perEvent = Double(hits) / Double(place)
        let parse = Stopwatch.perCall(runs: runs) {
            let (type, body) = events[place & 2047]
            place += 1
            if MadeEvent.make(type: type, body: body, number: place) == nil { hits = 0 }
        }
        precondition(hits > 0, "mixed events must match something")
        Figure.print("match.\(size)", both * 1e6, "µs")
        Figure.print("match.\(size).parse", parse * 1e6, "µs")
        Figure.print("match.\(size).hits", perEvent, "routes")
        Figure.print("match.\(size).build", build * 1e3, "ms")
        Figure.print("match.\(size).memory", Double(grown) / Double(size), "B/route")
    }
}

/// Bodies that cost other matchers the square or the cube of their size; one rule.
struct HostileBenchmark {
    func run() {
        let halves =
            "{\"l\":[" + (0..<8000).map { $0 % 2 == 0 ? "{\"a\":1}" : "{\"b\":1}" }.joined(separator: ",") + "]}"
        let either = Condition.and([
            .field(FieldPath(.data, ["l", "a"]), .equals(.number(JSONNumber(1))), nil),
            .field(FieldPath(.data, ["l", "b"]), .equals(.number(JSONNumber(1))), nil),
        ])
        let list = "[" + (0..<480).map { "\"v\($0)\"" }.joined(separator: ",") + "]"
        let three = Condition.and(
            ["a", "b", "c"].map { .field(FieldPath(.data, [$0]), .equals(.string("v479")), nil) })
        self.run("hostile.halves", halves, either)
        self.run("hostile.three", "{\"a\":\(list),\"b\":\(list),\"c\":\(list)}", three)
    }

    private func run(_ name: String, _ body: String, _ match: Condition) {
        let mark = Mark(file: "routes/hostile.yaml", line: 1, column: 1)
        var route = RouteSpec(
            name: RouteName("hostile"), mark: mark, targets: .list([TargetSpec(destination: "sink", mark: mark)]))
        route.match = match
        let table = RouteTable(routes: [route])
        let bytes = Array(body.utf8)
        var scripts = NoScripts()
        var hits = 0
        let seconds = Stopwatch.perCall(runs: 3, seconds: 0.1) {
            guard let event = MadeEvent.make(type: "t", body: bytes, number: 1) else { return }
            hits += table.match(Verified(event: event, dedupe: nil), scripts: &scripts).hits.count
        }
        precondition(hits > 0)
        Figure.print(name, seconds * 1e3, "ms")
    }
}

/// Rules without Lua.
struct NoScripts: ConditionScripts {
    mutating func verdict(
        of script: ScriptID, for event: Event, route: RouteName
    ) throws(ScriptFailure) -> ConditionVerdict { .holds }
}

enum MadeEvent {
    /// An event with this body; nil where it is no JSON.
    static func make(type: String, body: [UInt8], number: Int) -> Event? {
        let time = WallTime(milliseconds: 1_767_225_600_000)
        guard let data = try? JSONDocument(parsing: body) else { return nil }
        return Event(
            id: EventID(time: time, random: UInt64(number)), source: "bench", type: type, time: time, body: body,
            data: data)
    }
}
