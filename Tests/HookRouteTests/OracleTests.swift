// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import Testing

@Suite struct OracleTests {
    /// 8 shapes × 20 tables × 25 events = 4,000 cases.
    @Test(arguments: RuleGenerator.Shape.allCases)
    func `generated tables say what the definition says`(_ shape: RuleGenerator.Shape) throws {
        var hits = 0
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = RuleGenerator(seed: seed &* 7919)
            let count = generator.pick([1, 3, 20, 60])
            let routes = (0..<count).map { generator.route("r\($0)", shape) }
            let table = RouteTable(routes: routes)
            for turn in 0..<25 {
                let event = try generator.event()
                let expected = routes.filter { Oracle.matches($0, event) }.map(\.name.text)
                let found = table.names(event)
                hits += found.count
                if found != expected {
                    let wrong = Set(found).symmetricDifference(expected).sorted()
                    let rules = routes.filter { wrong.contains($0.name.text) }.map {
                        "\($0.name): \(String(describing: $0.match))"
                    }
                    Issue.record(
                        "seed \(seed), event \(turn): \(wrong) on \(String(decoding: event.body, as: UTF8.self)): \(rules)"
                    )
                    return
                }
            }
        }
        #expect(hits > 300)
    }

    @Test func `explanations of generated tables say what the table says`() throws {
        for seed in 1...30 as ClosedRange<UInt64> {
            var generator = RuleGenerator(seed: seed &* 104_729)
            let routes = (0..<10).map { generator.route("r\($0)", generator.pick(RuleGenerator.Shape.allCases)) }
            let table = RouteTable(routes: routes)
            for _ in 0..<5 {
                let event = try generator.event()
                let explained = table.explain(event)
                #expect(explained.filter(\.isMatched).map(\.route.text) == table.names(event))
                for route in explained where route.isEnabled { #expect((route.because == nil) == route.isMatched) }
            }
        }
    }

    @Test func `one table matches on several threads at once`() async throws {
        var generator = RuleGenerator(seed: 5)
        let routes = (0..<200).map { generator.route("r\($0)", .mixed) }
        let table = RouteTable(routes: routes)
        var events: [Event] = []
        for _ in 0..<20 { events.append(try generator.event()) }
        let expected = events.map { event in routes.filter { Oracle.matches($0, event) }.map(\.name.text) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { [events] in
                    (0..<10).allSatisfy { _ in zip(events, expected).allSatisfy { table.names($0) == $1 } }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
