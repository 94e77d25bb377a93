// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookFormats

@Suite struct MultipartTests {
    static func json(_ body: String, boundary: String = "X", type: String? = nil) -> String {
        let type = type ?? "multipart/form-data; boundary=\(boundary)"
        let bytes = Array(body.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
            .joined(separator: [0x0D, 0x0A])
        return outcome {
            try MultipartBody.json(of: Array(bytes), contentType: Array(type.utf8)[...], limits: JSONLimits())
        }
    }

    static func part(_ name: String, _ content: String, _ more: String = "") -> String {
        "--X\nContent-Disposition: form-data; name=\"\(name)\"\(more)\n\n\(content)\n"
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let body: String
        let expected: String

        init(_ name: String, _ body: String, _ expected: String) {
            self.name = name
            self.body = body
            self.expected = expected
        }

        var testDescription: String { self.name }
    }

    static let cases: [Case] = [
        Case("two fields", part("a", "1") + part("b", "x\ny") + "--X--", #"{"a":"1","b":"x\r\ny"}"#),
        Case("repeated", part("a", "1") + part("a", "2") + part("l[]", "3") + "--X--\n", #"{"a":["1","2"],"l":["3"]}"#),
        Case("empty content", part("a", "") + "--X--", #"{"a":""}"#),
        Case("no parts", "--X--", "{}"),
        Case(
            "a text file", part("f", "a,b", "; filename=\"x.csv\"\nContent-Type: text/csv") + "--X--",
            #"{"f":{"filename":"x.csv","content_type":"text/csv","size":3,"text":"a,b"}}"#),
        Case(
            "a file of another type", part("f", "abc", "; filename=x.bin") + "--X--",
            #"{"f":{"filename":"x.bin","content_type":"application/octet-stream","size":3,"base64":"YWJj"}}"#),
        Case(
            "a JSON part", part("payload", "{\"a\": [1]}", "\nContent-Type: application/json") + "--X--",
            #"{"payload":{"a": [1]}}"#),
        Case("a broken JSON part", part("p", "{", "\nContent-Type: application/json") + "--X--", "form/multipart"),
        Case("a quoted name", part("a\\\"b", "1") + "--X--", #"{"a\"b":"1"}"#),
        Case("a boundary in the content", part("a", "x--X y") + "--X--", #"{"a":"x--X y"}"#),
        Case("a boundary that goes on", part("a", "1\n--Xy") + "--X--", "form/multipart"),
        Case("no end", part("a", "1"), "form/multipart"),
        Case("text before", "hello\n" + part("a", "1") + "--X--", "form/multipart"),
        Case("text behind", part("a", "1") + "--X--\nmore", "form/multipart"),
        Case("no disposition", "--X\nContent-Type: text/plain\n\n1\n--X--", "form/multipart"),
        Case("no header", "--X\n\n1\n--X--", "form/multipart"),
        Case("no name", "--X\nContent-Disposition: form-data\n\n1\n--X--", "form/multipart"),
        Case("two names", part("a", "1", "; name=b") + "--X--", "form/multipart"),
        Case("another disposition", "--X\nContent-Disposition: attachment; name=a\n\n1\n--X--", "form/multipart"),
        Case("a folded header", "--X\nContent-Disposition: form-data;\n name=a\n\n1\n--X--", "form/multipart"),
        Case("base 64 inside", part("a", "MQ==", "\nContent-Transfer-Encoding: base64") + "--X--", "form/multipart"),
        Case("eight bit", part("a", "1", "\nContent-Transfer-Encoding: 8bit") + "--X--", #"{"a":"1"}"#),
        Case(
            "padding behind the boundary", "--X \t\nContent-Disposition: form-data; name=a\n\n1\n--X--  ", #"{"a":"1"}"#
        ),
        Case("empty", "", "form/multipart"),
    ]

    @Test(arguments: cases)
    func `multipart forms`(_ example: Case) { #expect(Self.json(example.body) == example.expected) }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
    ])
    func `a boundary is wanted`(_ type: String) {
        #expect(Self.json("--X--", type: type) == "form/multipart")
    }

    @Test func `bytes that are no text are kept`() throws {
        let head = Array("--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8)
        let body = head + [0xFF, 0x0D, 0x0A, 0x00] + Array("\r\n--X--".utf8)
        let json = outcome {
            try MultipartBody.json(
                of: body, contentType: Array("multipart/form-data; boundary=X".utf8)[...], limits: JSONLimits())
        }
        #expect(json == #"{"a":{"content_type":"application/octet-stream","size":4,"base64":"/w0KAA=="}}"#)
    }

    @Test func `parts and headers have bounds`() {
        let many = (0...MultipartBody.partsMax).map { Self.part("a\($0)", "") }.joined() + "--X--"
        #expect(Self.json(many) == "form/too-many-parts")
        let long =
            Self.part("a", "1", "\nX-A: " + String(repeating: "a", count: MultipartBody.headerBytesMax)) + "--X--"
        #expect(Self.json(long) == "form/multipart")
    }
}
