// SPDX-License-Identifier: Apache-2.0
// Ranges of numbers on one path: an interval tree laid out in an array (sorted by lower end, with the highest upper end
// of every subtree), so that finding the ranges around a value costs the logarithm of their number plus the finds.

import CMatch
import HookCore

enum Interval {
    /// The nearest double. Rounding is monotone, so ranges with both ends included lose no value by it; what they find
    /// too much is refused by the exact comparison afterwards.
    static func double(_ number: JSONNumber) -> Double {
        switch number {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .double(let value): value
        }
    }

    /// The intervals of one path as the hot loop searches them: the root of any part is its middle.
    static func tree(_ intervals: [match_interval]) -> [match_interval] {
        var sorted = intervals.sorted { $0.low < $1.low }
        _ = self.fill(&sorted, 0..<sorted.count)
        return sorted
    }

    private static func fill(_ intervals: inout [match_interval], _ part: Range<Int>) -> Double {
        if part.isEmpty { return -.infinity }
        let middle = part.lowerBound + part.count / 2
        let below = self.fill(&intervals, part.lowerBound..<middle)
        let above = self.fill(&intervals, middle + 1..<part.upperBound)
        intervals[middle].highest = max(below, above, intervals[middle].high)
        return intervals[middle].highest
    }
}
