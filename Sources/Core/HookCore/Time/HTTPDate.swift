// SPDX-License-Identifier: Apache-2.0

extension WallTime {
    private static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// IMF-fixdate of RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package var httpDate: String {
        let second = self.seconds
        let ofDay = Int(((second % 86_400) + 86_400) % 86_400)
        let days = (second - Int64(ofDay)) / 86_400
        let (year, month, day) = Self.civil(fromDays: days)
        // Day 0 was a Thursday.
        let weekday = Int(((days + 4) % 7 + 7) % 7)
        let time = [ofDay / 3600, ofDay / 60 % 60, ofDay % 60].map(Self.twoDigits).joined(separator: ":")
        return "\(Self.dayNames[weekday]), \(Self.twoDigits(day)) \(Self.monthNames[month - 1]) \(year) \(time) GMT"
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
