// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookVerify

@Suite struct BatchTests {
    static func source(_ change: (inout SourceSpec) -> Void = { _ in }) -> SourceSpec {
        var source = SourceSpec(
            name: "test", path: "/in/test", verify: .none, mark: Mark(file: "routes/x.yaml", line: 1, column: 1))
        source.event.type = .data(["type"], prefix: "")
        source.event.id = .data(["id"], prefix: "")
        source.dedupe = DedupeSpec(key: .eventID, within: .seconds(60))
        change(&source)
        return source
    }

    static func verdict(_ body: String, type: String = "application/x-ndjson", _ source: SourceSpec = source())
        -> VerifyVerdict
    {
        let accepted = Accepted(
            id: EventID(time: WallTime(milliseconds: 1), random: 7), source: "test",
            receivedAt: WallTime(milliseconds: 1), method: "POST", path: "/in/test", query: "",
            headers: HeaderBlock([("Content-Type", type), ("X-Delivery", "d1")]), body: Array(body.utf8), peer: nil)
        return Verify(sources: [source], secrets: FixedSecrets([:])).check(accepted, now: WallTime(milliseconds: 1))
    }

    static func events(_ verdict: VerifyVerdict) -> [Verified]? {
        if case .batch(let events) = verdict { events } else { nil }
    }

    static func failure(_ verdict: VerifyVerdict) -> VerifyFailure? {
        if case .refused(let failure) = verdict { failure } else { nil }
    }

    @Test(arguments: ["application/x-ndjson", "application/jsonl; charset=utf-8", "APPLICATION/NDJSON"])
    func `each line is an event of its own`(_ type: String) throws {
        let body = "{\"type\":\"a\",\"id\":\"1\"}\r\n\n  \n{ \"type\": \"b\", \"id\": \"2\" }"
        let events = try #require(Self.events(Self.verdict(body, type: type)))
        #expect(events.map(\.event.type) == ["a", "b"] && events.map(\.event.senderID) == ["1", "2"])
        #expect(events.map(\.event.contentType) == ["application/json", "application/json"])
        #expect(String(decoding: events[1].event.body, as: UTF8.self) == "{ \"type\": \"b\", \"id\": \"2\" }")
        #expect(
            Set(events.map(\.event.id)).count == 2
                && events[0].event.id == EventID(time: WallTime(milliseconds: 1), random: 7))
        #expect(events[0].dedupe != events[1].dedupe)
        let again = try #require(Self.events(Self.verdict(body, type: type)))
        #expect(again.map(\.event.id) == events.map(\.event.id))
    }

    @Test func `one bad line refuses all, and each fault has its place`() throws {
        let body = "{\"type\":\"a\"}\n{\n{\"type\":\"\"}\n\n[1,\n"
        let failure = try #require(Self.failure(Self.verdict(body)))
        #expect(failure.status == 400 && failure.code == "batch/refused")
        #expect(failure.parts.map(\.pointer) == ["/1", "/2", "/3"])
        #expect(failure.parts.map(\.code) == ["json/invalid", "event/type", "json/invalid"])
        #expect(failure.parts[2].detail.hasPrefix("line 5: ") && failure.parts[0].offset == 1)
    }

    @Test func `an id that the whole request has is numbered`() throws {
        let source = Self.source {
            $0.event.id = .header("X-Delivery", prefix: "")
            $0.dedupe = DedupeSpec(key: .value(.header("X-Delivery", prefix: "")), within: .seconds(60))
        }
        let events = try #require(Self.events(Self.verdict("{\"type\":\"a\"}\n{\"type\":\"b\"}", source)))
        #expect(events.map(\.event.senderID) == ["d1.1", "d1.2"] && events[0].dedupe != events[1].dedupe)
    }

    @Test func `a CloudEvents batch is taken apart`() throws {
        let source = Self.source {
            $0.event.type = nil
            $0.event.id = nil
        }
        let one = #"{"specversion":"1.0","id":"1","source":"/s","type":"a","data":{"x": 1.0}}"#
        let two = #"{"specversion":"1.0","id":"1","source":"/t","type":"b","datacontenttype":"text/plain","data":"hi"}"#
        let type = "application/cloudevents-batch+json"
        let events = try #require(Self.events(Self.verdict("[\(one), \(two)]", type: type, source)))
        #expect(events.map(\.event.type) == ["a", "b"])
        #expect(events.map { String(decoding: $0.event.body, as: UTF8.self) } == [#"{"x": 1.0}"#, "hi"])
        #expect(events[1].event.contentType == "text/plain" && events[0].dedupe != events[1].dedupe)
        let failure = try #require(Self.failure(Self.verdict("[\(one), {\"id\":\"2\"}]", type: type, source)))
        #expect(failure.parts.map(\.pointer) == ["/1"] && failure.parts.map(\.code) == ["cloudevents/invalid"])
        #expect(Self.failure(Self.verdict(one, type: type, source))?.code == "batch/invalid")
        #expect(Self.events(Self.verdict("[]", type: type, source))?.isEmpty == true)
    }

    @Test func `a source that does not want several takes one`() throws {
        let source = Self.source {
            $0.batch = .off
            $0.event.type = nil
            $0.event.typeDefault = "log.lines"
        }
        let event = try #require(verified(Self.verdict("{}\n{}", source)))
        #expect(event.event.type == "log.lines" && event.event.data == nil)
    }

    @Test func `more than the bound are too many`() throws {
        let body = String(repeating: "1\n", count: BatchRule.eventsMax + 1)
        #expect(Self.failure(Self.verdict(body))?.status == 413)
    }
}
