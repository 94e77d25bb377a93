// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import HookVerify
import Testing

@Suite struct SavedEventTests {
    static let now = WallTime(milliseconds: 1_767_268_800_000)

    static func read(_ text: String) throws -> SavedEvent {
        try SavedEvent(parsing: Array(text.utf8), now: self.now)
    }

    @Test(arguments: [#"{"a":1,"b":[1.0,1e2]}"#, "not json", "", "\u{1F600}"])
    func `what is written is read again, byte for byte`(_ text: String) throws {
        try Self.roundTrip(Array(text.utf8))
    }

    @Test func `bytes that are no text survive`() throws { try Self.roundTrip([0, 255, 1, 0xC3]) }

    private static func roundTrip(_ body: [UInt8]) throws {
        let event = Event(
            id: EventID(time: self.now, random: 77), source: "shop", type: "order.created", version: 2, time: self.now,
            subject: "s", senderID: "A-1", method: "PUT", path: "/in/shop", query: "a=b",
            headers: HeaderBlock([("x-one", "1"), ("x-one", "2")]), contentType: "text/plain", body: body, data: nil)
        let value = JSONValue.object(SavedEvent.members(event, revision: RevisionID("abc"), body: body))
        #expect(SavedEvent.isSaved(value.encoded(.indented)))
        let again = try SavedEvent(parsing: value.encoded(.indented), now: WallTime(milliseconds: 0))
        #expect(again.event.id == event.id && again.event.type == event.type && again.event.version == 2)
        #expect(again.event.time == event.time && again.event.source == "shop" && again.event.subject == "s")
        #expect(again.event.senderID == "A-1" && again.event.method == "PUT" && again.event.path == "/in/shop")
        #expect(again.event.query == "a=b" && again.event.headers == event.headers && again.event.body == body)
        #expect(again.event.contentType == "text/plain" && again.revision?.text == "abc" && again.hasRequest)
        #expect(again.json == value)
    }

    @Test func `little is needed by hand, and the same file is the same event`() throws {
        let text = #"{"schema":"hookswitch/event@1","type":"order.created","data":{"total":1.0}}"#
        let (one, other) = (try Self.read(text), try Self.read(text))
        #expect(one.event.id == other.event.id && one.event.time == Self.now && !one.hasRequest)
        #expect(String(decoding: one.event.body, as: UTF8.self) == #"{"total":1.0}"#)
        #expect(one.event.data != nil && one.event.contentType == "application/json")
        let object = try Self.read(
            #"{"schema":"hookswitch/event@1","source":"github","headers":{"X-GitHub-Event":"push"},"data":null}"#)
        #expect(object.event.headers["x-github-event"] == "push" && object.event.type == "github" && object.hasRequest)
    }

    static let faults: [(text: String, words: String)] = [
        ("{", "byte 1"),
        (#"{"schema":"hookswitch/delivery@1"}"#, "\"schema\""),
        (#"{"schema":"hookswitch/event@1","data":1}"#, "\"type\""),
        (#"{"schema":"hookswitch/event@1","type":"a"}"#, "payload"),
        (#"{"schema":"hookswitch/event@1","type":"a","body":{}}"#, "\"data\""),
        (#"{"schema":"hookswitch/event@1","type":"a","body_base64":"*"}"#, "base 64"),
        (#"{"schema":"hookswitch/event@1","type":"a","data":1,"id":"evt_1"}"#, "evt_…"),
        (#"{"schema":"hookswitch/event@1","type":"a","data":1,"time":"noon"}"#, "time"),
        (#"{"schema":"hookswitch/event@1","type":"a","data":1,"version":-1}"#, "number"),
        (#"{"schema":"hookswitch/event@1","type":"a","data":1,"headers":[1]}"#, "headers"),
        (#"{"schema":"hookswitch/event@1","type":"a","data":1,"headers":{"a":"x\r\ny"}}"#, "headers"),
        (#"{"schema":"hookswitch/event@1","type":7,"data":1}"#, "string"),
    ]

    @Test(arguments: faults) func `what is wrong is said`(_ fault: (text: String, words: String)) throws {
        do {
            _ = try Self.read(fault.text)
            Issue.record("\(fault.text) was read")
        } catch let failure as SavedEvent.Failure {
            #expect(failure.description.contains(fault.words), "\(failure)")
        }
    }

    @Test func `a body is not taken for a saved event`() {
        for text in [#"["hookswitch/event@1"]"#, "hookswitch/event@1", "{}", #"{"a":"/event@1"}"#, "/", ""] {
            #expect(!SavedEvent.isSaved(Array(text.utf8)), "\(text)")
        }
        #expect(SavedEvent.isSaved(Array(#"  {"x":"a/b","schema": "hookswitch/event@1"}"#.utf8)))
    }

    @Test func `a form's payload is its data, as it was when it came in`() throws {
        let event = try Self.read(
            #"{"schema":"hookswitch/event@1","type":"a","content_type":"application/x-www-form-urlencoded","body":"payload=%7B%22n%22%3A1%7D"}"#
        ).event
        #expect(event.data.map { JSONValue($0) } == ["n": 1])
    }
}
