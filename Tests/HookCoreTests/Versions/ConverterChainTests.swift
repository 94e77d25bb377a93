// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct ConverterChainTests {
    private static let mark = Mark(file: "routes/x.yaml", line: 1, column: 1)

    private static func chains(_ pairs: [(Int, Int)]) -> ConverterChains {
        ConverterChains(
            pairs.enumerated().map { place, pair in
                ConverterSpec(from: pair.0, to: pair.1, script: ScriptID(place), mark: self.mark)
            })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let pairs: [(Int, Int)]
        let from: Int
        let to: Int
        /// Versions on the way, the last included; nil: there is none.
        let way: [Int]?
        var testDescription: String { self.name }
    }

    @Test(arguments: [
        Case(name: "itself", pairs: [(1, 2)], from: 1, to: 1, way: []),
        Case(name: "one step", pairs: [(1, 2), (2, 1)], from: 2, to: 1, way: [1]),
        Case(name: "three steps up", pairs: [(1, 2), (2, 3), (3, 4)], from: 1, to: 4, way: [2, 3, 4]),
        Case(name: "no way back", pairs: [(1, 2), (2, 3)], from: 3, to: 1, way: nil),
        Case(name: "a short cut", pairs: [(1, 2), (2, 3), (1, 3)], from: 1, to: 3, way: [3]),
        Case(
            name: "of two equally short ones that over the higher version",
            pairs: [(1, 2), (2, 9), (1, 3), (3, 9)], from: 1, to: 9, way: [3, 9]),
        Case(
            name: "the same, declared the other way round",
            pairs: [(3, 9), (1, 3), (2, 9), (1, 2)], from: 1, to: 9, way: [3, 9]),
        Case(name: "a circle ends", pairs: [(1, 2), (2, 1), (2, 3), (3, 2)], from: 1, to: 3, way: [2, 3]),
        Case(name: "an unknown version", pairs: [(1, 2)], from: 7, to: 2, way: nil),
    ])
    func `the shortest chain is taken`(_ one: Case) {
        let chain = Self.chains(one.pairs).chain(from: one.from, to: one.to)
        #expect(chain?.map(\.to) == one.way)
        if let chain, let first = chain.first { #expect(first.from == one.from) }
    }

    /// What lets one conversion serve two versions.
    @Test func `every beginning of a chain is the chain to where it ends`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let pairs = (0..<12).map { _ in
                (Int.random(in: 1...6, using: &random), Int.random(in: 1...6, using: &random))
            }
            let chains = Self.chains(pairs.filter { $0.0 != $0.1 })
            for from in 1...6 {
                for to in chains.reach(of: from) {
                    let way = chains.chain(from: from, to: to)?.map(\.to) ?? []
                    for length in 1..<max(1, way.count) {
                        let part = chains.chain(from: from, to: way[length - 1])?.map(\.to)
                        #expect(part == Array(way.prefix(length)))
                    }
                }
            }
        }
    }
}

@Suite struct EventVersionFactsTests {
    private static let mark = Mark(file: "routes/x.yaml", line: 1, column: 1)

    private static func type(_ change: (inout EventTypeSpec) -> Void) -> VersionTable {
        var type = EventTypeSpec(name: "order.created", mark: self.mark)
        type.versions = [EventVersionSpec(number: 1, mark: self.mark), EventVersionSpec(number: 2, mark: self.mark)]
        type.versions[1].isCurrent = true
        change(&type)
        return VersionTable(CatalogueSpec([type]), headerName: "X-Webhook-Version")
    }

    private static func headers(_ table: VersionTable, _ version: Int = 1) -> [String] {
        (table.facts(of: "order.created", version)?.answerHeaders ?? []).map { "\($0.name): \($0.value)" }
    }

    @Test func `a version that nobody has given up is not announced`() {
        let table = Self.type { _ in }
        #expect(Self.headers(table) == [] && Self.headers(table, 2) == [])
        #expect(table.facts(of: "order.created", 2)?.deliveryHeader?.value == "2")
        #expect(table.facts(of: "order.created", 3) == nil && table.facts(of: "order.paid", 1) == nil)
    }

    /// 1688169599 is the example of RFC 9745, section 2.1; the date that of RFC 8594, section 3.
    @Test func `deprecation and sunset are said as their documents ask`() {
        let table = Self.type {
            $0.versions[0].deprecated = WallTime(rfc3339: "2023-06-30T23:59:59Z")
            $0.versions[0].sunset = WallTime(rfc3339: "2018-12-31T23:59:59Z")
        }
        #expect(Self.headers(table) == ["deprecation: @1688169599", "sunset: Mon, 31 Dec 2018 23:59:59 GMT"])
        #expect(Self.headers(table, 2) == [])
    }

    @Test func `links say where to read and what follows`() {
        let table = Self.type {
            $0.link = "https://docs.example/orders"
            $0.versions[0].deprecated = WallTime(milliseconds: 0)
            $0.versions[0].sunset = WallTime(milliseconds: 0)
            $0.versions[0].link = "https://docs.example/orders/1"
            $0.versions[1].link = "https://docs.example/orders/2"
        }
        #expect(
            Self.headers(table).last
                == "link: <https://docs.example/orders/1>; rel=\"deprecation\", <https://docs.example/orders/1>; "
                + "rel=\"sunset\", <https://docs.example/orders/2>; rel=\"successor-version\"")
    }

    @Test func `CloudEvents say the schema, and from its day on the deprecation`() throws {
        let table = Self.type {
            $0.versions[0].deprecated = WallTime(milliseconds: 1_000)
            $0.versions[0].sunset = WallTime(milliseconds: 2_000)
            $0.versions[0].link = "https://docs.example/orders/1"
            $0.versions[0].schema = SchemaFileSpec(path: "s.json", value: ["$id": "https://schemas.example/order.1"])
            $0.versions[1].schema = SchemaFileSpec(path: "t.json", value: ["type": "object"])
        }
        func attributes(_ version: Int, _ now: Int64) throws -> [String] {
            try #require(table.facts(of: "order.created", version))
                .cloudEventAttributes(at: WallTime(milliseconds: now)).map { "\($0.name)=\($0.value.text)" }
        }
        #expect(try attributes(1, 999) == ["dataschema=https://schemas.example/order.1"])
        #expect(
            try attributes(1, 1_000) == [
                "dataschema=https://schemas.example/order.1", "deprecated=true",
                "deprecationfrom=1970-01-01T00:00:01.000Z", "deprecationsunset=1970-01-01T00:00:02.000Z",
                "deprecationmigration=https://docs.example/orders/1",
            ])
        #expect(try attributes(2, 1_000) == ["dataschema=urn:hookswitch:schema:order.created:2"])
    }
}
