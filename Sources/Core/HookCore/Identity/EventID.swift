// SPDX-License-Identifier: Apache-2.0
// Identity of events and of what hangs on them. Sixteen bytes, sortable by time, spelled as prefixed Crockford base 32.

/// The identity of one event: 48 bits of Unix milliseconds, 64 bits of chance, 16 bits that are zero.
///
/// - Shape: big-endian, so that byte order is time order. The last 16 bits are left for the ordinal of a
///   ``DeliveryID`` or ``HeldID``, which therefore name their event without a look-up.
/// - Text: `evt_` and 26 characters of Crockford base 32 (as in the ULID specification), lower case.
package struct EventID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low & ~0xFFFF
    }

    /// Makes an id from the time of acceptance and 64 random bits.
    package init(time: WallTime, random: UInt64) {
        self.init(high: UInt64(clamping: time.milliseconds) << 16 | random >> 48, low: random << 16)
    }

    /// Reads sixteen big-endian bytes; nil unless there are exactly sixteen.
    package init?(bytes: some Collection<UInt8>) {
        guard let pair = Base32.pair(bytes: bytes) else { return nil }
        self.init(high: pair.high, low: pair.low)
    }

    /// Reads the text form; nil where it is malformed.
    package init?(_ text: String) {
        guard let pair = Base32.decode(text, prefix: "evt_"), pair.low & 0xFFFF == 0 else { return nil }
        self.init(high: pair.high, low: pair.low)
    }

    /// The id of what a route makes of this event: the same whenever the route runs for it again, so that a dry run and
    /// the router agree, and nothing that was made once can be made twice.
    ///
    /// - Parameter seed: what tells it from the others that are made of the event.
    package func derived(_ seed: String) -> EventID {
        let random = Checksum.xxh64(self.bytes + Array(seed.utf8))
        return EventID(high: self.high & ~0xFFFF | random >> 48, low: random << 16)
    }

    package var bytes: [UInt8] { Base32.bytes(self.high, self.low) }
    package var description: String { Base32.encode(self.high, self.low, prefix: "evt_") }

    package static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

/// The identity of a delivery: its event and its place (from 1) among the event's deliveries.
///
/// Text: `dlv_` and 26 characters. It is the `webhook-id` that a destination sees, the same on every attempt.
package struct DeliveryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let event: EventID
    package let ordinal: UInt16

    package init(event: EventID, ordinal: UInt16) {
        self.event = event
        self.ordinal = ordinal
    }

    package init?(_ text: String) {
        guard let pair = Base32.decode(text, prefix: "dlv_") else { return nil }
        self.init(event: EventID(high: pair.high, low: pair.low), ordinal: UInt16(truncatingIfNeeded: pair.low))
    }

    package var description: String {
        Base32.encode(self.event.high, self.event.low | UInt64(self.ordinal), prefix: "dlv_")
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.event, left.ordinal) < (right.event, right.ordinal)
    }
}

/// The identity of a held entry: its event and its place (from 1) among the event's held entries. Text: `hld_…`.
package struct HeldID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let event: EventID
    package let ordinal: UInt16

    package init(event: EventID, ordinal: UInt16) {
        self.event = event
        self.ordinal = ordinal
    }

    package init?(_ text: String) {
        guard let pair = Base32.decode(text, prefix: "hld_") else { return nil }
        self.init(event: EventID(high: pair.high, low: pair.low), ordinal: UInt16(truncatingIfNeeded: pair.low))
    }

    package var description: String {
        Base32.encode(self.event.high, self.event.low | UInt64(self.ordinal), prefix: "hld_")
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.event, left.ordinal) < (right.event, right.ordinal)
    }
}

/// Crockford base 32 of 128 bits (https://www.crockford.com/base32.html), the spelling used by ULID.
enum Base32 {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func encode(_ high: UInt64, _ low: UInt64, prefix: String) -> String {
        var text = Array(prefix.utf8)
        text.reserveCapacity(text.count + 26)
        // 26 digits hold 130 bits: the first digit carries only three.
        for digit in 0..<26 {
            let shift = 125 - digit * 5
            let value: UInt64
            if shift >= 64 {
                value = high >> UInt64(shift - 64)
            } else if shift > 59 {
                value = high << UInt64(64 - shift) | low >> UInt64(shift)
            } else {
                value = low >> UInt64(shift)
            }
            text.append(self.alphabet[Int(value & 31)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String, prefix: String) -> (high: UInt64, low: UInt64)? {
        let all = Array(text.utf8)
        let start = Array(prefix.utf8)
        guard all.count == start.count + 26, all.starts(with: start) else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (place, character) in all[start.count...].enumerated() {
            guard let value = self.alphabet.firstIndex(of: character | 0x20 >= 0x61 ? character | 0x20 : character)
            else {
                return nil
            }
            if place == 0 && value > 7 { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(value)
        }
        return (high, low)
    }

    static func bytes(_ high: UInt64, _ low: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> UInt64(56 - $0 * 8)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: low >> UInt64(56 - $0 * 8)) }
    }

    static func pair(bytes: some Collection<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (place, byte) in bytes.enumerated() {
            if place < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
        }
        return (high, low)
    }
}
