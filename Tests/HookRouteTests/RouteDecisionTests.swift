// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import Testing

@Suite struct RouteDecisionTests {
    static func target(_ name: String, match: Condition? = nil, script: Int? = nil, transform: Int? = nil) -> TargetSpec
    {
        var target = TargetSpec(destination: DestinationName(name), mark: Fixtures.mark())
        target.match = match
        target.scripts = script.map { [ScriptID($0)] } ?? []
        target.transform = transform.map { ScriptID($0) }
        return target
    }

    static func big(_ bound: Int) -> Condition {
        .field(FieldPath(.data, ["n"]), .number(.gte, JSONNumber(bound)), nil)
    }

    static func route(_ targets: RouteSpec.Targets, script: Int? = nil, onError: RouteSpec.OnError = .hold) -> RouteSpec
    {
        var route = RouteSpec(name: "r", mark: Fixtures.mark(), targets: targets)
        route.match = Self.big(1)
        route.scripts = script.map { [ScriptID($0)] } ?? []
        route.onError = onError
        route.transform = ScriptID(100)
        return route
    }

    static func match(
        _ route: RouteSpec, n: Int = 5, _ answers: [Int: ScriptedConditions.Answer] = [:]
    ) throws -> (routed: Routed, asked: [Int]) {
        let event = try Notation.event(["data": ["n": .int(n)]])
        var scripts = ScriptedConditions(answers: answers)
        let routed = RouteTable(routes: [route]).match(Verified(event: event, dedupe: nil), scripts: &scripts)
        return (routed, scripts.asked)
    }

    @Test func `a route that does not match leaves no trace and asks no script`() throws {
        let (routed, asked) = try Self.match(Self.route(.list([Self.target("a")]), script: 1), n: 0)
        #expect(routed.hits.isEmpty && routed.fates.isEmpty && routed.held.isEmpty && asked.isEmpty)
    }

    @Test func `a hit has its targets and no fate yet`() throws {
        let targets = [Self.target("a"), Self.target("b", transform: 7)]
        let (routed, asked) = try Self.match(Self.route(.list(targets), script: 1))
        #expect(asked == [1] && routed.fates.isEmpty)
        let hit = try #require(routed.hits.first)
        #expect(hit.targets.map(\.destination.text) == ["a", "b"])
        #expect(hit.targets.map(\.transform?.index) == [100, 7])
        #expect(hit.caseName == nil)
    }

    @Test func `a script that says no filters with its reason`() throws {
        let (routed, _) = try Self.match(Self.route(.list([Self.target("a")]), script: 1), [1: .fails("too small")])
        #expect(routed.hits.isEmpty)
        #expect(routed.fates == [Fate(route: "r", kind: .filtered, reason: "too small")])
    }

    @Test(arguments: RouteSpec.OnError.allCases)
    func `a broken route script holds, drops or passes`(_ onError: RouteSpec.OnError) throws {
        let route = Self.route(.list([Self.target("a")]), script: 1, onError: onError)
        let (routed, _) = try Self.match(route, [1: .breaks("script/runtime")])
        switch onError {
        case .hold:
            #expect(routed.fates == [Fate(route: "r", kind: .held, reason: "script/runtime")])
            #expect(routed.held.map(\.failure.code) == ["script/runtime"] && routed.held.first?.destination == nil)
        case .drop:
            #expect(routed.fates == [Fate(route: "r", kind: .dropped, reason: "script/runtime")] && routed.held.isEmpty)
        case .pass: #expect(routed.fates.isEmpty && routed.held.isEmpty)
        }
        #expect(routed.hits.isEmpty == (onError != .pass))
    }

    @Test func `targets have conditions and scripts of their own`() throws {
        let targets = [
            Self.target("small"), Self.target("big", match: Self.big(100)), Self.target("refused", script: 2),
            Self.target("taken", script: 3),
        ]
        let (routed, asked) = try Self.match(Self.route(.list(targets)), [2: .fails(nil)])
        #expect(routed.hits.first?.targets.map(\.destination.text) == ["small", "taken"])
        #expect(asked == [2, 3] && routed.fates.isEmpty)
    }

    @Test func `a route whose targets all refuse is filtered`() throws {
        let (none, _) = try Self.match(Self.route(.list([Self.target("big", match: Self.big(100))])))
        #expect(none.fates == [Fate(route: "r", kind: .filtered, reason: "no target matched")] && none.hits.isEmpty)
        let (said, _) = try Self.match(Self.route(.list([Self.target("a", script: 1)])), [1: .fails("why")])
        #expect(said.fates == [Fate(route: "r", kind: .filtered, reason: "no target matched: why")])
    }

