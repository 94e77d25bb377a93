// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct BodyKindTests {
    @Test(arguments: [
        ("application/json", BodyKind.json), ("Application/JSON; charset=utf-8", .json), ("text/json", .json),
        ("application/vnd.api+json", .json), ("application/cloudevents+json", .cloudEvent),
        ("application/cloudevents-batch+json; charset=utf-8", .cloudEventBatch), ("application/x-ndjson", .ndjson),
        ("application/x-www-form-urlencoded", .form), ("multipart/form-data; boundary=x", .multipart),
        ("multipart/mixed; boundary=x", .binary), ("application/xml", .xml), ("text/xml", .xml),
        ("application/soap+xml; action=x", .xml), ("text/plain", .text), ("text/csv", .text),
        ("application/octet-stream", .binary), ("image/png", .binary), ("", .unknown), ("; x", .unknown),
    ])
    func `a content type says what a body is`(_ text: String, _ kind: BodyKind) {
        #expect(BodyKind(contentType: Array(text.utf8)[...]) == kind)
    }

    @Test func `no content type says nothing`() { #expect(BodyKind(contentType: nil) == .unknown) }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"), ("a/b; x=1; Boundary=\"a b;\\\"c\"; y", "a b;\"c"),
        ("a/b;boundary=;x=1", nil), ("a/b", nil), ("a/b; boundary", nil), ("a/b; boundary=\"x", nil),
    ])
    func `parameters are read`(_ text: String, _ value: String?) {
        let found = MediaType.parameter("boundary", of: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(found == value)
    }
}
