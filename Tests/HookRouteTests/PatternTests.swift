// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import Testing

@Suite struct PatternTests {
    static func table(_ patterns: [JSONValue]) throws -> PatternTable {
        PatternTable(try patterns.map { try EventBridgePattern(parsing: $0.encoded()) })
    }

    static func numbers(_ table: PatternTable, _ body: [UInt8]) throws -> [UInt32] {
        var found: [UInt32] = []
        table.matcher().forEachMatch(try JSONDocument(parsing: body)) { found.append($0) }
        return found
    }

    /// 10 shapes × 20 tables × 25 events = 5,000 cases.
    @Test(arguments: RuleGenerator.PatternShape.allCases)
    func `generated tables of patterns say what the definition says`(_ shape: RuleGenerator.PatternShape) throws {
        var hits = 0
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = RuleGenerator(seed: seed &* 6_700_417)
            var patterns: [JSONValue] = []
            for _ in 0..<generator.pick([1, 3, 20, 60]) {
                let pattern = generator.pattern(shape)
                // Some combinations of `$or` are refused; see below.
                if (try? EventBridgePattern(parsing: pattern.encoded())) != nil { patterns.append(pattern) }
            }
            let table = try Self.table(patterns)
            for _ in 0..<25 {
                let event = try generator.event()
                let value = try JSONValue(parsing: event.body)
                let expected = patterns.indices.filter { PatternOracle.matches(patterns[$0], value) }.map { UInt32($0) }
                let found = try Self.numbers(table, event.body)
                hits += found.count
                if found != expected {
                    let wrong = Set(found).symmetricDifference(expected).map { patterns[Int($0)].text }
                    Issue.record("seed \(seed): \(wrong) on \(value.text)")
                    return
                }
            }
        }
        #expect(hits > 10, "\(hits)")
    }

    struct Probe: Sendable, CustomTestStringConvertible {
        let pattern: String
        let event: String
        let answer: Bool
        var testDescription: String { "\(self.pattern) on \(self.event)" }

        init(_ pattern: String, _ event: String, _ answer: Bool) {
            self.pattern = pattern
            self.event = event
            self.answer = answer
        }
    }

    static let probes: [Probe] = [
        // Values.
        Probe(#"{"a":[1]}"#, #"{"a":1.0}"#, true), Probe(#"{"a":[1]}"#, #"{"a":1e0}"#, true),
        Probe(#"{"a":[1]}"#, #"{"a":"1"}"#, false), Probe(#"{"a":[true]}"#, #"{"a":"true"}"#, false),
        Probe(#"{"a":[null]}"#, #"{"a":null}"#, true), Probe(#"{"a":[null]}"#, #"{}"#, false),
        Probe(#"{"a":[0]}"#, #"{"a":-0}"#, true),
        Probe(#"{"a":[9007199254740993]}"#, #"{"a":9007199254740992}"#, false),
        Probe(#"{"a":["é"]}"#, #"{"a":"\u00e9"}"#, true), Probe(#"{"a":["é"]}"#, #"{"a":"e\u0301"}"#, false),
        Probe(#"{"\u0061":["x"]}"#, #"{"a":"x"}"#, true), Probe(#"{"a":["x"]}"#, #"{"\u0061":"\u0078"}"#, true),
        // Presence.
        Probe(#"{"a":[{"exists":true}]}"#, #"{"a":null}"#, true),
        Probe(#"{"a":[{"exists":true}]}"#, #"{"a":{}}"#, false),
        Probe(#"{"a":[{"exists":true}]}"#, #"{"a":[]}"#, false),
        Probe(#"{"a":[{"exists":true}]}"#, #"{"a":[{"b":1}]}"#, false),
        Probe(#"{"a":[{"exists":true}]}"#, #"{"a":[1]}"#, true), Probe(#"{"a":[{"exists":false}]}"#, #"{}"#, true),
        Probe(#"{"a":[{"exists":false}]}"#, #"{"a":{"b":1}}"#, true),
        Probe(#"{"a":{"b":[{"exists":false}]}}"#, #"{}"#, true),
        Probe(#"{"a":[{"exists":false},1]}"#, #"{"a":1}"#, true), Probe(#"{"a":[{"exists":false},1]}"#, #"{}"#, true),
        Probe(#"{"a":[{"exists":false},1]}"#, #"{"a":2}"#, false),
        Probe(#"{"l":{"x":[1],"y":[{"exists":false}]}}"#, #"{"l":[{"x":1},{"x":2,"y":1}]}"#, true),
        Probe(#"{"l":{"x":[2],"y":[{"exists":false}]}}"#, #"{"l":[{"x":1},{"x":2,"y":1}]}"#, false),
        Probe(#"{"l":{"y":[{"exists":false}]}}"#, #"{"l":[{"x":1},{"x":2,"y":1}]}"#, false),
        // Negation.
        Probe(#"{"a":[{"anything-but":1}]}"#, #"{}"#, false),
        Probe(#"{"a":[{"anything-but":1}]}"#, #"{"a":null}"#, true),
        Probe(#"{"a":[{"anything-but":"x"}]}"#, #"{"a":7}"#, true),
        Probe(#"{"a":[{"anything-but":"x"}]}"#, #"{"a":["x","y"]}"#, true),
        Probe(#"{"a":[{"anything-but":"x"}]}"#, #"{"a":["x","x"]}"#, false),
        Probe(#"{"a":[{"anything-but":"x"}]}"#, #"{"a":{"b":1}}"#, false),
        Probe(#"{"a":[{"anything-but":{"prefix":"x"}}]}"#, #"{"a":"xy"}"#, false),
        Probe(#"{"a":[{"anything-but":{"prefix":["x","y"]}}]}"#, #"{"a":"z"}"#, true),
        Probe(#"{"a":[{"anything-but":{"wildcard":"*x*"}}]}"#, #"{"a":"axb"}"#, false),
        Probe(#"{"a":[{"anything-but":{"equals-ignore-case":["A","b"]}}]}"#, #"{"a":"B"}"#, false),
        Probe(#"{"a":["x",{"anything-but":"x"}]}"#, #"{"a":"x"}"#, true),
        // Texts.
        Probe(#"{"a":[{"prefix":""}]}"#, #"{"a":""}"#, true), Probe(#"{"a":[{"prefix":"1"}]}"#, #"{"a":12}"#, false),
        Probe(#"{"a":[{"wildcard":"*"}]}"#, #"{"a":""}"#, true),
        Probe(#"{"a":[{"wildcard":"1*"}]}"#, #"{"a":12}"#, false),
        Probe(#"{"a":[{"wildcard":"x?"}]}"#, #"{"a":"xy"}"#, false),
        Probe(#"{"a":[{"wildcard":"x\\*"}]}"#, #"{"a":"x*"}"#, true),
        Probe(#"{"a":[{"equals-ignore-case":"STRASSE"}]}"#, #"{"a":"straße"}"#, false),
        Probe(#"{"a":[{"prefix":{"equals-ignore-case":"Ab"}}]}"#, #"{"a":"aBc"}"#, true),
        Probe(#"{"a":[{"suffix":{"equals-ignore-case":"Ab"}}]}"#, #"{"a":"caB"}"#, true),
        // Numbers and addresses.
        Probe(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":5.0}"#, true),
        Probe(#"{"a":[{"numeric":[">",0,"<=",5]}]}"#, #"{"a":"5"}"#, false),
        Probe(#"{"a":[{"numeric":["=",300]}]}"#, #"{"a":3e2}"#, true),
        Probe(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"::ffff:10.0.0.1"}"#, true),
        Probe(#"{"a":[{"cidr":"10.0.0.0/24"}]}"#, #"{"a":"10.0.0.01"}"#, false),
        // Arrays.
        Probe(#"{"l":{"x":[1],"y":[2]}}"#, #"{"l":[{"x":1,"y":1},{"x":2,"y":2}]}"#, false),
        Probe(#"{"l":{"x":[1],"y":[2]}}"#, #"{"l":[[{"x":1,"y":1}],[{"x":1,"y":2}]]}"#, true),
        Probe(#"{"a":[1],"b":[2]}"#, #"{"a":[0,1],"b":[2,3]}"#, true),
        Probe(#"{"a":[3]}"#, #"{"a":[[1,2],[[3]]]}"#, true),
        Probe(
            #"{"l":{"m":{"x":[1]},"n":{"y":[2]}}}"#, #"{"l":[{"m":[{"x":1}],"n":[{"y":1}]},{"m":[],"n":[{"y":2}]}]}"#,
            false),
        Probe(#"{"l":{"m":{"x":[1]},"n":{"y":[2]}}}"#, #"{"l":[{"m":[{"x":0},{"x":1}],"n":[{"y":1},{"y":2}]}]}"#, true),
        // Keys and alternatives.
        Probe(#"{"a.b":[1]}"#, #"{"a":{"b":1}}"#, false), Probe(#"{"a.b":[1]}"#, #"{"a.b":1}"#, true),
        Probe(#"{"a":[1],"$or":[{"b":[1]},{"c":[1]}]}"#, #"{"a":1,"c":1}"#, true),
        Probe(#"{"a":[1],"$or":[{"b":[1]},{"c":[1]}]}"#, #"{"a":1}"#, false),
        Probe(#"{"l":{"x":[1],"$or":[{"y":[1]},{"z":[1]}]}}"#, #"{"l":[{"x":1},{"z":1}]}"#, false),
        Probe(#"{"$or":[1]}"#, #"{"$or":1}"#, true),
        Probe(#"{"a":[1]}"#, #"[{"a":1}]"#, false),
    ]

    @Test(arguments: Self.probes)
    func answers(_ probe: Probe) throws {
        let table = PatternTable([try EventBridgePattern(parsing: Array(probe.pattern.utf8))])
        #expect(try Self.numbers(table, Array(probe.event.utf8)).isEmpty != probe.answer)
        let pattern = try JSONValue(parsing: Array(probe.pattern.utf8))
        #expect(PatternOracle.matches(pattern, try JSONValue(parsing: Array(probe.event.utf8))) == probe.answer)
    }

    @Test func `all probes in one table answer as each alone`() throws {
        let patterns = try Self.probes.map { try JSONValue(parsing: Array($0.pattern.utf8)) }
        let table = try Self.table(patterns)
        for probe in Self.probes {
            let event = try JSONValue(parsing: Array(probe.event.utf8))
            let expected = patterns.indices.filter { PatternOracle.matches(patterns[$0], event) }.map { UInt32($0) }
            #expect(try Self.numbers(table, Array(probe.event.utf8)) == expected, "\(probe)")
        }
    }

    /// The same patterns, said as routes.
    @Test(arguments: RuleGenerator.PatternShape.allCases)
    func `routes made of patterns match the same events`(_ shape: RuleGenerator.PatternShape) throws {
        var hits = 0
        for seed in 1...15 as ClosedRange<UInt64> {
            var generator = RuleGenerator(seed: seed &* 15_485_863)
            var patterns: [EventBridgePattern] = []
            var routes: [RouteSpec] = []
            for _ in 0..<60 {
                guard let pattern = try? EventBridgePattern(parsing: generator.pattern(shape).encoded()),
                    let match = try? pattern.conditions()
                else { continue }
                routes.append(Fixtures.route("r\(patterns.count)", try Notation.condition(match)))
                patterns.append(pattern)
            }
            let (table, routeTable) = (PatternTable(patterns), RouteTable(routes: routes))
            for _ in 0..<20 {
                let event = try generator.event()
                // A pattern is about objects; a route may also look into an array at the top.
                guard event.data?.root.kind == .object else { continue }
                let found = try Self.numbers(table, event.body).map { "r\($0)" }
                hits += found.count
                let names = routeTable.names(event)
                #expect(names == found, "seed \(seed): \(String(decoding: event.body, as: UTF8.self))")
                // The naive matcher of the route language as well.
                #expect(routes.filter { Oracle.matches($0, event) }.map(\.name.text) == found)
            }
        }
        #expect(hits > 10, "\(hits)")
    }

    @Test(arguments: [
        ("{}", "empty"), ("[]", "object"), (#"{"a":{}}"#, "empty"), (#"{"a":[]}"#, "empty list"), (#"{"a":1}"#, "list"),
        (#"{"a":[[1]]}"#, "no lists"), (#"{"a":[{"like":"x"}]}"#, "like"), (#"{"a":[{}]}"#, "missing"),
        (#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "one operator"), (#"{"a":[{"prefix":1}]}"#, "text"),
        (#"{"a":[{"exists":1}]}"#, "true or false"), (#"{"a":[{"exists":true},{"exists":false}]}"#, "always"),
        (#"{"a":[{"wildcard":"a**b"}]}"#, "stars"), (#"{"a":[{"wildcard":"a\\x"}]}"#, "backslash"),
        (#"{"a":[{"numeric":["<",5,">",1]}]}"#, "lower"), (#"{"a":[{"numeric":[">",5,"<",1]}]}"#, "between"),
        (#"{"a":[{"numeric":["~",5]}]}"#, "comparisons"), (#"{"a":[{"cidr":"10.0.0.01/8"}]}"#, "address"),
        (#"{"a":[{"anything-but":[]}]}"#, "empty"), (#"{"a":[1],"a":[2]}"#, "twice"), (#"{"a":[1]"#, "ends"),
        (#"{"a":{"b":[1]},"$or":[{"a":[1]},{"c":[1]}]}"#, "as a value and as an object"),
    ])
    func `a pattern that means nothing is refused`(_ text: String, _ part: String) {
        do {
            _ = try EventBridgePattern(parsing: Array(text.utf8))
            Issue.record("accepted")
        } catch {
            #expect(error.reason.contains(part), "\(error.reason)")
        }
    }
}
