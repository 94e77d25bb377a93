// SPDX-License-Identifier: Apache-2.0
import Testing

/// Bytes as they come from a socket, and what is answered.
struct RawRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let statuses: [Int]
    /// The server closes behind the last answer.
    let closes: Bool
    var testDescription: String { self.name }

    init(_ name: String, _ text: String, _ statuses: Int..., closes: Bool = false) {
        self.init(name, Array(text.utf8), statuses, closes: closes)
    }

    init(_ name: String, _ bytes: [UInt8], _ statuses: [Int], closes: Bool) {
        (self.name, self.bytes, self.statuses, self.closes) = (name, bytes, statuses, closes)
    }

    /// A POST to the source with these header lines, then the body as given.
    static func post(_ lines: String, _ body: String, path: String = "/in/test", version: String = "1.1") -> String {
        "POST \(path) HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n\(body)"
    }

    static let good = post("Content-Length: 2\r\n", "{}")
    static let chunked = "Transfer-Encoding: chunked\r\n"

    static let plain: [RawRequest] = [
        RawRequest("a length", good, 202),
        RawRequest("two pipelined", good + good, 202, 202),
        RawRequest("five pipelined", String(repeating: good, count: 5), 202, 202, 202, 202, 202),
        RawRequest("an empty body", post("Content-Length: 0\r\n", ""), 202),
        RawRequest("names without regard to case", post("cOnTeNt-LeNgTh: 2\r\n", "{}"), 202),
        RawRequest("no space behind the colon", post("Content-Length:2\r\n", "{}"), 202),
        RawRequest("spaces around the value", post("Content-Length: \t 2 \t\r\n", "{}"), 202),
        RawRequest("a value of foreign bytes", post("X-A: \u{e4}\r\nContent-Length: 2\r\n", "{}"), 202),
        RawRequest("an empty value", post("X-A:\r\nContent-Length: 2\r\n", "{}"), 202),
        RawRequest("an empty line before", "\r\n" + good, 202),
        RawRequest("a query", post("Content-Length: 2\r\n", "{}", path: "/in/test?a=b"), 202),
        RawRequest("PUT", "PUT /in/test HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 202),
        RawRequest("absolute form", post("Content-Length: 2\r\n", "{}", path: "http://a:80/in/test"), 202),
        RawRequest("absolute form without a path", post("Content-Length: 2\r\n", "{}", path: "http://a"), 404),
        RawRequest("a close", post("Connection: close\r\nContent-Length: 2\r\n", "{}"), 202, closes: true),
        RawRequest("a close in a list", post("Connection: x, Close\r\nContent-Length: 2\r\n", "{}"), 202, closes: true),
        RawRequest(
            "nothing after a close", post("Connection: close\r\nContent-Length: 2\r\n", "{}") + good, 202, closes: true),
        RawRequest("HTTP/1.0", post("Content-Length: 2\r\n", "{}", version: "1.0"), 202, closes: true),
        RawRequest("HTTP/1.0 without Host", "POST /in/test HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}", 202, closes: true),
        RawRequest(
            "HTTP/1.0 that stays", post("Connection: keep-alive\r\nContent-Length: 2\r\n", "{}", version: "1.0") + good,
            202, 202),
        RawRequest("a probe", "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        RawRequest("a probe by HEAD", "HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n" + good, 200, 202),
        RawRequest("OPTIONS", "OPTIONS /in/test HTTP/1.1\r\nHost: a\r\n\r\n" + good, 204, 202),
        RawRequest("OPTIONS of the server", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204),
        RawRequest("another path", post("Content-Length: 2\r\n", "{}", path: "/in/tes") + good, 404, 202),
        RawRequest("a path in escapes", post("Content-Length: 2\r\n", "{}", path: "/in/%74est"), 404),
        RawRequest("another path, chunked", post(chunked, "1\r\n{\r\n0\r\n\r\n", path: "/x") + good, 404, 202),
        RawRequest("GET", "GET /in/test HTTP/1.1\r\nHost: a\r\n\r\n" + good, 405, 202),
        RawRequest("DELETE", "DELETE /in/test HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        RawRequest("no length", post("", ""), 411),
        RawRequest(
            "an unknown coding of the content",
            post("Content-Encoding: compress\r\nContent-Length: 2\r\n", "{}") + good,
            415, 202),
        RawRequest(
            "two codings of the content", post("Content-Encoding: gzip, br\r\nContent-Length: 2\r\n", "{}") + good,
            415, 202),
        RawRequest(
            "two headers of codings",
            post("Content-Encoding: gzip\r\nContent-Encoding: br\r\nContent-Length: 2\r\n", "{}") + good, 415, 202),
        RawRequest("a coding that stage 2 undoes", post("Content-Encoding: BR\r\nContent-Length: 2\r\n", "{}"), 202),
        RawRequest("identity", post("Content-Encoding: identity\r\nContent-Length: 2\r\n", "{}"), 202),
        RawRequest("100-continue", post("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}"), 100, 202),
        RawRequest(
            "100-continue, refused", post("Expect: 100-continue\r\nContent-Length: 2\r\n", "", path: "/x"), 404,
            closes: true),
        RawRequest(
            "100-continue of HTTP/1.0", post("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}", version: "1.0"),
            202, closes: true),
        RawRequest("another expectation", post("Expect: tea\r\nContent-Length: 2\r\n", "{}"), 417, closes: true),
    ]

    static let chunks: [RawRequest] = [
        RawRequest("chunks", post(chunked, "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n") + good, 202, 202),
        RawRequest("a coding in other case", post("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n"), 202),
        RawRequest("a size in upper case", post(chunked, "A\r\n0123456789\r\n0\r\n\r\n"), 202),
        RawRequest("zeros before a size", post(chunked, "0002\r\n{}\r\n0\r\n\r\n"), 202),
        RawRequest("an extension", post(chunked, "2;a=b\r\n{}\r\n0;c\r\n\r\n"), 202),
        RawRequest("trailers", post(chunked, "2\r\n{}\r\n0\r\nX-A: b\r\n\r\n") + good, 202, 202),
        RawRequest("no size", post(chunked, "\r\n{}\r\n0\r\n\r\n"), 400, closes: true),
        RawRequest("a size that is no number", post(chunked, "xyz\r\n"), 400, closes: true),
        RawRequest("a negative size", post(chunked, "-1\r\n"), 400, closes: true),
        RawRequest("a size with 0x", post(chunked, "0x2\r\n{}\r\n0\r\n\r\n"), 400, closes: true),
        RawRequest("a space behind a size", post(chunked, "2 \r\n{}\r\n0\r\n\r\n"), 400, closes: true),
        RawRequest("a size of nine digits", post(chunked, "000000002\r\n{}\r\n"), 400, closes: true),
        RawRequest("a size beyond 64 bits", post(chunked, "ffffffffffffffffff\r\n"), 400, closes: true),
        RawRequest("a size beyond the limit", post(chunked, "ffffffff\r\n"), 413, closes: true),
        RawRequest(
            "a sum beyond the limit", post(chunked, "10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n", path: "/in/small"),
            413, closes: true),
        RawRequest("a chunk longer than its size", post(chunked, "1\r\n{}\r\n0\r\n\r\n"), 400, closes: true),
        RawRequest("a chunk ended by a bare line feed", post(chunked, "2\r\n{}\n0\r\n\r\n"), 400, closes: true),
        RawRequest("a size ended by a bare line feed", post(chunked, "2\n{}\r\n0\r\n\r\n"), 400, closes: true),
        RawRequest("an extension with a bare line feed", post(chunked, "2;a\n{}\r\n0\r\n\r\n"), 400, closes: true),
        RawRequest(
            "an extension with a bare carriage return", post(chunked, "2;a\rb\r\n{}\r\n0\r\n\r\n"), 400, closes: true),
        RawRequest("an endless extension", post(chunked, "2;" + String(repeating: "a", count: 300)), 400, closes: true),
        RawRequest("a malformed trailer", post(chunked, "0\r\nno colon\r\n\r\n"), 400, closes: true),
        RawRequest(
            "too many trailers", post(chunked, "0\r\n" + String(repeating: "a: b\r\n", count: 21) + "\r\n"), 431,
            closes: true),
    ]

    static let framing: [RawRequest] = [
        RawRequest("length and chunks", post("Content-Length: 2\r\n" + chunked, "0\r\n\r\n"), 400, closes: true),
        RawRequest("chunks and length", post(chunked + "Content-Length: 2\r\n", "0\r\n\r\n"), 400, closes: true),
        RawRequest(
            "two different lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400, closes: true),
        RawRequest("two equal lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a list of lengths", post("Content-Length: 2, 2\r\n", "{}"), 400, closes: true),
        RawRequest("a length with a sign", post("Content-Length: +2\r\n", "{}"), 400, closes: true),
        RawRequest("a negative length", post("Content-Length: -2\r\n", "{}"), 400, closes: true),
        RawRequest("a length in hexadecimal", post("Content-Length: 0x2\r\n", "{}"), 400, closes: true),
        RawRequest("an empty length", post("Content-Length:\r\n", "{}"), 400, closes: true),
        RawRequest("a length of two words", post("Content-Length: 2 2\r\n", "{}"), 400, closes: true),
        RawRequest(
            "a length of twenty digits", post("Content-Length: 99999999999999999999\r\n", ""), 413, closes: true),
        RawRequest(
            "a length of the largest number", post("Content-Length: 9223372036854775807\r\n", ""), 413, closes: true),
        RawRequest("a length beyond the limit", post("Content-Length: 1001\r\n", ""), 413, closes: true),
        RawRequest(
            "a length beyond the source's limit", post("Content-Length: 17\r\n", "", path: "/in/small"), 413,
            closes: true),
        RawRequest("a coding twice", post(chunked + chunked, "0\r\n\r\n"), 400, closes: true),
        RawRequest("a coding in a list", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501, closes: true),
        RawRequest("identity as a coding", post("Transfer-Encoding: identity\r\n", ""), 501, closes: true),
        RawRequest("a coding with rubbish", post("Transfer-Encoding: xchunked\r\n", ""), 501, closes: true),
        RawRequest("a coding with a vertical tab", post("Transfer-Encoding: \u{0B}chunked\r\n", ""), 400, closes: true),
        RawRequest("a coding in quotes", post("Transfer-Encoding: \"chunked\"\r\n", ""), 501, closes: true),
        RawRequest("a coding with a comma", post("Transfer-Encoding: chunked,\r\n", ""), 501, closes: true),
        RawRequest("a coding of HTTP/1.0", post(chunked, "0\r\n\r\n", version: "1.0"), 400, closes: true),
        RawRequest("a space before the colon", post("Content-Length : 2\r\n", "{}"), 400, closes: true),
        RawRequest(
            "a space before the coding's colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400, closes: true
        ),
        RawRequest("a folded line", post("X-A: b\r\n c\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a folded first line", "POST /in/test HTTP/1.1\r\n Host: a\r\n\r\n", 400, closes: true),
        RawRequest("bare line feeds", "POST /in/test HTTP/1.1\nHost: a\nContent-Length: 2\n\n{}", 400, closes: true),
        RawRequest("one bare line feed", post("X-A: b\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a bare line feed at the end", "GET /livez HTTP/1.1\r\nHost: a\r\n\n", 400, closes: true),
        RawRequest("a bare carriage return", post("X-A: b\rContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("two carriage returns", post("X-A: b\r\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a NUL in a value", post("X-A: \u{0}\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a NUL in a name", post("X\u{0}A: b\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a DEL in a value", post("X-A: \u{7F}\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a name of foreign bytes", post("X-\u{e4}: b\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a line without a colon", post("X-A\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("an empty name", post(": b\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest(
            "an underscore that shadows", post("Content_Length: 0\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest(
            "an underscore in the coding", post("transfer_encoding: chunked\r\nContent-Length: 2\r\n", "{}"), 400,
            closes: true),
        RawRequest("an underscore that does not", post("X_A: b\r\nContent-Length: 2\r\n", "{}"), 202),
        RawRequest("no Host", "POST /in/test HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400, closes: true),
        RawRequest("Host twice", post("Host: a\r\nContent-Length: 2\r\n", "{}"), 400, closes: true),
        RawRequest("a Host with a slash", "GET /livez HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, closes: true),
        RawRequest("a Host with a space", "GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", 400, closes: true),
        RawRequest("a Host with a user", "GET /livez HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, closes: true),
    ]

    static let lines: [RawRequest] = [
        RawRequest("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, closes: true),
        RawRequest("HTTP/1.2", "GET /livez HTTP/1.2\r\nHost: a\r\n\r\n", 505, closes: true),
        RawRequest("HTTP/0.9", "GET /livez\r\n", 400, closes: true),
        RawRequest("a version in lower case", "GET /livez http/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("a version of two digits", "GET /livez HTTP/1.10\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("two spaces", "GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("a tab", "GET\t/livez HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("a space behind the version", "GET /livez HTTP/1.1 \r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("a space in the target", "GET /li vez HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("a fragment", "GET /livez#a HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("a target of foreign bytes", "GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("a target without a slash", "GET livez HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("authority form", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("an asterisk of GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("absolute form with a user", "GET http://u@a/livez HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("absolute form without a host", "GET http:///livez HTTP/1.1\r\nHost: a\r\n\r\n", 400, closes: true),
        RawRequest("an endless method", String(repeating: "A", count: 40) + " / HTTP/1.1\r\n", 400, closes: true),
        RawRequest("two empty lines before", "\r\n\r\n" + good, 400, closes: true),
        RawRequest("a greeting of TLS", [0x16, 0x03, 0x01, 0x02, 0x00], [400], closes: true),
        RawRequest(
            "a long target", "GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414,
            closes: true),
        RawRequest("an endless target", "GET /" + String(repeating: "a", count: 9000), 414, closes: true),
        RawRequest(
            "an endless value", "GET /livez HTTP/1.1\r\nHost: a\r\nX-A: " + String(repeating: "a", count: 17_000), 431,
            closes: true),
        RawRequest(
            "too many bytes",
            "GET /livez HTTP/1.1\r\nHost: a\r\n"
                + String(repeating: "X-A: " + String(repeating: "a", count: 2000) + "\r\n", count: 9), 431, closes: true
        ),
        RawRequest(
            "twenty fields", "GET /livez HTTP/1.1\r\nHost: a\r\n" + String(repeating: "a: b\r\n", count: 19) + "\r\n",
            200),
        RawRequest(
            "twenty-one fields",
            "GET /livez HTTP/1.1\r\nHost: a\r\n" + String(repeating: "a: b\r\n", count: 20) + "\r\n", 431, closes: true),
        RawRequest("a good one, then rubbish", good + "\u{1}\u{2}", 202, 400, closes: true),
        RawRequest(
            "a smuggled prefix", post("Content-Length: 6\r\n" + chunked, "0\r\n\r\nG") + good, 400, closes: true),
    ]

    static let all = plain + chunks + framing + lines
}
