// SPDX-License-Identifier: Apache-2.0
// Events and text to the concrete tree. What stands between two nodes is white space, comments and indicators; comments
// are taken in the order of the text, so none is lost and none is taken twice.

internal import YAMLBridge

/// A construct that the formatter leaves alone.
struct SyntaxRefusal: Error, Equatable {
    let what: String
    let offset: Int
}

/// A whole file.
struct SyntaxFile {
    /// Everything up to and with `---`, kept as it is.
    var prefix: [String] = []
    /// Nil where the file holds comments only.
    var root: SyntaxNode?
    /// Everything from `...` on, kept as it is.
    var suffix: [String] = []
    /// The comments of a file without anything else.
    var comments: [Trivia] = []
}

struct SyntaxReader {
    private let text: [UInt8]
    private let events: [YAMLSyntaxEvent]
    private let comments: [SyntaxComment]
    private var at = 0
    private var nextComment = 0
    /// Where the last thing that was taken ends.
    private var lastEnd = 0

    private init(_ text: [UInt8], _ events: [YAMLSyntaxEvent]) {
        self.text = text
        self.events = events
        self.comments = SyntaxComments.all(of: text, events)
    }

    static func read(_ text: [UInt8], _ events: [YAMLSyntaxEvent]) throws(SyntaxRefusal) -> SyntaxFile {
        var reader = SyntaxReader(text, events)
        return try reader.file()
    }

    private mutating func file() throws(SyntaxRefusal) -> SyntaxFile {
        var file = SyntaxFile()
        guard let start = self.events.first, case .documentStart(let isExplicit) = start.kind else {
            file.comments = self.takeLines(before: self.text.count)
            return file
        }
        self.at = 1
        if isExplicit {
            let lineEnd = self.text[start.bytes.upperBound...].firstIndex(of: 0x0A) ?? self.text.count
            guard let first = self.events.dropFirst().first, first.bytes.lowerBound >= lineEnd else {
                throw SyntaxRefusal(what: "something behind --- on its line", offset: start.bytes.lowerBound)
            }
            file.prefix = SyntaxText.lines(self.text[..<lineEnd]).map(SyntaxText.trimmedEnd)
            while self.nextComment < self.comments.count, self.comments[self.nextComment].bytes.lowerBound < lineEnd {
                self.nextComment += 1
            }
            self.lastEnd = lineEnd
        }
        var root = try self.root()
        let end = self.events[self.at]
        let textEnd = end.kind == .documentEnd(isExplicit: true) ? end.bytes.lowerBound : self.text.count
        root.foot += self.takeLines(before: textEnd)
        file.suffix = SyntaxText.lines(self.text[textEnd...]).map(SyntaxText.trimmedEnd)
        while file.suffix.last == "" { file.suffix.removeLast() }
        file.root = root
        return file
    }

    /// The root is a map or list; the first comments speak of the file.
    private mutating func root() throws(SyntaxRefusal) -> SyntaxNode {
        let event = self.events[self.at]
        switch event.kind {
        case .mapping(isFlow: false), .sequence(isFlow: false): break
        default: throw SyntaxRefusal(what: "a file that is no block map", offset: event.bytes.lowerBound)
        }
        guard self.properties(of: event).text.isEmpty else {
            throw SyntaxRefusal(what: "an anchor of the whole file", offset: event.bytes.lowerBound)
        }
        var root = try self.node(below: -1)
        // One block of comments, close to the first entry, speaks of the file as well.
        if root.head.isEmpty, var entries = root.entries, !entries.isEmpty {
            root.head = entries[0].lead
            entries[0].lead = []
            if case .map = root.content { root.content = .map(entries) } else { root.content = .list(entries) }
        }
        return root
    }

    // MARK: Nodes

    /// - Parameter parent: indentation of the collection that holds the node.
    private mutating func node(below parent: Int) throws(SyntaxRefusal) -> SyntaxNode {
        let event = self.events[self.at]
        switch event.kind {
        case .plain, .quoted, .alias:
            self.at += 1
            self.lastEnd = event.bytes.upperBound
            let lines = SyntaxText.lines(self.text[event.bytes])
            if lines.count == 1 { return SyntaxNode(content: .text(SyntaxText.trimmedEnd(lines[0]))) }
            // Indentation is no part of a folded line.
            let rest = lines.dropFirst().map(SyntaxText.trimmedStart)
            return SyntaxNode(content: .lines([lines[0]] + rest))
        case .block:
            self.at += 1
            return self.block(event, below: parent)
        case .sequence(isFlow: true), .mapping(isFlow: true): return try self.flow()
        case .sequence(isFlow: false): return try self.list(event)
        case .mapping(isFlow: false): return try self.map(event)
        case .end, .documentStart, .documentEnd:
            throw SyntaxRefusal(what: "an empty document", offset: event.bytes.lowerBound)
        }
    }

