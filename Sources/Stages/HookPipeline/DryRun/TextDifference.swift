// SPDX-License-Identifier: Apache-2.0

/// A difference of two texts, line by line, for bodies that are no JSON.
package enum TextDifference {
    package enum Line: Sendable, Equatable {
        case same(String)
        case removed(String)
        case added(String)
    }

    /// Beyond so many pairs of lines the whole text counts as replaced: nobody reads further, and time is bounded.
    private static let pairsMax = 1_000_000

    /// The lines of both, removals before additions, by the longest common subsequence.
    ///
    /// - Complexity: lines of the one times lines of the other, bounded.
    package static func lines(from old: String, to new: String) -> [Line] {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard before.count * after.count <= self.pairsMax else {
            return before.map { .removed($0) } + after.map { .added($0) }
        }
        let width = after.count + 1
        // common[i * width + j]: length of the longest common subsequence of before[i...] and after[j...].
        var common = [Int](repeating: 0, count: (before.count + 1) * width)
        for i in before.indices.reversed() {
            for j in after.indices.reversed() {
                common[i * width + j] =
                    before[i] == after[j]
                    ? common[(i + 1) * width + j + 1] + 1
                    : max(common[(i + 1) * width + j], common[i * width + j + 1])
            }
        }
        var (i, j) = (0, 0)
        var lines: [Line] = []
        while i < before.count || j < after.count {
            if i < before.count, j < after.count, before[i] == after[j] {
                lines.append(.same(before[i]))
                (i, j) = (i + 1, j + 1)
            } else if j == after.count || (i < before.count && common[(i + 1) * width + j] >= common[i * width + j + 1])
            {
                lines.append(.removed(before[i]))
                i += 1
            } else {
                lines.append(.added(after[j]))
                j += 1
            }
        }
        return lines
    }
}
