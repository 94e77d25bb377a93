// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Times as scripts see them: Unix milliseconds as integers, or RFC 3339 text.
enum ScriptTime {
    /// 0001-01-01 to 9999-12-31T23:59:59.999, what RFC 3339 can write.
    static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    static let formats = ["rfc3339", "date", "seconds"]

    /// `rfc3339` (`2026-01-01T12:00:00.000Z`), `date` (`2026-01-01`), `seconds` (Unix seconds, digits); nil for others.
    static func text(_ time: WallTime, format: String) -> String? {
        switch format {
        case "rfc3339": time.rfc3339
        case "date": String(time.rfc3339.prefix(10))
        case "seconds": "\(time.seconds)"
        default: nil
        }
    }

    /// Milliseconds of `2h30m`, `-1d`, `250ms`: whole numbers with ms, s, m, h, d, w; nil where malformed or too large.
    static func milliseconds(ofAmount text: String) -> Int64? {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard !rest.isEmpty else { return nil }
        var sum: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0 >= 0x61 && $0 <= 0x7A }
            rest = rest.dropFirst(unit.count)
            guard let count = Int64(Substring(digits)), let scale = self.unit(Substring(unit)) else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: scale)
            let (total, tooFar) = sum.addingReportingOverflow(product)
            if overflow || tooFar { return nil }
            sum = total
        }
        return isNegative ? -sum : sum
    }

    private static func unit(_ name: Substring) -> Int64? {
        switch name {
        case "ms": 1
        case "s": 1000
        case "m": 60_000
        case "h": 3_600_000
        case "d": 86_400_000
        case "w": 604_800_000
        default: nil
        }
    }
}
