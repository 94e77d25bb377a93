// SPDX-License-Identifier: Apache-2.0

/// Finds what an author probably meant.
enum NearestName {
    /// The candidate with the smallest edit distance below four (and below the name's length); nil where none is near.
    static func to(_ name: String, among candidates: some Sequence<String>) -> String? {
        var best: (name: String, distance: Int)?
        let wanted = Array(name.utf8)
        for candidate in candidates {
            let distance = self.distance(wanted, Array(candidate.utf8))
            if distance < min(4, max(2, wanted.count)), distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// Levenshtein's distance in bytes.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, one) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let change = previous[column] + (one == other ? 0 : 1)
                current.append(min(change, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
