// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct RequestReadingTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let name: String
        let json: String
        let check: @Sendable (RequestReading) -> Bool
        var testDescription: String { self.name }
    }

    static let good: [Good] = [
        Good(name: "an empty table asks for nothing", json: "{}") { $0.overrides == nil && $0.contentType == nil },
        Good(name: "an empty list is an empty table", json: #"{"headers":[],"query":[]}"#) { $0.overrides == nil },
        Good(name: "headers keep their spelling", json: #"{"headers":{"X-Order":"A-1","X-Count":3,"X-On":true}}"#) {
            $0.overrides?.headers.map { "\($0.name)=\($0.value)" } == ["X-Order=A-1", "X-Count=3", "X-On=true"]
        },
        Good(name: "a list makes several fields", json: #"{"query":{"tag":["a","b c"]}}"#) {
            $0.overrides?.query.map { "\($0.name)=\($0.value)" } == ["tag=a", "tag=b c"]
        },
        Good(name: "path with a query", json: #"{"path":"/a/b?x=1"}"#) { $0.overrides?.path == "/a/b?x=1" },
        Good(name: "dots that climb nowhere", json: #"{"path":"/a..b/.c/...?d=../e"}"#) {
            $0.overrides?.path == "/a..b/.c/...?d=../e"
        },
        Good(name: "method", json: #"{"method":"PATCH"}"#) { $0.overrides?.method == "PATCH" },
        Good(name: "content type alone overrides nothing else", json: #"{"content_type":"text/plain; charset=utf-8"}"#)
        {
            $0.overrides == nil && $0.contentType == "text/plain; charset=utf-8"
        },
        Good(name: "key is accepted", json: #"{"key":"customer-1"}"#) { $0.overrides == nil },
        Good(name: "a tab may stand in a header", json: #"{"headers":{"X-A":"a\tb"}}"#) {
            $0.overrides?.headers.first?.value == "a\tb"
        },
    ]

    @Test(arguments: good)
    func accepts(_ example: Good) throws {
        let reading = try RequestReading(try JSONValue(parsing: Array(example.json.utf8)))
        #expect(example.check(reading))
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let json: String
        let path: String
        var testDescription: String { self.json }
    }

    static let bad: [Bad] = [
        Bad(json: #""POST""#, path: "request"),
        Bad(json: "[1]", path: "request"),
        Bad(json: #"{"header":{}}"#, path: "request.header"),
        Bad(json: #"{"headers":"X-A: b"}"#, path: "request.headers"),
        Bad(json: #"{"headers":{"X-A":"a\r\nX-B: c"}}"#, path: "request.headers.X-A"),
        Bad(json: #"{"headers":{"X-A":"a\nb"}}"#, path: "request.headers.X-A"),
        Bad(json: #"{"headers":{"X-A":"a\u0000"}}"#, path: "request.headers.X-A"),
        Bad(json: #"{"headers":{"X-A":"a\u007f"}}"#, path: "request.headers.X-A"),
        Bad(json: #"{"headers":{"X-A":["a","b\r"]}}"#, path: "request.headers.X-A"),
        Bad(json: #"{"headers":{"X A":"b"}}"#, path: "request.headers.X A"),
        Bad(json: #"{"headers":{"X-A:":"b"}}"#, path: "request.headers.X-A:"),
        Bad(json: #"{"headers":{"X\r\nY":"b"}}"#, path: "request.headers.X??Y"),
        Bad(json: #"{"headers":{"":"b"}}"#, path: "request.headers."),
        Bad(json: #"{"headers":{"Überschrift":"b"}}"#, path: "request.headers.Überschrift"),
        Bad(json: #"{"headers":{"X-A":null}}"#, path: "request.headers.X-A"),
        Bad(json: #"{"headers":{"X-A":{"b":1}}}"#, path: "request.headers.X-A"),
        Bad(json: #"{"headers":{"Host":"elsewhere"}}"#, path: "request.headers.Host"),
        Bad(json: #"{"headers":{"content-LENGTH":"3"}}"#, path: "request.headers.content-LENGTH"),
        Bad(json: #"{"headers":{"Transfer-Encoding":"chunked"}}"#, path: "request.headers.Transfer-Encoding"),
        Bad(json: #"{"headers":{"Connection":"close"}}"#, path: "request.headers.Connection"),
        Bad(json: #"{"headers":{"webhook-id":"x"}}"#, path: "request.headers.webhook-id"),
        Bad(json: #"{"path":"/orders/../admin"}"#, path: "request.path"),
        Bad(json: #"{"path":"/orders/.."}"#, path: "request.path"),
        Bad(json: #"{"path":"/./x?y=1"}"#, path: "request.path"),
        Bad(json: #"{"path":"/a/%2E%2e/x"}"#, path: "request.path"),
        Bad(json: #"{"path":"/a\\..\\x"}"#, path: "request.path"),
        Bad(json: #"{"path":"/a%5C..%5cx"}"#, path: "request.path"),
        Bad(json: #"{"headers":{"Webhook-Timestamp":"1"}}"#, path: "request.headers.Webhook-Timestamp"),
        Bad(json: #"{"headers":{"webhook-signature":"v1,x"}}"#, path: "request.headers.webhook-signature"),
        Bad(json: #"{"headers":{"Content-Type":"a/b"}}"#, path: "request.headers.Content-Type"),
        Bad(json: #"{"path":"a"}"#, path: "request.path"),
        Bad(json: #"{"path":""}"#, path: "request.path"),
        Bad(json: #"{"path":"//elsewhere/a"}"#, path: "request.path"),
        Bad(json: #"{"path":"https://elsewhere/"}"#, path: "request.path"),
        Bad(json: #"{"path":"/a b"}"#, path: "request.path"),
        Bad(json: #"{"path":"/a\r\nHost: x"}"#, path: "request.path"),
        Bad(json: #"{"path":"/ä"}"#, path: "request.path"),
        Bad(json: #"{"path":"/a#b"}"#, path: "request.path"),
        Bad(json: #"{"path":7}"#, path: "request.path"),
        Bad(json: #"{"method":"post"}"#, path: "request.method"),
        Bad(json: #"{"method":"CONNECT"}"#, path: "request.method"),
        Bad(json: #"{"method":"GET / HTTP/1.1\r\n"}"#, path: "request.method"),
        Bad(json: #"{"content_type":"text"}"#, path: "request.content_type"),
        Bad(json: #"{"content_type":"a/b\r\nX: y"}"#, path: "request.content_type"),
        Bad(json: #"{"query":{"a":{"b":1}}}"#, path: "request.query.a"),
        Bad(json: #"{"query":"a=b"}"#, path: "request.query"),
        Bad(json: #"{"key":["a"]}"#, path: "request.key"),
    ]

    @Test(arguments: bad)
    func refuses(_ example: Bad) throws {
        let value = try JSONValue(parsing: Array(example.json.utf8))
        let problem = #expect(throws: ResultProblem.self) { try RequestReading(value) }
        #expect(problem?.path == example.path)
    }

    @Test func `a value of more than eight kibibytes is refused`() {
        let value = JSONValue.object([
            .init("query", .object([.init("a", .string(String(repeating: "x", count: 8193)))]))
        ])
        #expect(throws: ResultProblem.self) { try RequestReading(value) }
    }

    @Test func `more than sixty-four fields are refused`() {
        let fields = (0..<65).map { JSONValue.Member("x-\($0)", "y") }
        #expect(throws: ResultProblem.self) { try RequestReading(.object([.init("headers", .object(fields))])) }
    }

    @Test func `an unknown member names the near one`() {
        let problem = #expect(throws: ResultProblem.self) { try RequestReading(["methd": "GET"]) }
        #expect(problem?.message.contains("method") == true)
    }
}
