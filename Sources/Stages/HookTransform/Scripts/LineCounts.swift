// SPDX-License-Identifier: Apache-2.0

/// How often each line with Lua code ran, for the coverage of tests.
package struct LineCounts: Sendable, Equatable {
    /// By file and line; 0 for a line with code that never ran. Inline code counts in its route file.
    package private(set) var files: [String: [Int: Int]] = [:]

    package init() {}

    mutating func add(_ count: Int, line: Int, of file: String) {
        self.files[file, default: [:]][line, default: 0] += count
    }

    /// What came since an earlier look at the same counts.
    package func since(_ earlier: LineCounts) -> LineCounts {
        var counts = LineCounts()
        for (file, lines) in self.files {
            let before = earlier.files[file] ?? [:]
            for (line, count) in lines { counts.add(count - (before[line] ?? 0), line: line, of: file) }
        }
        return counts
    }

    /// Adds what another state saw.
    package mutating func merge(_ other: LineCounts) {
        for (file, lines) in other.files {
            for (line, count) in lines { self.add(count, line: line, of: file) }
        }
    }
}
