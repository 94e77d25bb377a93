// SPDX-License-Identifier: Apache-2.0

/// How long a destination asks to be left alone (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// The longest wait that is believed; the retry policy cuts further.
    package static let longest: Duration = .seconds(365 * 86_400)

    /// The wait that a field value asks for, never negative, at most ``longest``; nil where malformed.
    ///
    /// - Parameter value: seconds in decimal digits, or an HTTP date, which is taken relative to `now`.
    package static func parse(_ value: String, now: WallTime) -> Duration? { Self.parse(value.utf8, now: now) }

    package static func parse(_ value: some Collection<UInt8>, now: WallTime) -> Duration? {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let text = Array(value.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        guard let first = text.first else { return nil }
        guard first >= 0x30 && first <= 0x39 else {
            return HTTPDate.parse(text, now: now).map { min(max(.zero, $0 - now), Self.longest) }
        }
        var seconds: Int64 = 0
        for byte in text {
            guard byte >= 0x30 && byte <= 0x39 else { return nil }
            // Cut at each digit, so that any number of digits fits.
            seconds = min(seconds * 10 + Int64(byte - 0x30), Self.longest.components.seconds)
        }
        return .seconds(seconds)
    }
}
