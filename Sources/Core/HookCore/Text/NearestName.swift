// SPDX-License-Identifier: Apache-2.0

/// Finds what an author probably meant.
package enum NearestName {
    /// Farther than this a name is more likely to puzzle than to help (as swift-argument-parser keeps it).
    package static let distanceMax = 3

    /// The nearest candidate, or nil where none is near for its length.
    package static func to(_ text: String, among candidates: some Sequence<String>) -> String? {
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            // A name of three letters is one edit from half of all names of three letters.
            let limit = min(Self.distanceMax, max(1, text.utf8.count / 2), (best?.distance ?? .max) - 1)
            if let distance = self.distance(Array(text.utf8), Array(candidate.utf8), atMost: limit) {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// Optimal string alignment distance (insert, delete, replace, swap of neighbours); nil above the limit.
    package static func distance(_ left: [UInt8], _ right: [UInt8], atMost limit: Int) -> Int? {
        guard limit >= 0, abs(left.count - right.count) <= limit else { return nil }
        var before: [Int] = []
        var above = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(above[column] + (byte == other ? 0 : 1), above[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            before = above
            above = current
        }
        return above[right.count] <= limit ? above[right.count] : nil
    }
}
