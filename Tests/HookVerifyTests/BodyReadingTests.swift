// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookCrypto
import Testing

@testable import HookVerify

/// What stage 2 makes of bodies of every kind.
@Suite struct BodyReadingTests {
    /// `{"hello":"world"}` as gzip writes it.
    static let packed = "H4sIAAAAAAACA6tWykjNyclXslIqzy/KSVGqBQDRQQnYEQAAAA=="

    static func accepted(_ headers: [(String, String)], _ body: [UInt8]) -> Accepted {
        Accepted(
            id: EventID(time: WallTime(milliseconds: 0), random: 7), source: "test",
            receivedAt: WallTime(milliseconds: 0), method: "POST", path: "/in/test", query: "",
            headers: HeaderBlock(headers), body: body, peer: nil)
    }

    static func event(
        _ headers: [(String, String)], _ body: String, _ change: (inout SourceSpec) -> Void = { _ in }
    ) -> Event? {
        verified(check(source(.none, change: change), "s", Self.accepted(headers, Array(body.utf8))))?.event
    }

    static func code(
        _ headers: [(String, String)], _ body: String, _ change: (inout SourceSpec) -> Void = { _ in }
    ) -> String {
        outcome(check(source(.none, change: change), "s", Self.accepted(headers, Array(body.utf8))))
    }

    @Test(
        arguments: [
            ("application/x-www-form-urlencoded", "a=1&a=2", #"{"a":["1","2"]}"#),
            ("application/xml", "<a b='1'/>", #"{"a":{"@b":"1"}}"#), ("application/soap+xml", "<a/>", #"{"a":""}"#),
            ("text/plain", "hello", #""hello""#), ("image/png", "x", nil),
            (
                "multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--X--",
                #"{"a":"1"}"#
            ),
        ] as [(String, String, String?)])
    func `the data of a body`(_ type: String, _ body: String, _ data: String?) throws {
        let event = try #require(Self.event([("Content-Type", type)], body))
        #expect(event.data.map { String(decoding: $0.bytes, as: UTF8.self) } == data)
        #expect(event.body == Array(body.utf8) && event.contentType == type, "the body stays what it was")
        let again = Verify.data(of: event.body, contentType: event.contentType)
        #expect(again?.bytes == event.data?.bytes, "a stored event is read the same")
    }

    @Test func `a coding is undone behind the signature over what was received`() throws {
        let bytes = try Array(#require(Data(base64Encoded: Self.packed)))
        let spec = source(.signature(Layouts.plain(.hmacSHA256, .hex)))
        let code = Hex.text(MAC(.sha256, key: Array("k".utf8)).code(bytes))
        let headers = [
            ("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", "\(bytes.count)"),
            ("X-Signature", code),
        ]
        let event = try #require(verified(check(spec, "k", Self.accepted(headers, bytes)))?.event)
        #expect(String(decoding: event.body, as: UTF8.self) == #"{"hello":"world"}"#)
        #expect(event.data != nil)
        #expect(event.headers["content-encoding"] == nil && event.headers["content-length"] == nil)
        let plain = Hex.text(MAC(.sha256, key: Array("k".utf8)).code(Array(#"{"hello":"world"}"#.utf8)))
        let wrong = headers.map { $0.0 == "X-Signature" ? ($0.0, plain) : $0 }
        #expect(outcome(check(spec, "k", Self.accepted(wrong, bytes))) == "verify/signature")
    }

    @Test(arguments: [
        ("gzip, gzip", "http/content-encoding"), ("lzma", "http/content-encoding"), ("gzip", "coding/invalid"),
        ("identity", "verified"), ("", "verified"),
    ])
    func `codings`(_ coding: String, _ expected: String) {
        #expect(Self.code([("Content-Type", "application/json"), ("Content-Encoding", coding)], "{}") == expected)
    }

    @Test(
        arguments: [
            ([BodyKind.json], "application/json", "{}", "verified"),
            ([.json], "application/xml", "<a/>", "http/media-type"),
            ([.xml, .form], "text/xml", "<a/>", "verified"), ([.xml], nil, "<a/>", "http/media-type"),
            ([.json], nil, "{}", "verified"), ([.binary], "image/png", "x", "verified"),
            ([.json], "application/cloudevents+json", "{}", "http/media-type"),
        ] as [([BodyKind], String?, String, String)])
    func `a source takes what it names`(_ kinds: [BodyKind], _ type: String?, _ body: String, _ expected: String) {
        let headers = type.map { [("Content-Type", $0)] } ?? []
        #expect(Self.code(headers, body) { $0.accepts = kinds } == expected)
        if case .refused(let failure) = check(
            source(.none) { $0.accepts = kinds }, "s", Self.accepted(headers, Array(body.utf8))),
            failure.status == 415
        {
            #expect(failure.accept?.isEmpty == false)
        }
    }

    static let binary = [
        ("Content-Type", "application/json"), ("CE-SpecVersion", "1.0"), ("ce-id", "x%201"), ("ce-source", "/s"),
        ("ce-type", "com.example.t"), ("ce-subject", "%C3%A9"), ("ce-ext", "7"),
    ]
    static let envelope =
        #"{"specversion":"1.0","id":"x 1","source":"/s","type":"com.example.t","subject":"é","ext":7,"data":{"a": 1}}"#

    @Test(arguments: [true, false])
    func `both modes of CloudEvents are one event`(_ isRequired: Bool) throws {
        let change: (inout SourceSpec) -> Void = { $0.event.wantsCloudEvents = isRequired }
        let one = try #require(Self.event(Self.binary, #"{"a": 1}"#, change))
        let other = try #require(Self.event([("Content-Type", "application/cloudevents+json")], Self.envelope, change))
        for event in [one, other] {
            #expect(event.type == "com.example.t" && event.senderID == "x 1" && event.subject == "é")
            #expect(event.body == Array(#"{"a": 1}"#.utf8) && event.contentType == "application/json")
            #expect(event.headers["ce-ext"] == "7" && event.headers["ce-source"] == "/s")
        }
    }

    @Test func `a source that maps the type takes an envelope as JSON`() throws {
        let event = try #require(
            Self.event([("Content-Type", "application/cloudevents+json")], Self.envelope) {
                $0.event.type = .data(["type"])
            })
        #expect(event.type == "com.example.t" && event.senderID == nil && event.body == Array(Self.envelope.utf8))
    }

    @Test func `CloudEvents are wanted, or checked where they say so`() {
        let json = [("Content-Type", "application/json")]
        #expect(Self.code(json, "{}") { $0.event.wantsCloudEvents = true } == "cloudevents/missing")
        #expect(Self.code(json + [("ce-specversion", "1.0")], "{}") == "cloudevents/invalid")
        #expect(Self.code([("Content-Type", "application/cloudevents+json")], "{}") == "cloudevents/invalid")
        #expect(Self.code([("Content-Type", "application/cloudevents+json")], "{") == "json/invalid")
    }

    @Test func `ids of CloudEvents are told apart by their source`() {
        func key(_ source: String) -> [UInt8]? {
            let headers = Self.binary.map { $0.0 == "ce-source" ? ($0.0, source) : $0 }
            let spec = HookVerifyTests.source(.none) {
                $0.event.wantsCloudEvents = true
                $0.dedupe = DedupeSpec(key: .eventID, within: .seconds(60))
            }
            return verified(check(spec, "s", Self.accepted(headers, Array("{}".utf8))))?.dedupe?.key
        }
        #expect(key("/a") != nil && key("/a") == key("/a") && key("/a") != key("/b"))
    }
}
