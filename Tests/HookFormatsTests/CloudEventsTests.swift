// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookFormats

@Suite struct CloudEventsTests {
    static let head = #""specversion":"1.0","id":"1","source":"/s","type":"t""#

    static func unwrapped(_ json: String) throws -> String {
        let value = try document(json)
        do throws(FormatFailure) {
            let parts = try CloudEvents.unwrap(value)
            let headers = parts.headers.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            return "\(headers) [\(parts.contentType ?? "-")] \(String(decoding: parts.body, as: UTF8.self))"
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        (#"{\#(head),"data":{"a": 1.0}}"#, #"[application/json] {"a": 1.0}"#), ("{\(head)}", "[-] "),
        (#"{\#(head),"data":"x"}"#, #"[application/json] "x""#), (#"{\#(head),"data":null}"#, "[-] "),
        (#"{\#(head),"datacontenttype":"text/plain","data":"x\ny"}"#, "[text/plain] x\ny"),
        (#"{\#(head),"datacontenttype":"application/xml","data":"<a/>"}"#, "[application/xml] <a/>"),
        (#"{\#(head),"datacontenttype":"text/plain","data":[1]}"#, "[application/json] [1]"),
        (#"{\#(head),"data_base64":"AQI="}"#, "[application/octet-stream] \u{1}\u{2}"),
        (#"{\#(head),"datacontenttype":"image/png","data_base64":"eA=="}"#, "[image/png] x"),
    ])
    func `envelopes are unwrapped`(_ json: String, _ rest: String) throws {
        #expect(try Self.unwrapped(json) == "ce-specversion=1.0 ce-id=1 ce-source=/s ce-type=t \(rest)")
    }

    @Test(arguments: [
        "[]", "{}", #"{"specversion":"1.0","id":"","source":"/s","type":"t"}"#,
        #"{"specversion":"0.3","id":"1","source":"/s","type":"t"}"#, #"{"id":"1","source":"/s","type":"t"}"#,
        #"{"specversion":1.0,"id":[],"source":"/s","type":"t"}"#, "{\(head),\"Bad\":\"x\"}", "{\(head),\"a-b\":\"x\"}",
        "{\(head),\"ext\":{}}", "{\(head),\"ext\":\"a\\r\\nb\"}", "{\(head),\"data\":1,\"data_base64\":\"AQ==\"}",
        "{\(head),\"data_base64\":\"?\"}", "{\(head),\"data_base64\":7}",
        "{\(head),\"ext\":\"\(String(repeating: "x", count: 5000))\"}",
    ])
    func `envelopes that are refused`(_ json: String) throws {
        #expect(try Self.unwrapped(json) == "cloudevents/invalid")
    }

    @Test func `attributes become headers that carry any text`() throws {
        let made = try Self.unwrapped(#"{\#(Self.head),"subject":"é \"x\" 50%","n":7,"b":true}"#)
        #expect(made.contains("ce-subject=%C3%A9%20%22x%22%2050%25 ce-n=7 ce-b=true"))
        let headers = HeaderBlock([("ce-subject", "%C3%A9%20%22x%22%2050%25"), ("ce-raw", "50% off")])
        #expect(CloudEvents.attribute("subject", of: headers) == Array("é \"x\" 50%".utf8))
        #expect(CloudEvents.attribute("raw", of: headers) == Array("50% off".utf8))
    }

    @Test(
        arguments: [
            ([("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t")], nil),
            ([], "cloudevents/missing"), ([("ce-specversion", "0.3"), ("ce-id", "1")], "cloudevents/invalid"),
            ([("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s")], "cloudevents/invalid"),
            ([("ce-specversion", "1.0"), ("ce-id", ""), ("ce-source", "/s"), ("ce-type", "t")], "cloudevents/invalid"),
        ] as [([(String, String)], String?)])
    func `binary mode is checked`(_ headers: [(String, String)], _ code: String?) {
        var found: String?
        do throws(FormatFailure) { try CloudEvents.check(HeaderBlock(headers)) } catch { found = error.code }
        #expect(found == code)
    }

    static func event(_ headers: [(String, String)] = [], subject: String? = nil) -> Event {
        Event(
            id: EventID(time: WallTime(milliseconds: 1_767_225_600_123), random: 1), source: "shop", type: "order.paid",
            time: WallTime(milliseconds: 1_767_225_600_123), subject: subject, headers: HeaderBlock(headers), body: [],
            data: nil)
    }

    @Test func `an event of ours becomes a CloudEvent`() throws {
        let event = Self.event(subject: "A-1")
        let envelope = CloudEvents.envelope(
            CloudEventAttributes(event, number: 2), body: Array(#"{"a": 1}"#.utf8), contentType: "application/json")
        #expect(
            String(decoding: envelope, as: UTF8.self)
                == #"{"specversion":"1.0","id":"\#(event.id).2","source":"/sources/shop","type":"order.paid","subject":"A-1","time":"2026-01-01T00:00:00.123Z","datacontenttype":"application/json","data":{"a": 1}}"#
        )
    }

    @Test func `a CloudEvent keeps its attributes`() {
        let event = Self.event([
            ("ce-specversion", "1.0"), ("ce-id", "x%201"), ("ce-source", "/shop/é"), ("ce-type", "old"),
            ("ce-time", "2020-01-01T00:00:00Z"), ("ce-traceparent", "00-1"), ("ce-dataschema", "http://s/1"),
        ])
        let made = CloudEventAttributes(event, number: nil).values.map { "\($0.name)=\($0.value.text)" }
        #expect(
            made == [
                "specversion=1.0", "id=x 1", "source=/shop/é", "type=order.paid", "time=2020-01-01T00:00:00Z",
                "dataschema=http://s/1", "traceparent=00-1",
            ])
        let headers = CloudEvents.headers(CloudEventAttributes(event, number: nil)).map { "\($0.name)=\($0.value)" }
        #expect(headers.contains("ce-id=x%201") && headers.contains("ce-source=/shop/%C3%A9"))
    }

    @Test func `the catalogue's word goes along`() {
        let event = Self.event([
            ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"), ("ce-dataschema", "old"),
        ])
        let attributes = CloudEventAttributes(
            event, number: nil,
            version: [("dataschema", .text("urn:x:2")), ("deprecated", .boolean(true)), ("n", .integer(7))])
        let envelope = CloudEvents.envelope(attributes, body: Array("1".utf8), contentType: "application/json")
        #expect(
            String(decoding: envelope, as: UTF8.self).hasSuffix(
                #""dataschema":"urn:x:2","deprecated":true,"n":7,"datacontenttype":"application/json","data":1}"#))
        #expect(CloudEvents.headers(attributes).map(\.value).suffix(3) == ["urn:x:2", "true", "7"])
    }

    @Test(arguments: [
        ("text/plain", "x\"y", #""data":"x\"y""#), ("image/png", "x", #""data_base64":"eA==""#),
        ("application/json", "{", #""data_base64":"ew==""#), ("application/xml", "<a/>", #""data":"<a/>""#),
    ])
    func `data by its media type`(_ type: String, _ body: String, _ member: String) {
        let made = CloudEvents.envelope(
            CloudEventAttributes(Self.event(), number: nil), body: Array(body.utf8), contentType: type)
        #expect(String(decoding: made, as: UTF8.self).hasSuffix("\(member)}"))
    }
}
