// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct ConversionTests {
    private static let source = """
        function up(data, ctx) return {n = data.n + 1, way = (data.way or "") .. ctx.from .. ">" .. ctx.to .. " "} end
        function same(data) return data end
        function none(data) end
        function drops(data) return drop("no") end
        function fails(data) fail("not " .. data.n) end
        function breaks(data) return data.missing.field end
        function reads(data, ctx) return {type = ctx.type, test = ctx.test, now = ctx.now, route = ctx.route == nil} end
        function writes(data) data.n = 5 return data end
        """

    /// Each converter by its function; the script's number is its place.
    private struct World {
        let worker: ScriptWorker
        let table: VersionTable

        init(_ converters: [(from: Int, to: Int, function: String)], versions: [Int] = [1, 2, 3, 4]) throws {
            let specs = converters.map { one in
                ScriptSpec(
                    role: .convert, body: .function(file: "t.lua", name: one.function), mark: ScriptFixture.mark)
            }
            let fixture = try ScriptFixture(["t.lua": ConversionTests.source], specs)
            self.worker = fixture.worker(mode: .test)
            var type = EventTypeSpec(name: "t", mark: ScriptFixture.mark)
            type.versions = versions.map { EventVersionSpec(number: $0, mark: ScriptFixture.mark) }
            type.converters = converters.enumerated().map { place, one in
                ConverterSpec(from: one.from, to: one.to, script: ScriptID(place), mark: ScriptFixture.mark)
            }
            self.table = VersionTable(CatalogueSpec([type]), headerName: nil)
        }

        func conversions(_ event: Event, check: Conversions.StepCheck? = nil) throws -> Conversions {
            Conversions(event, of: try #require(self.table[event.type]), worker: self.worker, check: check)
        }
    }

    private static func text(_ event: Event) -> String { String(decoding: event.body, as: UTF8.self) }

    @Test func `a chain runs step by step, and each step once`() throws {
        let world = try World([(1, 2, "up"), (2, 3, "up"), (3, 4, "up")])
        let conversions = try world.conversions(.made(#"{"n":1}"#, version: 1))
        let third = try conversions.view(3)
        #expect(Self.text(third) == #"{"n":3,"way":"1>2 2>3 "}"#)
        #expect(third.version == 3 && third.isReshaped && third.id == Event.made("{}").id)
        #expect(world.worker.takeCalls().count == 2)
        #expect(Self.text(try conversions.view(2)) == #"{"n":2,"way":"1>2 "}"#)
        #expect(Self.text(try conversions.view(4)) == #"{"n":4,"way":"1>2 2>3 3>4 "}"#)
        _ = try conversions.view(4)
        let calls = world.worker.takeCalls()
        #expect(calls.map(\.conversion) == [.init(type: "t", from: 3, to: 4)])
        #expect(calls.first?.script == "t.lua#up" && calls.first?.route == "events.t")
        #expect(conversions.notes.map { "\($0.from)>\($0.to) \($0.steps.count)" } == ["1>3 2", "1>4 1"])
    }

    @Test func `the version that came is the event itself`() throws {
        let world = try World([(1, 2, "up")])
        let event = Event.made(#"{"n": 1}"#, version: 1)
        let view = try world.conversions(event).view(1)
        #expect(!view.isReshaped && view.body == event.body)
        #expect(world.worker.takeCalls().isEmpty)
    }

    @Test func `data that a converter returns as they came keep their bytes`() throws {
        let world = try World([(1, 2, "same"), (2, 3, "writes")])
        let conversions = try world.conversions(.made(#"{ "n" : 1.50 }"#, version: 1))
        #expect(Self.text(try conversions.view(2)) == #"{ "n" : 1.50 }"#)
        #expect(try conversions.view(2).version == 2)
        #expect(Self.text(try conversions.view(3)) == #"{"n":5}"#)
    }

    @Test func `a converter sees the versions and no route`() throws {
        let world = try World([(1, 2, "reads")])
        let view = try world.conversions(.made("{}", version: 1)).view(2)
        #expect(Self.text(view) == #"{"now":1767225600123,"route":true,"test":true,"type":"t"}"#)
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        let function: String
        let code: String
        var testDescription: String { self.function }
    }

    @Test(arguments: [
        Failure(function: "none", code: "script/no-result"), Failure(function: "drops", code: "script/result-type"),
        Failure(function: "fails", code: "script/failed"), Failure(function: "breaks", code: "script/runtime"),
    ])
    func `a converter that fails says so to everybody, and runs once`(_ one: Failure) throws {
        let world = try World([(1, 2, one.function), (2, 3, "up")])
        let conversions = try world.conversions(.made(#"{"n":1}"#, version: 1))
        for version in one.function == "fails" ? [2, 3, 2] : [3, 2, 3] {
            let failure = #expect(throws: ScriptFailure.self) { try conversions.view(version) }
            #expect(failure?.code == one.code)
            #expect(failure?.script == "t.lua#\(one.function)")
        }
        #expect(world.worker.takeCalls().count == 1)
        #expect(conversions.notes.first?.steps.first?.failure?.code == one.code)
    }

    @Test func `where no chain leads, nothing runs`() throws {
        let world = try World([(1, 2, "up")])
        let cases: [(version: Int?, wanted: Int, words: String)] = [
            (2, 1, "no chain of converters leads from t@2 to version 1"),
            (9, 1, "the catalogue has no version 9 of t, so nothing leads to version 1"),
            (nil, 1, "the event has no version, so nothing leads to t@1"),
        ]
        for one in cases {
            let conversions = try world.conversions(.made("{}", version: one.version))
            let failure = #expect(throws: ScriptFailure.self) { try conversions.view(one.wanted) }
            #expect(failure?.code == "convert/no-chain" && failure?.message == one.words)
        }
        #expect(world.worker.takeCalls().isEmpty)
        #expect(world.table["other"] == nil)
    }

    @Test func `a body that is no JSON cannot be converted`() throws {
        let world = try World([(1, 2, "up")])
        let text = Event.made("no json", version: 1, contentType: "text/plain")
        let failure = #expect(throws: ScriptFailure.self) { try world.conversions(text).view(2) }
        #expect(failure?.code == "convert/not-json")
        let event = Event.made("{}", version: 1)
        let other = #expect(throws: ScriptFailure.self) {
            try world.conversions(event).body(Array("hello".utf8), of: event, as: 2, for: "d")
        }
        #expect(other?.code == "convert/not-json")
    }

    @Test func `each step is held against its schema where that is asked`() throws {
        let world = try World([(1, 2, "up"), (2, 3, "up")])
        var seen: [String] = []
        let conversions = try world.conversions(.made(#"{"n":1}"#, version: 1)) { type, version, data in
            seen.append("\(type)@\(version) \(JSONValue(data).text)")
            return version == 3 ? "/n: too much" : nil
        }
        let failure = #expect(throws: ScriptFailure.self) { try conversions.view(3) }
        #expect(failure?.code == "convert/invalid-step")
        #expect(failure?.message == "what it made is no t@3: /n: too much")
        #expect(seen.count == 2 && seen[0].hasPrefix("t@2 "))
        #expect(try conversions.view(2).version == 2)
    }

    // MARK: On the way out

    @Test func `a body goes out in the pinned version, and equal bodies are converted once`() throws {
        let world = try World([(1, 2, "up"), (2, 1, "up")])
        let event = Event.made(#"{"n":1}"#, version: 2)
        let conversions = try world.conversions(event)
        let made = Array(#"{"n":10}"#.utf8)
        for destination in ["a", "b"] {
            let body = try conversions.body(made, of: event, as: 1, for: DestinationName(destination))
            #expect(body.map { String(decoding: $0, as: UTF8.self) } == #"{"n":11,"way":"2>1 "}"#)
        }
        #expect(world.worker.takeCalls().count == 1)
        #expect(try conversions.body(made, of: event, as: 2, for: "a") == nil)
        #expect(try conversions.body(made, of: event, as: 7, for: "a") == nil, "a version that the type lacks")
        // Without a transform it is the event itself that is converted, as for a route.
        _ = try conversions.body(nil, of: event, as: 1, for: "a")
        _ = try conversions.view(1)
        #expect(world.worker.takeCalls().count == 1)
    }

    @Test func `what came in an old version goes out in it as it came`() throws {
        let world = try World([(1, 2, "up"), (2, 1, "up")])
        let event = Event.made(#"{ "n": 1 }"#, version: 1)
        let conversions = try world.conversions(event)
        let seen = try conversions.view(2)
        let body = try conversions.body(nil, of: seen, as: 1, for: "a")
        #expect(body == event.body)
        #expect(world.worker.takeCalls().count == 1, "the way in alone")
    }

    @Test func `a part of a split event is converted by itself`() throws {
        let world = try World([(1, 2, "up")])
        let event = Event.made(#"{"n":1}"#, version: 1)
        let conversions = try world.conversions(event)
        let part = Array(#"{"n":7}"#.utf8)
        let view = event.reshaped(version: 1, body: part, data: try JSONDocument(parsing: part), part: 1)
        let body = try conversions.body(nil, of: view, as: 2, for: "a")
        #expect(body.map { String(decoding: $0, as: UTF8.self) } == #"{"n":8,"way":"1>2 "}"#)
    }
}
