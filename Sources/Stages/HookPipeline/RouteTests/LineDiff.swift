// SPDX-License-Identifier: Apache-2.0

/// The difference of two texts, line by line, in the form of `diff -u` without its file names.
package enum LineDiff {
    /// Unchanged lines shown around a change.
    private static let context = 3
    /// Lines of output; a body that differs everywhere need not be read to the end.
    private static let outputMax = 60
    /// Bytes shown of one line.
    private static let widthMax = 400
    /// Above this product of lines the middle is shown as replaced: the table below would grow too large.
    private static let cellsMax = 1_000_000

    private enum Edit {
        case keep(ArraySlice<UInt8>)
        case remove(ArraySlice<UInt8>)
        case insert(ArraySlice<UInt8>)

        var isKept: Bool { if case .keep = self { true } else { false } }
    }

    /// - Returns: hunks with `@@` lines before them; no lines where the texts are equal.
    package static func unified(from old: [UInt8], to new: [UInt8]) -> [String] {
        let edits = self.edits(self.lines(old), self.lines(new))
        guard edits.contains(where: { !$0.isKept }) else { return [] }
        var output: [String] = []
        var old = 1
        var new = 1
        var place = 0
        while place < edits.count {
            guard let change = edits[place...].firstIndex(where: { !$0.isKept }) else { break }
            let start = max(place, change - self.context)
            let end = self.hunkEnd(edits, from: change)
            old += start - place
            new += start - place
            let hunk = edits[start..<end]
            let removed = hunk.count { if case .insert = $0 { false } else { true } }
            let inserted = hunk.count { if case .remove = $0 { false } else { true } }
            output.append("@@ -\(old),\(removed) +\(new),\(inserted) @@")
            output += hunk.map(self.text)
            old += removed
            new += inserted
            place = end
        }
        guard output.count > self.outputMax else { return output }
        return output.prefix(self.outputMax) + ["… \(output.count - self.outputMax) more lines"]
    }

    /// Behind the changes that are too near to each other for a hunk of their own.
    private static func hunkEnd(_ edits: [Edit], from change: Int) -> Int {
        var last = change
        var place = change
        while place < edits.count, place - last <= 2 * self.context {
            if !edits[place].isKept { last = place }
            place += 1
        }
        return min(edits.count, last + 1 + self.context)
    }

    private static func text(_ edit: Edit) -> String {
        let (sign, line) =
            switch edit {
            case .keep(let line): (" ", line)
            case .remove(let line): ("-", line)
            case .insert(let line): ("+", line)
            }
        let text = String(decoding: line.prefix(self.widthMax), as: UTF8.self)
        return sign + (line.count > self.widthMax ? text + "…" : text)
    }

    /// A newline at the end closes the last line and begins none.
    private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func edits(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Edit] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }.count
        let middle = self.middle(
            Array(old[head..<(old.count - tail)]), Array(new[head..<(new.count - tail)]))
        return old.prefix(head).map { .keep($0) } + middle + old.suffix(tail).map { .keep($0) }
    }

    /// By the longest common subsequence.
    private static func middle(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Edit] {
        guard !old.isEmpty, !new.isEmpty, old.count * new.count <= self.cellsMax else {
            return old.map { .remove($0) } + new.map { .insert($0) }
        }
        // longest[i][j]: of old from i and new from j, a row of new.count + 1 after the other.
        let width = new.count + 1
        var longest = [Int32](repeating: 0, count: (old.count + 1) * width)
        for i in old.indices.reversed() {
            for j in new.indices.reversed() {
                longest[i * width + j] =
                    old[i] == new[j]
                    ? longest[(i + 1) * width + j + 1] + 1
                    : max(longest[(i + 1) * width + j], longest[i * width + j + 1])
            }
        }
        var edits: [Edit] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, j < new.count, old[i] == new[j] {
                edits.append(.keep(old[i]))
                i += 1
                j += 1
            } else if i < old.count,
                j == new.count || longest[(i + 1) * width + j] >= longest[i * width + j + 1]
            {
                edits.append(.remove(old[i]))
                i += 1
            } else {
                edits.append(.insert(new[j]))
                j += 1
            }
        }
        return edits
    }
}