    private mutating func map(_ event: YAMLSyntaxEvent) throws(SyntaxRefusal) -> SyntaxNode {
        let properties = self.properties(of: event)
        self.at += 1
        var entries: [SyntaxEntry] = []
        var column = 0
        while self.events[self.at].kind != .end {
            let first = self.at
            let key = self.events[self.at]
            var entry = SyntaxEntry(
                lead: self.takeLines(before: key.bytes.lowerBound), value: SyntaxNode(content: .text("")))
            if entries.isEmpty { column = self.column(of: key.bytes.lowerBound) }
            let colon = try self.colon(behind: key)
            entry.key = SyntaxText.trimmedEnd(String(decoding: self.text[key.bytes], as: UTF8.self))
            self.at += 1
            self.lastEnd = colon + 1
            try self.value(into: &entry, below: column)
            self.noteAnchors(first..<self.at, in: &entry)
            entries.append(entry)
        }
        return self.closed(SyntaxNode(content: .map([]), properties: properties.text), entries, column)
    }

    private mutating func list(_ event: YAMLSyntaxEvent) throws(SyntaxRefusal) -> SyntaxNode {
        let properties = self.properties(of: event)
        self.at += 1
        var entries: [SyntaxEntry] = []
        var column = 0
        while self.events[self.at].kind != .end {
            let first = self.at
            // Of a list in a list only its own dash belongs here.
            let dash = self.nextSignificant(from: max(self.lastEnd, properties.end))
            var entry = SyntaxEntry(lead: self.takeLines(before: dash), value: SyntaxNode(content: .text("")))
            if entries.isEmpty { column = self.column(of: dash) }
            self.lastEnd = dash + 1
            try self.value(into: &entry, below: column)
            if let comment = entry.keyComment { entry.lead.append(.comment(comment.text)) }
            entry.lead += entry.inner.filter { $0 != .blank }
            entry.keyComment = nil
            entry.inner = []
            self.noteAnchors(first..<self.at, in: &entry)
            entries.append(entry)
        }
        return self.closed(SyntaxNode(content: .list([]), properties: properties.text), entries, column)
    }

    /// What stands behind a colon or dash, with its comments.
    private mutating func value(into entry: inout SyntaxEntry, below column: Int) throws(SyntaxRefusal) {
        let event = self.events[self.at]
        let start = self.lastEnd
        entry.keyComment = self.takeLineComment()
        if event.kind == .plain, event.bytes.isEmpty {
            // Nothing stands here; deeper comments below speak of what is missing.
            self.at += 1
            while let comment = self.nextIsAlone(before: self.nextSignificant(from: self.lastEnd)),
                comment.column > column
            {
                entry.inner += self.takeLines(before: comment.bytes.upperBound)
            }
            return
        }
        switch event.kind {
        case .sequence(isFlow: false), .mapping(isFlow: false):
            let properties = self.properties(of: event)
            if !properties.text.isEmpty {
                self.lastEnd = properties.end
                entry.keyComment = entry.keyComment ?? self.takeLineComment()
            }
            entry.value = try self.node(below: column)
        default:
            entry.inner = self.takeLines(before: event.bytes.lowerBound)
            entry.inner.removeAll { $0 == .blank }
            let isBelow = self.text[start..<event.bytes.lowerBound].contains(0x0A)
            entry.value = try self.node(below: column)
            entry.value.isBelowKey = isBelow
            entry.comment = event.kind == .block ? self.headComment(of: event) : self.takeLineComment()
        }
    }

    /// Ends a collection: comments as deep as its entries belong to it, and the first block of comments speaks of all.
    private mutating func closed(_ node: SyntaxNode, _ entries: [SyntaxEntry], _ column: Int) -> SyntaxNode {
        var node = node
        var entries = entries
        self.at += 1
        let next = self.nextSignificant(from: self.lastEnd)
        let depth = next == self.text.count ? -1 : self.column(of: next)
        while let comment = self.nextIsAlone(before: next), comment.column >= column, comment.column > depth {
            node.foot += self.takeLines(before: comment.bytes.upperBound)
        }
        if !entries.isEmpty { entries[0].lead = Array(entries[0].lead.drop { $0 == .blank }) }
        if let blank = entries.first?.lead.lastIndex(of: .blank) {
            node.head = Array(entries[0].lead[...blank])
            entries[0].lead = Array(entries[0].lead[(blank + 1)...])
        }
        if case .map = node.content { node.content = .map(entries) } else { node.content = .list(entries) }
        return node
    }

    // MARK: Flow collections

