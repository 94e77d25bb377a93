// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Turns byte offsets and line numbers of a file into marks.
struct SourceLines {
    private let file: String
    private let bytes: [UInt8]

    init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// The mark of a range of bytes on one line.
    func mark(from start: Int, to end: Int) -> Mark {
        var line = 1
        var lineStart = 0
        for place in 0..<min(start, self.bytes.count) where self.bytes[place] == 0x0A {
            line += 1
            lineStart = place + 1
        }
        let column = 1 + self.scalars(lineStart..<min(start, self.bytes.count))
        return Mark(
            file: self.file, line: line, column: column, length: self.scalars(start..<min(end, self.bytes.count)))
    }

    /// The mark of the text of a whole line without its indentation; of column 1 where there is no such line.
    ///
    /// - Parameter near: a piece of the line that Lua named; where it stands exactly once, only it is marked.
    func mark(line number: Int, near: String? = nil) -> Mark {
        guard let range = self.range(ofLine: number) else {
            return Mark(file: self.file, line: max(1, number), column: 1)
        }
        if let near, let place = self.onlyPlace(of: Array(near.utf8), in: range) {
            return self.mark(from: place, to: place + near.utf8.count)
        }
        let text = range.drop { self.bytes[$0] == 0x20 || self.bytes[$0] == 0x09 }
        guard let start = text.first, let last = text.last else {
            return Mark(file: self.file, line: number, column: 1)
        }
        return self.mark(from: start, to: last + 1)
    }

    private func range(ofLine number: Int) -> Range<Int>? {
        var line = 1
        var start = 0
        while line < number {
            guard let end = self.bytes[start...].firstIndex(of: 0x0A) else { return nil }
            start = end + 1
            line += 1
        }
        let end = self.bytes[start...].firstIndex(of: 0x0A) ?? self.bytes.count
        return start..<end
    }

    private func onlyPlace(of needle: [UInt8], in range: Range<Int>) -> Int? {
        guard !needle.isEmpty, needle.count <= range.count else { return nil }
        var found: Int?
        for place in range.lowerBound...(range.upperBound - needle.count)
        where self.bytes[place..<place + needle.count].elementsEqual(needle) {
            if found != nil { return nil }
            found = place
        }
        return found
    }

    private func scalars(_ range: Range<Int>) -> Int {
        guard range.lowerBound < range.upperBound else { return 0 }
        // Continuation bytes of UTF-8 begin no scalar.
        return self.bytes[range].count { $0 & 0xC0 != 0x80 }
    }
}
