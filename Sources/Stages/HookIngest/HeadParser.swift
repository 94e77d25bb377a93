// SPDX-License-Identifier: Apache-2.0
// The head of a request, line by line, as bytes arrive. Strict on purpose: whatever two parsers could read differently
// is refused (RFC 9112, sections 2.2, 5 and 6), because a proxy in front may be the other parser.
import HookCore

/// Reads one request head.
///
/// - Shape: feed it the unread bytes; it takes whole lines and says how many bytes it took. The outcome depends on the
///   bytes alone, not on how they were cut into packets.
/// - Bounds: `headerBytesMax` for the whole head, `targetBytesMax` for the target, `headerFieldsMax` fields.
struct HeadParser {
    enum Step { case needsMore, done }

    /// RFC 9112, section 3: at least 8,000 bytes should be read.
    static let targetBytesMax = 8192

    private let bytesMax: Int
    private let fieldsMax: Int
    private var head = RequestHead()
    private var fields = FieldRules()
    private var taken = 0
    private var searched = 0
    private var hasRequestLine = false
    private var hasSkippedEmptyLine = false

    init(limits: IngestLimits) {
        self.bytesMax = limits.headerBytesMax
        self.fieldsMax = limits.headerFieldsMax
    }

    /// Whether the first byte of a request has been seen.
    private(set) var hasBegun = false

    /// HOT: takes as many whole lines as there are. `used` is the number of bytes taken off the front.
    mutating func parse(_ bytes: Span<UInt8>, used: inout Int) throws(FramingFailure) -> Step {
        used = 0
        if !bytes.isEmpty { self.hasBegun = true }
        while true {
            if !self.hasRequestLine, used < bytes.count, !Self.canBegin(bytes[used]) {
                throw .malformed("A request does not begin like this.")
            }
            guard let feed = try self.lineFeed(in: bytes, from: used) else { return .needsMore }
            let line = bytes.extracting(used..<feed - 1)
            self.taken += feed + 1 - used
            used = feed + 1
            self.searched = 0
            if line.isEmpty {
                if self.hasRequestLine { return .done }
                // One empty line before a request is tolerated (RFC 9112, section 2.2), no more.
                if self.hasSkippedEmptyLine { throw .malformed("Empty lines before a request.") }
                self.hasSkippedEmptyLine = true
            } else if self.hasRequestLine {
                try self.field(line)
            } else {
                try RequestLine.parse(line, into: &self.head)
                self.hasRequestLine = true
            }
        }
    }

    /// The finished head; the parser is ready for the next one afterwards.
    mutating func finish() throws(FramingFailure) -> RequestHead {
        try self.fields.settle(&self.head)
        let head = self.head
        self.reset()
        return head
    }

    private mutating func reset() {
        self.head = RequestHead()
        self.fields = FieldRules()
        self.taken = 0
        self.searched = 0
        self.hasRequestLine = false
        self.hasSkippedEmptyLine = false
        self.hasBegun = false
    }

    /// A method's first letter, or the carriage return of an empty line. A TLS greeting ends here, at its first byte.
    private static func canBegin(_ byte: UInt8) -> Bool { HTTPToken.contains(byte) || byte == 0x0D }

    /// The index of the next line feed, behind a carriage return; nil where the line is not whole yet.
    private mutating func lineFeed(in bytes: Span<UInt8>, from start: Int) throws(FramingFailure) -> Int? {
        var at = start + self.searched
        while at < bytes.count {
            let byte = bytes[at]
            if self.taken + at - start >= self.bytesMax { throw .headTooLarge }
            if at - start >= Self.targetBytesMax + RequestLine.aroundTargetMax, !self.hasRequestLine {
                throw .targetTooLong
            }
            if byte == 0x0A {
                guard at > start, bytes[at - 1] == 0x0D else {
                    throw .smuggling("A line ends without a carriage return.")
                }
                return at
            }
            if byte < 0x20 || at > start && bytes[at - 1] == 0x0D { try Self.checkControl(bytes, at, start) }
            at += 1
        }
        self.searched = at - start
        return nil
    }

    private static func checkControl(_ bytes: Span<UInt8>, _ at: Int, _ start: Int) throws(FramingFailure) {
        if at > start, bytes[at - 1] == 0x0D { throw .smuggling("A carriage return stands alone.") }
        let byte = bytes[at]
        if byte != 0x0D && byte != 0x09 { throw .malformed("The header holds a control character.") }
    }

    private mutating func field(_ line: Span<UInt8>) throws(FramingFailure) {
        if self.head.headers.fields.count >= self.fieldsMax { throw .tooManyFields }
        if line[0] == 0x20 || line[0] == 0x09 { throw .smuggling("A header line is folded.") }
        var colon = 0
        while colon < line.count, line[colon] != UInt8(ascii: ":") {
            guard HTTPToken.contains(line[colon]) else {
                throw .malformed("A header name holds a character it may not hold.")
            }
            colon += 1
        }
        guard colon > 0, colon < line.count else { throw .malformed("A header line has no name or no colon.") }
        var start = colon + 1
        var end = line.count
        while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
        while end > start, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        for at in start..<end where line[at] == 0x7F { throw .malformed("The header holds a control character.") }
        let name = line.extracting(0..<colon)
        let value = line.extracting(start..<end)
        self.head.headers.append(name: name, value: value)
        try self.fields.note(name, value, in: &self.head)
    }
}