    private mutating func flow() throws(SyntaxRefusal) -> SyntaxNode {
        let first = self.at
        let end = self.endOfNode(first)
        let bytes = self.events[first].bytes.lowerBound..<self.events[end].bytes.upperBound
        let hasComment =
            self.nextComment < self.comments.count
            && self.comments[self.nextComment].bytes.lowerBound < bytes.upperBound
        if !hasComment, let node = self.flowNode() {
            self.lastEnd = bytes.upperBound
            return node
        }
        while self.nextComment < self.comments.count,
            self.comments[self.nextComment].bytes.lowerBound < bytes.upperBound
        { self.nextComment += 1 }
        self.at = end + 1
        self.lastEnd = bytes.upperBound
        return SyntaxNode(
            content: .verbatim(
                SyntaxText.lines(self.text[bytes]).map(SyntaxText.trimmedEnd), column: self.column(of: bytes.lowerBound)
            ),
            isFlow: true)
    }

    /// Nil, with the place moved, where something is in it that is kept as it stands.
    private mutating func flowNode() -> SyntaxNode? {
        let event = self.events[self.at]
        self.at += 1
        let isMap: Bool
        switch event.kind {
        case .mapping: isMap = true
        case .sequence: isMap = false
        default:
            let text = String(decoding: self.text[event.bytes], as: UTF8.self)
            self.lastEnd = max(self.lastEnd, event.bytes.upperBound)
            return text.contains("\n") ? nil : SyntaxNode(content: .text(SyntaxText.trimmedEnd(text)), isFlow: true)
        }
        let properties = self.properties(of: event)
        let open = self.nextSignificant(from: properties.end)
        // A pair inside a list has no braces of its own.
        guard open < self.text.count, self.text[open] == (isMap ? UInt8(ascii: "{") : UInt8(ascii: "[")) else {
            return nil
        }
        self.lastEnd = open + 1
        var entries: [SyntaxEntry] = []
        while self.events[self.at].kind != .end {
            let first = self.at
            var entry = SyntaxEntry(value: SyntaxNode(content: .text("")))
            if isMap {
                let key = self.events[self.at]
                guard !self.text[self.lastEnd..<max(self.lastEnd, key.bytes.lowerBound)].contains(UInt8(ascii: "?")),
                    let text = self.flowNode(), case .text(let name) = text.content, !name.isEmpty
                else { return nil }
                entry.key = name
            }
            guard let value = self.flowNode() else { return nil }
            entry.value = value
            self.noteAnchors(first..<self.at, in: &entry)
            entries.append(entry)
        }
        self.lastEnd = self.events[self.at].bytes.upperBound
        self.at += 1
        return SyntaxNode(
            content: isMap ? .map(entries) : .list(entries), isFlow: true, properties: properties.text)
    }

    private func endOfNode(_ first: Int) -> Int {
        var depth = 0
        for place in first..<self.events.count {
            switch self.events[place].kind {
            case .sequence, .mapping: depth += 1
            case .end: depth -= 1
            default: break
            }
            if depth == 0 { return place }
        }
        return self.events.count - 1
    }

    // MARK: Block scalars

    private mutating func block(_ event: YAMLSyntaxEvent, below parent: Int) -> SyntaxNode {
        let properties = self.properties(of: event)
        let start = self.nextSignificant(from: properties.end)
        var lines = SyntaxText.lines(self.text[start..<event.bytes.upperBound])
        let head = Array(lines.removeFirst().utf8)
        let header = String(decoding: head.prefix { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }, as: UTF8.self)
        // The last line break ends the last line and begins none.
        if self.text[start..<event.bytes.upperBound].last == 0x0A, !lines.isEmpty { lines.removeLast() }
        if !header.contains("+") {
            while lines.last.map({ $0.utf8.allSatisfy { $0 == 0x20 } }) ?? false { lines.removeLast() }
        }
        let digit = header.utf8.first { $0 >= 0x31 && $0 <= 0x39 }.map { Int($0) - 0x30 }
        let detected = lines.first { !$0.utf8.allSatisfy { $0 == 0x20 } }?.utf8.prefix { $0 == 0x20 }.count
        let depth = digit.map { max(parent, 0) + $0 } ?? detected ?? 0
        let body = lines.map { String(Substring($0.utf8.dropFirst(min(depth, $0.utf8.prefix { $0 == 0x20 }.count)))) }
        self.lastEnd = self.endOfText(event.bytes, isKept: header.contains("+"))
        let isOpen = event.bytes.upperBound == self.text.count && self.text.last != 0x0A && !body.isEmpty
        let isClipped = !header.contains("+") && !header.contains("-")
        // Without a line break at its end the text has none either; with one, `-` says so.
        let text = BlockText(header: isOpen && isClipped ? header + "-" : header, lines: body, indentation: digit)
        return SyntaxNode(content: .block(text), properties: properties.text)
    }

