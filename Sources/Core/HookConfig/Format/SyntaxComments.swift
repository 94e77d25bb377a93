// SPDX-License-Identifier: Apache-2.0

internal import YAMLBridge

/// A comment and its place.
struct SyntaxComment {
    let text: String
    let bytes: Range<Int>
    /// Characters before it on its line.
    let column: Int
    /// Nothing else stands on its line.
    let isAlone: Bool
    /// Another comment behind something stands in the same column.
    var isAligned = false
}

enum SyntaxComments {
    /// Every comment of a text: what begins with `#` outside of scalars. Those in the head of block scalars are not
    /// among them.
    static func all(of text: [UInt8], _ events: [YAMLSyntaxEvent]) -> [SyntaxComment] {
        var comments: [SyntaxComment] = []
        let scalars = events.filter { $0.kind == .plain || $0.kind == .quoted || $0.kind == .block }.map(\.bytes)
        var next = 0
        var at = 0
        while at < text.count {
            while next < scalars.count, scalars[next].upperBound <= at { next += 1 }
            if next < scalars.count, scalars[next].contains(at) {
                at = scalars[next].upperBound
                continue
            }
            let isFirst = at == 0 || text[at - 1] == 0x0A || text[at - 1] == 0x20 || text[at - 1] == 0x09
            guard text[at] == UInt8(ascii: "#"), isFirst else {
                at += 1
                continue
            }
            let end = text[at...].firstIndex(of: 0x0A) ?? text.count
            comments.append(self.comment(at..<end, in: text))
            at = end
        }
        let columns = Dictionary(grouping: comments.filter { !$0.isAlone }, by: \.column).mapValues(\.count)
        for place in comments.indices where !comments[place].isAlone {
            comments[place].isAligned = columns[comments[place].column, default: 0] > 1
        }
        return comments
    }

    private static func comment(_ bytes: Range<Int>, in text: [UInt8]) -> SyntaxComment {
        let start = SyntaxText.lineStart(of: bytes.lowerBound, in: text)
        let before = text[start..<bytes.lowerBound]
        return SyntaxComment(
            text: SyntaxText.trimmedEnd(String(decoding: text[bytes], as: UTF8.self)), bytes: bytes,
            column: SyntaxText.width(before), isAlone: before.allSatisfy { $0 == 0x20 || $0 == 0x09 })
    }

    /// The texts of all comments of a file, sorted, to compare two versions of it.
    static func texts(of text: [UInt8], _ events: [YAMLSyntaxEvent]) -> [String] {
        let heads = events.filter { $0.kind == .block }.compactMap { event -> String? in
            let head = text[event.bytes].prefix { $0 != 0x0A }
            guard let mark = SyntaxText.commentStart(in: head) else { return nil }
            return SyntaxText.trimmedEnd(String(decoding: head[mark...], as: UTF8.self))
        }
        return (self.all(of: text, events).map(\.text) + heads).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// Small readings of the text.
enum SyntaxText {
    static func lineStart(of offset: Int, in text: [UInt8]) -> Int {
        (text[..<offset].lastIndex(of: 0x0A) ?? -1) + 1
    }

    /// Characters, as the width of a line is counted.
    static func width(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }

    static func trimmedEnd(_ text: String) -> String {
        var bytes = text.utf8[...]
        while let last = bytes.last, last == 0x20 || last == 0x09 || last == 0x0D { bytes = bytes.dropLast() }
        return String(Substring(bytes))
    }

    static func trimmedStart(_ text: String) -> String {
        String(Substring(text.utf8.drop { $0 == 0x20 || $0 == 0x09 }))
    }

    /// The `#` behind white space in one line.
    static func commentStart(in line: ArraySlice<UInt8>) -> Int? {
        line.indices.first { place in
            line[place] == UInt8(ascii: "#") && place > line.startIndex
                && (line[place - 1] == 0x20 || line[place - 1] == 0x09)
        }
    }

    static func lines(_ bytes: some Collection<UInt8>) -> [String] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
}
