// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// Reads signatures and named entries out of a header's text.
struct SignatureReader: Sendable {
    /// Signatures read from one header; providers send two while they rotate, so more is noise or an attack.
    static let signaturesMax = 32
    /// Entries looked at in one header, whatever their key.
    static let entriesMax = 128

    private enum Layout: Sendable {
        case single(prefix: [UInt8])
        case list(separator: UInt8, joiner: UInt8, key: [UInt8])
    }

    private let layout: Layout
    private let encoding: SignatureSpec.Encoding

    init(layout: SignatureSpec.Layout, encoding: SignatureSpec.Encoding) {
        self.encoding = encoding
        self.layout =
            switch layout {
            case .single(let prefix): .single(prefix: Array(prefix.utf8))
            case .list(let separator, let joiner, let key):
                .list(separator: separator, joiner: joiner, key: Array(key.utf8))
            }
    }

    /// Every well-formed signature; what cannot be decoded is skipped.
    func signatures(in text: ArraySlice<UInt8>) -> [[UInt8]] {
        switch self.layout {
        case .single(let prefix):
            guard text.starts(with: prefix) else { return [] }
            return self.decode(text.dropFirst(prefix.count)).map { [$0] } ?? []
        case .list(let separator, let joiner, let key):
            var found: [[UInt8]] = []
            Self.eachEntry(text, separator, joiner) { name, value in
                if name.elementsEqual(key), let signature = self.decode(value) { found.append(signature) }
                return found.count < Self.signaturesMax
            }
            return found
        }
    }

    /// The value of the first entry with this key; nil where the layout is not a list.
    func entry(_ key: String, in text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard case .list(let separator, let joiner, _) = self.layout else { return nil }
        var found: ArraySlice<UInt8>?
        Self.eachEntry(text, separator, joiner) { name, value in
            if name.elementsEqual(key.utf8) { found = value }
            return found == nil
        }
        return found
    }

    private func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        switch self.encoding {
        case .hex: Hex.decode(text)
        case .base64: Base64.decode(text)
        case .base64url: Base64.decode(text, .url)
        }
    }

    private static func eachEntry(
        _ text: ArraySlice<UInt8>, _ separator: UInt8, _ joiner: UInt8,
        _ visit: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Bool
    ) {
        var start = text.startIndex
        var seen = 0
        while start <= text.endIndex, seen < self.entriesMax {
            let end = text[start...].firstIndex(of: separator) ?? text.endIndex
            let entry = self.trimmed(text[start..<end])
            seen += 1
            if let middle = entry.firstIndex(of: joiner), !visit(entry[..<middle], entry[(middle + 1)...]) { return }
            if end == text.endIndex { return }
            start = end + 1
        }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = text
        while rest.first == 0x20 || rest.first == 0x09 { rest = rest.dropFirst() }
        while rest.last == 0x20 || rest.last == 0x09 { rest = rest.dropLast() }
        return rest
    }
}

/// Reads the text of a timestamp.
enum StampText {
    /// Digits of the largest 64-bit number, so that the sum below can only overflow where it is checked.
    private static let digitsMax = 19

    /// The distance to `now` in milliseconds, in either direction; nil where the text is malformed or out of range.
    static func age(of text: ArraySlice<UInt8>, unit: SignatureSpec.Timestamp.Unit, now: WallTime) -> UInt64? {
        let stamp: Int64
        var reference = now.milliseconds
        switch unit {
        case .seconds:
            guard let seconds = self.number(text) else { return nil }
            let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            if overflow { return nil }
            stamp = scaled
            // Whole seconds on both sides: the sender's clock was cut to seconds too.
            reference -= reference % 1000
        case .milliseconds:
            guard let milliseconds = self.number(text) else { return nil }
            stamp = milliseconds
        case .rfc3339:
            guard let time = WallTime(rfc3339: String(decoding: text, as: UTF8.self)) else { return nil }
            stamp = time.milliseconds
        }
        let (difference, overflow) = reference.subtractingReportingOverflow(stamp)
        return overflow ? nil : difference.magnitude
    }

    private static func number(_ text: ArraySlice<UInt8>) -> Int64? {
        guard !text.isEmpty, text.count <= self.digitsMax else { return nil }
        var value: Int64 = 0
        for byte in text {
            guard byte >= 0x30 && byte <= 0x39 else { return nil }
            let (scaled, tooBig) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = scaled.addingReportingOverflow(Int64(byte - 0x30))
            if tooBig || overflow { return nil }
            value = sum
        }
        return value
    }
}