    /// Where the last line with something on it ends: blank lines behind belong to what follows.
    private func endOfText(_ bytes: Range<Int>, isKept: Bool) -> Int {
        var end = bytes.upperBound
        if isKept { return end > bytes.lowerBound && self.text[end - 1] == 0x0A ? end - 1 : end }
        while end > bytes.lowerBound, self.text[end - 1] == 0x0A || self.text[end - 1] == 0x20 { end -= 1 }
        return end
    }

    /// The comment behind `|`.
    private func headComment(of event: YAMLSyntaxEvent) -> LineComment? {
        let head = self.text[event.bytes].prefix { $0 != 0x0A }
        guard let mark = SyntaxText.commentStart(in: head) else { return nil }
        return LineComment(text: SyntaxText.trimmedEnd(String(decoding: head[mark...], as: UTF8.self)), column: nil)
    }

    // MARK: Comments and places

    private func nextIsAlone(before limit: Int) -> SyntaxComment? {
        guard self.nextComment < self.comments.count else { return nil }
        let comment = self.comments[self.nextComment]
        return comment.isAlone && comment.bytes.lowerBound < limit ? comment : nil
    }

    /// The comments before an offset, and where blank lines are.
    private mutating func takeLines(before limit: Int) -> [Trivia] {
        var lines: [Trivia] = []
        while self.nextComment < self.comments.count, self.comments[self.nextComment].bytes.lowerBound < limit {
            let comment = self.comments[self.nextComment]
            if self.hasBlankLine(self.lastEnd, comment.bytes.lowerBound) { lines.append(.blank) }
            lines.append(.comment(comment.text))
            self.lastEnd = comment.bytes.upperBound
            self.nextComment += 1
        }
        if limit < self.text.count, self.hasBlankLine(self.lastEnd, limit) { lines.append(.blank) }
        return lines
    }

    /// The comment on the line of what was taken last.
    private mutating func takeLineComment() -> LineComment? {
        guard self.nextComment < self.comments.count else { return nil }
        let comment = self.comments[self.nextComment]
        guard comment.bytes.lowerBound >= self.lastEnd,
            self.text[self.lastEnd..<comment.bytes.lowerBound].allSatisfy({ $0 == 0x20 || $0 == 0x09 })
        else { return nil }
        self.nextComment += 1
        self.lastEnd = comment.bytes.upperBound
        return LineComment(text: comment.text, column: comment.isAligned ? comment.column : nil)
    }

    private func hasBlankLine(_ start: Int, _ end: Int) -> Bool {
        start < end && self.text[start..<end].count { $0 == 0x0A } > 1
    }

    private func column(of offset: Int) -> Int {
        SyntaxText.width(self.text[SyntaxText.lineStart(of: offset, in: self.text)..<offset])
    }

    /// The first byte that is neither white space nor part of a comment; the end of the text where there is none.
    private func nextSignificant(from start: Int) -> Int {
        var at = start
        while at < self.text.count {
            switch self.text[at] {
            case 0x20, 0x09, 0x0A: at += 1
            case UInt8(ascii: "#"): at = self.text[at...].firstIndex(of: 0x0A) ?? self.text.count
            default: return at
            }
        }
        return at
    }

    /// The colon behind a key. A key behind `?` may be anything, and no route file needs one.
    private func colon(behind key: YAMLSyntaxEvent) throws(SyntaxRefusal) -> Int {
        var at = key.bytes.upperBound
        while at < self.text.count, self.text[at] == 0x20 || self.text[at] == 0x09 { at += 1 }
        let before = self.text[..<key.bytes.lowerBound].last { $0 != 0x20 && $0 != 0x09 }
        guard key.kind == .plain || key.kind == .quoted || key.kind == .alias, at < self.text.count,
            self.text[at] == UInt8(ascii: ":"), before != UInt8(ascii: "?"), !key.bytes.isEmpty,
            !self.text[key.bytes].contains(0x0A)
        else { throw SyntaxRefusal(what: "a key behind \"?\"", offset: key.bytes.lowerBound) }
        return at
    }

    /// Anchor and tag before a node, and where they end.
    private func properties(of event: YAMLSyntaxEvent) -> (text: String, end: Int) {
        var parts: [String] = []
        var end = event.bytes.lowerBound
        var at = end
        while at < self.text.count, self.text[at] == UInt8(ascii: "&") || self.text[at] == UInt8(ascii: "!") {
            let stop = self.text[at...].firstIndex { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A } ?? self.text.count
            parts.append(String(decoding: self.text[at..<stop], as: UTF8.self))
            end = stop
            at = self.nextSignificant(from: stop)
        }
        return (parts.joined(separator: " "), end)
    }

    private func noteAnchors(_ places: Range<Int>, in entry: inout SyntaxEntry) {
        for event in self.events[places] {
            guard let name = event.anchor else { continue }
            entry.anchors.insert(name)
            if event.kind != .alias { entry.definesAnchor = true }
        }
    }
}
