// SPDX-License-Identifier: Apache-2.0
// Ranges of numbers on one path: an interval tree laid out in arrays (sorted by lower end, with the highest upper end
// of every subtree), so that finding the ranges around a value costs the logarithm of their number plus the finds.

import HookCore

struct Interval: Sendable {
    let low: Double
    let high: Double
    let route: UInt32

    /// The nearest double. Rounding is monotone, so ranges with both ends included lose no value by it; what they find
    /// too much is refused by the exact comparison afterwards.
    static func double(_ number: JSONNumber) -> Double {
        switch number {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .double(let value): value
        }
    }
}

/// The intervals of one path.
struct IntervalTree: Sendable {
    /// By lower end; the root of any part is its middle.
    private let intervals: [Interval]
    /// The highest upper end in the part whose middle this is.
    private var highest: [Double]

    init(_ intervals: [Interval]) {
        self.intervals = intervals.sorted { $0.low < $1.low }
        self.highest = [Double](repeating: -.infinity, count: intervals.count)
        _ = self.fill(0..<intervals.count)
    }

    var count: Int { self.intervals.count }

    private mutating func fill(_ part: Range<Int>) -> Double {
        if part.isEmpty { return -.infinity }
        let middle = part.lowerBound + part.count / 2
        let below = self.fill(part.lowerBound..<middle)
        let above = self.fill(middle + 1..<part.upperBound)
        self.highest[middle] = max(below, above, self.intervals[middle].high)
        return self.highest[middle]
    }

    /// Gathers the route of every interval around `value`.
    func collect(_ found: inout Candidates, around value: Double) {
        self.visit(0..<self.intervals.count, value, &found)
    }

    private func visit(_ part: Range<Int>, _ value: Double, _ found: inout Candidates) {
        if part.isEmpty { return }
        let middle = part.lowerBound + part.count / 2
        if self.highest[middle] < value { return }
        self.visit(part.lowerBound..<middle, value, &found)
        let interval = self.intervals[middle]
        if interval.low > value { return }
        if value <= interval.high { found.add(interval.route) }
        self.visit(middle + 1..<part.upperBound, value, &found)
    }
}