    @Test func `a broken target script holds that target alone`() throws {
        let route = Self.route(.list([Self.target("a"), Self.target("b", script: 1)]))
        let (routed, _) = try Self.match(route, [1: .breaks("script/runtime")])
        #expect(routed.hits.first?.targets.map(\.destination.text) == ["a"])
        #expect(routed.held.map(\.destination) == ["b"] && routed.fates.isEmpty)
        let (alone, _) = try Self.match(
            Self.route(.list([Self.target("b", script: 1)])), [1: .breaks("script/runtime")])
        #expect(alone.hits.isEmpty && alone.held.map(\.destination) == ["b"])
        #expect(alone.fates == [Fate(route: "r", kind: .held, reason: "script/runtime")])
    }

    static func cases() -> RouteSpec.Targets {
        var big = CaseSpec(
            name: "big", mark: Fixtures.mark(), targets: [Self.target("a"), Self.target("b", transform: 9)])
        big.match = Self.big(100)
        big.transform = ScriptID(50)
        var middle = CaseSpec(name: "middle", mark: Fixtures.mark(), targets: [Self.target("c")])
        middle.match = Self.big(10)
        middle.scripts = [ScriptID(1)]
        let rest = CaseSpec(name: "rest", mark: Fixtures.mark(), targets: [Self.target("d", match: Self.big(3))])
        return .cases([big, middle, rest])
    }

    @Test(arguments: [(1000, "big", [50, 9]), (50, "middle", [100]), (5, "rest", [100])])
    func `the first case that holds fires`(_ n: Int, _ name: String, _ transforms: [Int]) throws {
        let (routed, _) = try Self.match(Self.route(Self.cases()), n: n)
        #expect(routed.hits.first?.caseName == name)
        #expect(routed.hits.first?.targets.map(\.transform?.index) == transforms)
    }

    @Test func `a case whose script says no gives way to the next`() throws {
        let (routed, asked) = try Self.match(Self.route(Self.cases()), n: 50, [1: .fails("no")])
        #expect(routed.hits.first?.caseName == "rest" && asked == [1])
    }

    @Test func `the case that fires is the last word`() throws {
        let (routed, _) = try Self.match(Self.route(Self.cases()), n: 2)
        #expect(routed.fates == [Fate(route: "r", kind: .filtered, reason: "no target matched")])
    }

    @Test func `no case is a reason`() throws {
        var only = CaseSpec(name: "big", mark: Fixtures.mark(), targets: [Self.target("a")])
        only.match = Self.big(100)
        let (routed, _) = try Self.match(Self.route(.cases([only])))
        #expect(routed.fates == [Fate(route: "r", kind: .filtered, reason: "no case matched")])
    }

    @Test func `a broken case script holds the route and tries no other case`() throws {
        let (routed, _) = try Self.match(Self.route(Self.cases()), n: 50, [1: .breaks("script/budget-steps")])
        #expect(routed.hits.isEmpty && routed.held.count == 1)
        #expect(routed.fates == [Fate(route: "r", kind: .held, reason: "script/budget-steps")])
    }

    @Test func `routes fire in the order given, whatever finds them`() throws {
        let any = Fixtures.route("z-any")
        let exact = Fixtures.route("m-exact", .field(FieldPath(.data, ["n"]), .equals(.number(JSONNumber(5))), nil))
        let range = Fixtures.route("a-range", Self.big(1))
        var off = Fixtures.route("off")
        off.isEnabled = false
        let event = try Notation.event(["data": ["n": 5]])
        #expect(RouteTable(routes: [range, off, any, exact]).names(event) == ["a-range", "z-any", "m-exact"])
        #expect(RouteTable(routes: [exact, any, range]).names(event) == ["m-exact", "z-any", "a-range"])
        #expect(RouteTable(routes: []).names(event).isEmpty)
    }

    @Test(
        arguments: [
            ("order.*", nil, true), ("order.created", 2, true), ("order.created", 1, false), ("*", 2, true),
            ("order", nil, false),
            ("*.created", nil, true), ("Order.*", nil, false), ("o*\\*d", nil, false),
        ] as [(String, Int?, Bool)])
    func `event patterns take types and versions`(_ type: String, _ version: Int?, _ isTaken: Bool) throws {
        var route = Fixtures.route("r")
        route.events = [EventPattern(type: "never"), EventPattern(type: type, version: version)]
        let event = try Notation.event(["type": "order.created", "version": 2, "data": [:]])
        #expect(RouteTable(routes: [route]).names(event).isEmpty == !isTaken)
    }
}
