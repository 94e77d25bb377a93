// SPDX-License-Identifier: Apache-2.0
import HookCore

/// The first line of a request (RFC 9112, section 3).
enum RequestLine {
    /// Longest method; the registered ones have at most 17 letters.
    private static let methodBytesMax = 24
    private static let version = Array("HTTP/1.".utf8)
    /// Method, two spaces, version, carriage return and line feed.
    static let aroundTargetMax = 24 + 2 + 8 + 2

    static func parse(_ line: Span<UInt8>, into head: inout RequestHead) throws(FramingFailure) {
        var first = 0
        while first < line.count, HTTPToken.contains(line[first]) { first += 1 }
        guard first > 0, first <= self.methodBytesMax, first < line.count, line[first] == 0x20 else {
            throw .malformed("The request line has no method.")
        }
        var second = first + 1
        while second < line.count, line[second] > 0x20, line[second] < 0x7F { second += 1 }
        guard second < line.count, line[second] == 0x20, second > first + 1 else {
            throw .malformed("The request line has no target, or one with a character it may not hold.")
        }
        if second - first - 1 > HeadParser.targetBytesMax { throw .targetTooLong }
        head.isOldVersion = try self.isOldVersion(line.extracting(second + 1..<line.count))
        head.methodText = [UInt8](copying: line.extracting(0..<first))
        head.method = self.method(head.methodText)
        try self.target(line.extracting(first + 1..<second), into: &head)
    }

    private static func isOldVersion(_ text: Span<UInt8>) throws(FramingFailure) -> Bool {
        guard text.count == 8, text.starts(with: "HTTP/".utf8), text[6] == UInt8(ascii: "."), text[5].isDigit,
            text[7].isDigit
        else { throw .malformed("The request line does not end in a version of HTTP.") }
        guard text[5] == UInt8(ascii: "1"), text[7] == UInt8(ascii: "0") || text[7] == UInt8(ascii: "1") else {
            throw FramingFailure(505, "http/version", "This listener speaks HTTP/1.1.")
        }
        return text[7] == UInt8(ascii: "0")
    }

    private static func method(_ text: [UInt8]) -> RequestHead.Method {
        switch text.count {
        case 3 where text.elementsEqual("GET".utf8): .get
        case 3 where text.elementsEqual("PUT".utf8): .put
        case 4 where text.elementsEqual("POST".utf8): .post
        case 4 where text.elementsEqual("HEAD".utf8): .head
        case 7 where text.elementsEqual("OPTIONS".utf8): .options
        default: .other
        }
    }

    /// Origin form, absolute form (its authority is skipped, RFC 9112 section 3.2.2), or `*` of OPTIONS.
    private static func target(_ text: Span<UInt8>, into head: inout RequestHead) throws(FramingFailure) {
        var start = 0
        if text.starts(with: "http://".utf8) { start = 7 }
        if text.starts(with: "https://".utf8) { start = 8 }
        if start > 0 {
            let authority = start
            while start < text.count, text[start] != UInt8(ascii: "/"), text[start] != UInt8(ascii: "?") {
                guard HostText.isAllowed(text[start]) else {
                    throw .malformed("The request target has a malformed authority.")
                }
                start += 1
            }
            if start == authority { throw .malformed("The request target has an empty authority.") }
        }
        var question = start
        while question < text.count, text[question] != UInt8(ascii: "?") { question += 1 }
        for at in start..<text.count where text[at] == UInt8(ascii: "#") {
            throw .malformed("The request target holds a fragment.")
        }
        head.path = [UInt8](copying: text.extracting(start..<question))
        if head.path.isEmpty, start > 0 { head.path = [UInt8(ascii: "/")] }
        if question < text.count { head.query = [UInt8](copying: text.extracting(question + 1..<text.count)) }
        let isAsterisk = head.path == [UInt8(ascii: "*")] && head.method == .options && question == text.count
        guard head.path.first == UInt8(ascii: "/") || isAsterisk else {
            throw .malformed("The request target does not begin with a slash.")
        }
    }
}

/// Characters of a host and port (RFC 3986, section 3.2.2), without user information.
enum HostText {
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~!$&'()*+;=:[]%".utf8.contains(byte)
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
}

extension Span<UInt8> {
    func starts(with text: String.UTF8View) -> Bool {
        var at = 0
        for byte in text {
            guard at < self.count, self[at] == byte else { return false }
            at += 1
        }
        return true
    }

    /// Whether these bytes are `text`, without regard to case; `text` must be in lower case.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard self.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { expected in
            for at in 0..<self.count {
                let byte = self[at]
                let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
                if unsafe lower != expected[at] { return false }
            }
            return true
        }
    }
}

extension [UInt8] {
    init(copying span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }
}
