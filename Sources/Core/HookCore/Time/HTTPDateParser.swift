// SPDX-License-Identifier: Apache-2.0

/// Dates as HTTP writes them (RFC 9110, section 5.6.7): one form to send, three to accept.
package enum HTTPDate {
    /// Reads an IMF-fixdate (`Sun, 06 Nov 1994 08:49:37 GMT`), an RFC 850 date (`Sunday, 06-Nov-94 08:49:37 GMT`) or
    /// an asctime date (`Sun Nov  6 08:49:37 1994`); nil where malformed.
    ///
    /// - Parameter now: decides the century of a two-digit year, which is never more than 50 years ahead.
    package static func parse(_ text: some Collection<UInt8>, now: WallTime) -> WallTime? {
        // The longest is an RFC 850 date of a Wednesday: 33 bytes.
        guard text.count <= 40 else { return nil }
        var words = text.split(separator: 0x20, omittingEmptySubsequences: true).map { Array($0) }
        guard let first = words.first, let named = Self.weekday(first) else { return nil }
        words.removeFirst()
        switch (named, words.count) {
        case (.shortComma, 5) where words[4] == Array("GMT".utf8):
            return Self.moment(day: words[0], dayDigits: 2, month: words[1], year: Self.number(words[2], 4), words[3])
        case (.longComma, 3) where words[2] == Array("GMT".utf8):
            let parts = words[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map { Array($0) }
            guard parts.count == 3, let short = Self.number(parts[2], 2) else { return nil }
            let year = Self.fullYear(short, now: now)
            return Self.moment(day: parts[0], dayDigits: 2, month: parts[1], year: year, words[1])
        case (.short, 4):
            let digits = words[1].count == 1 ? 1 : 2
            return Self.moment(
                day: words[1], dayDigits: digits, month: words[0], year: Self.number(words[3], 4), words[2])
        default: return nil
        }
    }

    private enum Weekday {
        case short, shortComma, longComma
    }

    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func weekday(_ word: [UInt8]) -> Weekday? {
        let hasComma = word.last == UInt8(ascii: ",")
        let name = hasComma ? word.dropLast() : word[...]
        for day in Self.weekdays {
            if name.elementsEqual(day.utf8.prefix(3)) { return hasComma ? .shortComma : .short }
            if name.elementsEqual(day.utf8) { return hasComma ? .longComma : nil }
        }
        return nil
    }

    private static func moment(day: [UInt8], dayDigits: Int, month: [UInt8], year: Int?, _ time: [UInt8]) -> WallTime? {
        guard let year, let day = Self.number(day, dayDigits),
            let month = Self.months.firstIndex(where: { $0.utf8.elementsEqual(month) }),
            (1...WallTime.days(in: month + 1, of: year)).contains(day)
        else { return nil }
        let parts = time.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = Self.number(Array(parts[0]), 2),
            let minute = Self.number(Array(parts[1]), 2),
            let second = Self.number(Array(parts[2]), 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = WallTime.days(fromCivil: Int64(year), month + 1, day)
        return WallTime(milliseconds: (days * 86_400 + Int64(hour * 3600 + minute * 60 + second)) * 1000)
    }

    private static func fullYear(_ short: Int, now: WallTime) -> Int {
        // `now` may be any 64-bit number; the calendar of this product ends with four digits.
        let days = min(max(now.seconds / 86_400, 0), 2_932_896)
        let thisYear = Int(WallTime.civil(fromDays: days).year)
        let year = thisYear / 100 * 100 + short
        if year > thisYear + 50 { return year - 100 }
        return year <= thisYear - 50 ? year + 100 : year
    }

    private static func number(_ bytes: [UInt8], _ digits: Int) -> Int? {
        guard bytes.count == digits, bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
