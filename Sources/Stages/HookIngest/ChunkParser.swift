// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Reads a chunked body (RFC 9112, section 7.1).
///
/// - Bounds: sizes of at most eight hexadecimal digits, lines of at most 256 bytes, trailers within the header's limits.
/// - Trailers are checked and left off: merging them into the header has been a way around checks.
struct ChunkParser {
    enum Step { case needsMore, done }

    private enum State {
        case size
        case content(left: Int)
        case contentEnd
        case trailer
    }

    private static let sizeDigitsMax = 8
    private static let lineBytesMax = 256

    private var state: State = .size
    private var trailerBytes = 0
    private var trailerFields = 0
    private let trailerBytesMax: Int
    private let trailerFieldsMax: Int

    init(limits: IngestLimits) {
        self.trailerBytesMax = limits.headerBytesMax
        self.trailerFieldsMax = limits.headerFieldsMax
    }

    /// Takes what it can off the front, appending content to `body`. Refuses as soon as the body exceeds `bytesMax`.
    mutating func parse(
        _ bytes: Span<UInt8>, used: inout Int, into body: inout BodyBuffer, bytesMax: Int
    ) throws(FramingFailure) -> Step {
        used = 0
        while true {
            switch self.state {
            case .size:
                guard let line = try Self.line(in: bytes, from: used, max: Self.lineBytesMax) else { return .needsMore }
                let size = try Self.size(bytes.extracting(used..<line))
                used = line + 2
                if size > bytesMax - body.count { throw BodyBuffer.tooLarge }
                self.state = size == 0 ? .trailer : .content(left: size)
            case .content(let left):
                let count = min(left, bytes.count - used)
                if count == 0 { return .needsMore }
                body.append(bytes.extracting(used..<used + count))
                used += count
                self.state = left == count ? .contentEnd : .content(left: left - count)
            case .contentEnd:
                if used < bytes.count, bytes[used] != 0x0D { throw .smuggling("A chunk is longer than its size.") }
                guard bytes.count >= used + 2 else { return .needsMore }
                guard bytes[used + 1] == 0x0A else { throw .smuggling("A chunk is longer than its size.") }
                used += 2
                self.state = .size
            case .trailer:
                let room = self.trailerBytesMax - self.trailerBytes
                guard let line = try Self.line(in: bytes, from: used, max: room) else { return .needsMore }
                let text = bytes.extracting(used..<line)
                self.trailerBytes += line + 2 - used
                used = line + 2
                if text.isEmpty { return .done }
                self.trailerFields += 1
                if self.trailerFields > self.trailerFieldsMax { throw .tooManyFields }
                try Self.checkTrailer(text)
            }
        }
    }

    /// The index of the carriage return that ends the line; nil where the line is not whole yet.
    private static func line(in bytes: Span<UInt8>, from start: Int, max: Int) throws(FramingFailure) -> Int? {
        var at = start
        while at < bytes.count {
            if at - start >= max { throw .smuggling("A line of the chunked body is too long.") }
            let byte = bytes[at]
            let isBehindReturn = at > start && bytes[at - 1] == 0x0D
            if byte == 0x0A {
                guard isBehindReturn else { throw .smuggling("A line ends without a carriage return.") }
                return at - 1
            }
            if isBehindReturn { throw .smuggling("A carriage return stands alone.") }
            if (byte < 0x20 && byte != 0x0D && byte != 0x09) || byte == 0x7F {
                throw .malformed("The chunked body holds a control character.")
            }
            at += 1
        }
        return nil
    }

    /// Hexadecimal digits, then nothing or an extension behind a semicolon, which is ignored.
    private static func size(_ line: Span<UInt8>) throws(FramingFailure) -> Int {
        var size = 0
        var at = 0
        while at < line.count, let digit = HexDigit.value(line[at]) {
            if at >= self.sizeDigitsMax { throw .smuggling("A chunk size has too many digits.") }
            size = size << 4 | Int(digit)
            at += 1
        }
        guard at > 0, at == line.count || line[at] == UInt8(ascii: ";") else {
            throw .smuggling("A chunk size is not a hexadecimal number.")
        }
        return size
    }

    private static func checkTrailer(_ line: Span<UInt8>) throws(FramingFailure) {
        var colon = 0
        while colon < line.count, HTTPToken.contains(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
            throw .malformed("A trailer line is malformed.")
        }
    }
}

/// The bytes of a body as they come. Memory grows with what has arrived, not with what was announced.
struct BodyBuffer {
    /// Announced lengths up to here are reserved at once.
    private static let reserveMax = 64 * 1024

    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    /// Counts only: the request is refused already, and its body is read so that the connection can go on.
    var isDiscarding = false

    static let tooLarge = FramingFailure(413, "http/body-too-large", "The body is larger than this source accepts.")

    mutating func reserve(_ count: Int) {
        if !self.isDiscarding { self.bytes.reserveCapacity(min(count, Self.reserveMax)) }
    }

    mutating func append(_ part: Span<UInt8>) {
        self.count += part.count
        if self.isDiscarding { return }
        unsafe part.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// Gives the bytes away.
    mutating func take() -> [UInt8] {
        let bytes = self.bytes
        self = BodyBuffer()
        return bytes
    }
}
