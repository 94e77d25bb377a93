// SPDX-License-Identifier: Apache-2.0
// Numbers with units as the files write them. Every number is checked for overflow: a huge one is
// refused, never a trap.

internal import HookCore

/// Reads `10s`, `1MiB`, `70%`, `50/s`.
enum Units {
    /// Milliseconds of one unit.
    static let durations: [(unit: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static let sizes: [(unit: String, bytes: Int)] = [
        ("B", 1), ("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1024 * 1024 * 1024),
        ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
    ]

    static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = self.split(text), let scale = Self.durations.first(where: { $0.unit == unit }) else {
            return nil
        }
        let (product, overflow) = Int64(number).multipliedReportingOverflow(by: scale.milliseconds)
        return overflow ? nil : .milliseconds(product)
    }

    static func bytes(_ text: String) -> Int? {
        guard let (number, unit) = self.split(text), let scale = Self.sizes.first(where: { $0.unit == unit }) else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: scale.bytes)
        return overflow ? nil : product
    }

    /// 0...100.
    static func percent(_ text: String) -> Int? {
        guard let (number, unit) = self.split(text), unit == "%", number <= 100 else { return nil }
        return number
    }

    /// Whether the text is a count per second, minute or hour.
    static func isRate(_ text: String) -> Bool {
        guard let (number, unit) = self.split(text) else { return false }
        return number > 0 && ["/s", "/m", "/h"].contains(unit)
    }

    /// The longest unit that a duration is a whole number of.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let unit = Self.durations.last { milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 }
        return unit.map { "\(milliseconds / $0.milliseconds)\($0.unit)" } ?? "0s"
    }

    /// The largest binary unit that a size is a whole number of.
    static func text(bytes: Int) -> String {
        let unit = Self.sizes.prefix(4).last { bytes >= $0.bytes && bytes % $0.bytes == 0 }
        return unit.map { "\(bytes / $0.bytes)\($0.unit)" } ?? "\(bytes)B"
    }

    /// Digits and the rest.
    private static func split(_ text: String) -> (Int, String)? {
        let digits = text.utf8.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard !digits.isEmpty, let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        return (number, String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self))
    }
}
