// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What the fields of one head say about framing, collected as they come and judged at the end.
struct FieldRules {
    private enum Coding { case chunked, unknown }

    /// Longest `Content-Length` read; more digits are more than any limit, however they would be counted.
    private static let lengthDigitsMax = 18
    /// Longest `X-Request-Id` that is given back.
    private static let requestIDBytesMax = 128

    private var hostCount = 0
    private var length: Int?
    private var coding: Coding?
    private var closes = false
    private var keeps = false
    private var isCoded = false

    /// HOT: looks at one field. `name` is as received.
    mutating func note(_ name: Span<UInt8>, _ value: Span<UInt8>, in head: inout RequestHead) throws(FramingFailure) {
        for at in 0..<name.count where name[at] == UInt8(ascii: "_") {
            try Self.refuseShadow(name)
            break
        }
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"):
            self.hostCount += 1
            for at in 0..<value.count where !HostText.isAllowed(value[at]) {
                throw .malformed("The Host field is malformed.")
            }
        case 6 where name.equalsIgnoringCase("expect"):
            guard value.equalsIgnoringCase("100-continue") else {
                throw FramingFailure(417, "http/expectation", "Only the expectation 100-continue is known.")
            }
            head.expectsContinue = true
        case 10 where name.equalsIgnoringCase("connection"): self.connection(value)
        case 12 where name.equalsIgnoringCase("x-request-id"): Self.requestID(value, &head)
        case 14 where name.equalsIgnoringCase("content-length"): try self.length(value)
        case 16 where name.equalsIgnoringCase("content-encoding"):
            self.contentCoding(value, &head)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            if self.coding != nil { throw .smuggling("Transfer-Encoding stands twice.") }
            self.coding = value.equalsIgnoringCase("chunked") ? .chunked : .unknown
        default: break
        }
    }

    /// Judges the head as a whole.
    func settle(_ head: inout RequestHead) throws(FramingFailure) {
        if self.hostCount > 1 { throw .smuggling("Host stands twice.") }
        if self.hostCount == 0, !head.isOldVersion { throw .malformed("The Host field is missing.") }
        if self.coding != nil {
            if self.length != nil { throw .smuggling("Content-Length and Transfer-Encoding stand together.") }
            if head.isOldVersion { throw .smuggling("HTTP/1.0 knows no Transfer-Encoding.") }
        }
        switch self.coding {
        case .unknown: throw FramingFailure(501, "http/transfer-coding", "Only the transfer coding chunked is known.")
        case .chunked: head.framing = .chunked
        case nil: head.framing = self.length.map { .length($0) } ?? .none
        }
        head.keepsAlive = !self.closes && (!head.isOldVersion || self.keeps)
        // RFC 9110, section 10.1.1: the expectation of an HTTP/1.0 client is ignored.
        if head.isOldVersion { head.expectsContinue = false }
    }

    /// Stage 2 undoes one coding of those it knows; for others the body need not be read.
    private mutating func contentCoding(_ value: Span<UInt8>, _ head: inout RequestHead) {
        if value.isEmpty || value.equalsIgnoringCase("identity") { return }
        let known: [StaticString] = ["gzip", "x-gzip", "deflate", "br", "zstd"]
        if self.isCoded || !known.contains(where: { value.equalsIgnoringCase($0) }) { head.isCodedOtherwise = true }
        self.isCoded = true
    }

    private mutating func length(_ value: Span<UInt8>) throws(FramingFailure) {
        if self.length != nil { throw .smuggling("Content-Length stands twice.") }
        guard !value.isEmpty else { throw .smuggling("Content-Length is not a number.") }
        var length = 0
        for at in 0..<value.count {
            guard value[at].isDigit else { throw .smuggling("Content-Length is not a number.") }
            if at >= Self.lengthDigitsMax { throw FramingFailure(413, "http/body-too-large", "The body is too large.") }
            // Eighteen digits fit into 64 bits.
            length = length * 10 + Int(value[at] - 0x30)
        }
        self.length = length
    }

    private mutating func connection(_ value: Span<UInt8>) {
        var start = 0
        while start <= value.count {
            var end = start
            while end < value.count, value[end] != UInt8(ascii: ",") { end += 1 }
            var first = start
            var last = end
            while first < last, value[first] == 0x20 || value[first] == 0x09 { first += 1 }
            while last > first, value[last - 1] == 0x20 || value[last - 1] == 0x09 { last -= 1 }
            let option = value.extracting(first..<last)
            if option.equalsIgnoringCase("close") { self.closes = true }
            if option.equalsIgnoringCase("keep-alive") { self.keeps = true }
            start = end + 1
        }
    }

    /// An id of other characters or another length is left off: it would stand in logs and in the answer.
    private static func requestID(_ value: Span<UInt8>, _ head: inout RequestHead) {
        guard value.count <= self.requestIDBytesMax else { return }
        for at in 0..<value.count where !HTTPToken.contains(value[at]) && value[at] != UInt8(ascii: ":") { return }
        head.requestID = [UInt8](copying: value)
    }

    /// Names that gateways fold into one variable with the hyphenated form (CGI, RFC 3875), so that
    /// `Content_Length` could stand for the real one further on.
    private static func refuseShadow(_ name: Span<UInt8>) throws(FramingFailure) {
        let known: [StaticString] = [
            "authorization", "connection", "content-encoding", "content-length", "content-type", "expect", "forwarded",
            "host", "transfer-encoding", "upgrade", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
            "x-real-ip", "x-request-id",
        ]
        var folded: [UInt8] = []
        for at in 0..<name.count { folded.append(name[at] == UInt8(ascii: "_") ? UInt8(ascii: "-") : name[at]) }
        for text in known where folded.span.equalsIgnoringCase(text) {
            throw .smuggling("A header name with an underscore stands for a known one.")
        }
    }
}
