// SPDX-License-Identifier: Apache-2.0
// RFC 3339 timestamps and civil dates without Foundation. Calendar arithmetic after Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days).

extension WallTime {
    /// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can say.
    private static let printable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// `2026-01-01T12:00:00.000Z`; times before the year 0000 or after 9999 print as that end.
    package var rfc3339: String {
        let milliseconds = min(max(self.milliseconds, Self.printable.lowerBound), Self.printable.upperBound)
        let seconds = milliseconds.floorDivided(by: 1000)
        let day = seconds.floorDivided(by: 86_400)
        let second = Int(seconds - day * 86_400)
        let fraction = Int(milliseconds - seconds * 1000)
        let (year, month, dayOfMonth) = Self.civil(fromDays: day)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        Self.append(Int(year), digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(dayOfMonth, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(second / 3600, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(second % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: "."))
        Self.append(fraction, digits: 3, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads an RFC 3339 date-time (`Z` or numeric offset, any number of fraction digits) or a plain date; nil where malformed.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        let days = Self.days(fromCivil: Int64(year), month, day)
        if reader.isAtEnd {
            self.init(milliseconds: days * 86_400_000)
            return
        }
        guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), reader.take(":"), let second = reader.number(2), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if reader.take(".") {
            guard let read = reader.milliseconds() else { return nil }
            fraction = read
        }
        guard let offset = reader.offset(), reader.isAtEnd else { return nil }
        let ofDay = Int64(hour * 3600 + minute * 60 + second - offset)
        self.init(milliseconds: days * 86_400_000 + ofDay * 1000 + fraction)
    }

    private static func append(_ value: Int, digits: Int, to text: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        for _ in 0..<digits {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor = max(1, divisor / 10)
        }
    }

    static func civil(fromDays days: Int64) -> (year: Int64, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    static func days(fromCivil year: Int64, _ month: Int, _ day: Int) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor != 0 && (self < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}

/// Reads fixed-width decimal fields from ASCII.
private struct DigitReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func take(_ character: Character) -> Bool {
        guard self.position < self.bytes.count, self.bytes[self.position] == character.asciiValue else { return false }
        self.position += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int? {
        guard self.position + digits <= self.bytes.count else { return nil }
        var value = 0
        for byte in self.bytes[self.position..<self.position + digits] {
            guard byte >= 0x30 && byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        self.position += digits
        return value
    }

    mutating func milliseconds() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while self.position < self.bytes.count, (0x30...0x39).contains(self.bytes[self.position]) {
            if digits < 3 { value = value * 10 + Int64(self.bytes[self.position] - 0x30) }
            digits += 1
            self.position += 1
        }
        if digits == 0 { return nil }
        for _ in min(digits, 3)..<3 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if self.take("Z") || self.take("z") { return 0 }
        let sign: Int
        if self.take("+") { sign = 1 } else if self.take("-") { sign = -1 } else { return nil }
        guard let hours = self.number(2), self.take(":"), let minutes = self.number(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 3600 + minutes * 60)
    }
}
