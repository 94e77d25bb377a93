// SPDX-License-Identifier: Apache-2.0
// Comparing, searching and hashing byte strings. `String` is not used here: its equality is canonical equivalence.

/// A 64-bit hash that can be stopped after any byte, so that one pass over a value serves every prefix length.
/// FNV-1a (Fowler, Noll, Vo) with a final mix; it only picks candidates, nothing trusts it for equality.
enum ByteHash {
    static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        // Wraps by design.
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    /// Spreads the bits; the last step of SplitMix64.
    static func finish(_ hash: UInt64) -> UInt64 {
        var mixed = hash
        // Wraps by design.
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Comparisons of parts of byte arrays, by place: no slice is made, no reference counted.
enum Bytes {
    static func equal(_ one: [UInt8], _ part: Range<Int>, _ other: [UInt8], _ otherPart: Range<Int>) -> Bool {
        part.count == otherPart.count && Self.begins(one, part, with: other, otherPart)
    }

    static func begins(_ text: [UInt8], _ part: Range<Int>, with start: [UInt8], _ startPart: Range<Int>) -> Bool {
        guard part.count >= startPart.count else { return false }
        let distance = part.lowerBound - startPart.lowerBound
        for place in startPart where text[place + distance] != start[place] { return false }
        return true
    }

    static func ends(_ text: [UInt8], _ part: Range<Int>, with end: [UInt8], _ endPart: Range<Int>) -> Bool {
        guard part.count >= endPart.count else { return false }
        return Self.begins(text, part.upperBound - endPart.count..<part.upperBound, with: end, endPart)
    }

    /// Where the first occurrence begins.
    static func find(_ text: [UInt8], _ part: Range<Int>, _ needle: [UInt8], _ needlePart: Range<Int>) -> Int? {
        guard let first = needlePart.first.map({ needle[$0] }) else { return part.lowerBound }
        var at = part.lowerBound
        let last = part.upperBound - needlePart.count
        while at <= last {
            if text[at] == first, Self.begins(text, at..<part.upperBound, with: needle, needlePart) { return at }
            at += 1
        }
        return nil
    }

    /// Whether both are equal where A to Z count as a to z; `folded` has none.
    static func equalFolded(_ text: [UInt8], _ part: Range<Int>, folded: [UInt8], _ foldedPart: Range<Int>) -> Bool {
        guard part.count == foldedPart.count else { return false }
        let distance = part.lowerBound - foldedPart.lowerBound
        for place in foldedPart where Self.fold(text[place + distance]) != folded[place] { return false }
        return true
    }

    static func fold(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// Order by bytes.
    static func isBelow(_ one: [UInt8], _ part: Range<Int>, _ other: [UInt8], _ otherPart: Range<Int>) -> Bool {
        let shared = min(part.count, otherPart.count)
        for place in 0..<shared {
            let (left, right) = (one[part.lowerBound + place], other[otherPart.lowerBound + place])
            if left != right { return left < right }
        }
        return part.count < otherPart.count
    }
}
