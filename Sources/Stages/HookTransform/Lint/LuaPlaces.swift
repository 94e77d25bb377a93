// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Where bytes of a piece of Lua stand in the user's files.
enum LuaPlaces {
    case file(SourceLines)
    case inline(InlinePlaces)

    func mark(_ span: Range<Int>) -> Mark {
        switch self {
        case .file(let lines): lines.mark(from: span.lowerBound, to: span.upperBound)
        case .inline(let places): places.mark(span)
        }
    }
}

/// Code in a route file: YAML has taken the indentation away, or the quotes.
struct InlinePlaces {
    private let mark: Mark
    private let file: [UInt8]
    private let lines: [ArraySlice<UInt8>]
    private let offset: Int

    /// - Parameter mark: where the code starts.
    /// - Parameter file: the whole route file.
    /// - Parameter offset: bytes that were put before the code.
    init(code: String, at mark: Mark, in file: [UInt8], offset: Int) {
        self.offset = offset
        self.mark = mark
        self.file = file
        self.lines = Array(code.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
    }

    /// The place of bytes of the code; the start of the code where YAML has rewritten it (escapes, folded lines).
    func mark(_ span: Range<Int>) -> Mark {
        let span = max(0, span.lowerBound - self.offset)..<max(0, span.upperBound - self.offset)
        var start = 0
        for (number, line) in self.lines.enumerated() {
            if span.lowerBound <= start + line.count { return self.mark(span, in: line, from: start, number) }
            start += line.count + 1
        }
        return self.mark
    }

    private func mark(_ span: Range<Int>, in line: ArraySlice<UInt8>, from start: Int, _ number: Int) -> Mark {
        let whole = Mark(
            file: self.mark.file, line: self.mark.line + number, column: 1, length: max(1, self.length(number)))
        let first = number == 0 && self.mark.length > 1 ? self.mark : whole
        let text = String(decoding: line, as: UTF8.self)
        let found = first.narrowed(to: text, in: self.file)
        guard !line.isEmpty, found.length == text.unicodeScalars.count else { return self.mark }
        func characters(_ range: Range<Int>) -> Int {
            let code = line[(line.startIndex + range.lowerBound)..<(line.startIndex + range.upperBound)]
            return code.count { $0 & 0xC0 != 0x80 }
        }
        let from = span.lowerBound - start
        let to = min(span.upperBound - start, line.count)
        guard from <= to else { return self.mark }
        return Mark(
            file: found.file, line: found.line, column: found.column + characters(0..<from),
            length: characters(from..<to))
    }

    /// Bytes of a line of the file.
    private func length(_ number: Int) -> Int {
        var start = 0
        for _ in 1..<(self.mark.line + number) {
            guard let end = self.file[start...].firstIndex(of: 0x0A) else { return 0 }
            start = end + 1
        }
        return (self.file[start...].firstIndex(of: 0x0A) ?? self.file.count) - start
    }
}
