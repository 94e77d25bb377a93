// SPDX-License-Identifier: Apache-2.0
// The concrete tree as text: two spaces a level, one space behind a colon, lists inside their key, flow collections on
// one line where they fit.

/// Writes a file.
struct SyntaxWriter {
    /// Longest line that a flow collection may make.
    static let widthMax = 120
    /// Beyond this column a list that is wrapped begins on a line of its own.
    private static let wrapColumnMax = 60

    private var output: [String] = []
    /// Indentation and dashes that the next line begins with.
    private var dash: String?
    /// The last line belongs to a scalar that keeps blank lines, or nothing stands here yet.
    private var refusesBlank = true

    static func write(_ file: SyntaxFile) -> [UInt8] {
        var writer = SyntaxWriter()
        writer.output = file.prefix
        writer.refusesBlank = file.prefix.isEmpty
        if let root = file.root {
            writer.trivia(root.head, 0)
            let hasLead = root.entries?.first?.lead.contains { $0 != .blank } ?? false
            if !root.head.isEmpty, hasLead { writer.blank() }
            writer.collection(root, 0, isRoot: true)
        } else {
            writer.trivia(file.comments.last == .blank ? file.comments.dropLast() : file.comments[...], 0)
        }
        writer.output += file.suffix
        let text = writer.output.joined(separator: "\n")
        return text.isEmpty ? [] : Array((text + "\n").utf8)
    }

    // MARK: Lines

    private mutating func line(_ indent: Int, _ text: String, _ comment: LineComment? = nil) {
        let start = self.dash ?? String(repeating: " ", count: indent)
        self.dash = nil
        var line = start + text
        if let comment {
            let width = SyntaxText.width(line.utf8)
            line += String(repeating: " ", count: max(2, (comment.column ?? 0) - width)) + comment.text
        }
        self.output.append(SyntaxText.trimmedEnd(line) == "" ? "" : line)
        self.refusesBlank = false
    }

    private mutating func blank() {
        if !self.refusesBlank, self.output.last != "" { self.output.append("") }
    }

    private mutating func trivia(_ lines: some Collection<Trivia>, _ indent: Int) {
        for line in lines {
            switch line {
            case .blank: self.blank()
            case .comment(let text): self.line(indent, text)
            }
        }
    }

    // MARK: Collections

    private mutating func collection(_ node: SyntaxNode, _ indent: Int, isRoot: Bool = false) {
        if !isRoot { self.trivia(node.head.drop { $0 == .blank }, indent) }
        let isMap = if case .map = node.content { true } else { false }
        for (place, entry) in (node.entries ?? []).enumerated() {
            self.trivia(place == 0 ? entry.lead.drop { $0 == .blank } : entry.lead[...], indent)
            if isMap { self.entry(entry, indent) } else { self.item(entry, indent) }
        }
        self.trivia(isRoot && node.foot.last == .blank ? node.foot.dropLast() : node.foot[...], indent)
    }

    private mutating func entry(_ entry: SyntaxEntry, _ indent: Int) {
        let key = entry.key + ":"
        if Self.isBlockCollection(entry.value) {
            let properties = entry.value.properties.isEmpty ? "" : " " + entry.value.properties
            self.line(indent, key + properties, entry.keyComment)
            self.trivia(entry.inner, indent + 2)
            return self.collection(entry.value, indent + 2)
        }
        if entry.value.isEmptyText {
            self.line(indent, key, entry.keyComment ?? entry.comment)
            return self.trivia(entry.inner.drop { $0 == .blank }, indent + 2)
        }
        if entry.keyComment != nil || !entry.inner.isEmpty {
            self.line(indent, key, entry.keyComment)
            self.trivia(entry.inner, indent + 2)
            return self.value(entry.value, indent + 2, "", below: indent, entry.comment)
        }
        self.value(entry.value, indent, key, below: indent, entry.comment)
    }

    private mutating func item(_ entry: SyntaxEntry, _ indent: Int) {
        var value = entry.value
        if Self.isBlockCollection(value), value.properties.isEmpty {
            // What stands above the first entry of the item stands above its dash.
            self.trivia(Self.takeFirstTrivia(&value), indent)
            self.dash = (self.dash ?? String(repeating: " ", count: indent)) + "- "
            return self.collection(value, indent + 2)
        }
        self.dash = (self.dash ?? String(repeating: " ", count: indent)) + "- "
        if Self.isBlockCollection(value) {
            self.line(indent, value.properties)
            return self.collection(value, indent + 2)
        }
        self.value(value, indent + 2, "", below: indent, entry.comment)
    }

    private static func isBlockCollection(_ node: SyntaxNode) -> Bool {
        !node.isFlow && !(node.entries ?? []).isEmpty
    }

    /// Comments before the first thing of a collection, taken out of it.
    private static func takeFirstTrivia(_ node: inout SyntaxNode) -> [Trivia] {
        guard var entries = node.entries, !entries.isEmpty else { return [] }
        var lines = node.head + entries[0].lead
        node.head = []
        entries[0].lead = []
        if case .list = node.content, Self.isBlockCollection(entries[0].value), entries[0].value.properties.isEmpty {
            lines += Self.takeFirstTrivia(&entries[0].value)
        }
        if case .map = node.content { node.content = .map(entries) } else { node.content = .list(entries) }
        return Array(lines.drop { $0 == .blank })
    }

    // MARK: Values

    /// A value on the line of its key, or of its dash, or on a line of its own (`key` is empty then).
    ///
    /// - Parameter parent: indentation of the collection that holds it; what needs more lines stands two deeper.
    private mutating func value(
        _ node: SyntaxNode, _ indent: Int, _ key: String, below parent: Int, _ comment: LineComment?
    ) {
        let head = key.isEmpty ? "" : key + " "
        let width = SyntaxText.width((self.dash ?? String(repeating: " ", count: indent)).utf8)
        let start = width + SyntaxText.width(head.utf8)
        switch node.content {
        case .text(let text):
            let isTooLong = start + SyntaxText.width(text.utf8) > Self.widthMax
            guard isTooLong, node.isBelowKey, !key.isEmpty else { return self.line(indent, head + text, comment) }
            self.line(indent, key)
            self.line(parent + 2, text, comment)
        case .lines(let lines):
            self.line(indent, head + (lines.first ?? ""))
            for (place, text) in lines.enumerated().dropFirst() {
                self.line(parent + 2, text, place == lines.count - 1 ? comment : nil)
            }
        case .block(let block): self.block(block, node.properties, indent, head, below: parent, comment)
        case .verbatim(let lines, let column):
            self.line(indent, head + (lines.first ?? ""), lines.count == 1 ? comment : nil)
            self.verbatim(lines.dropFirst(), moved: start - column, comment)
        case .map, .list: self.flow(node, indent, key, below: parent, comment)
        }
    }

    private mutating func verbatim(_ lines: ArraySlice<String>, moved distance: Int, _ comment: LineComment?) {
        for (place, text) in zip(lines.indices, lines) {
            let depth = text.utf8.prefix { $0 == 0x20 }.count
            let rest = String(Substring(text.utf8.dropFirst(depth)))
            // Deep enough to stay inside, as far as lines that stood out to the left allow.
            self.line(max(1, depth + distance), rest, place == lines.endIndex - 1 ? comment : nil)
        }
    }

    private mutating func block(
        _ block: BlockText, _ properties: String, _ indent: Int, _ head: String, below parent: Int,
        _ comment: LineComment?
    ) {
        self.line(indent, head + (properties.isEmpty ? "" : properties + " ") + block.header, comment)
        let start = String(repeating: " ", count: parent + (block.indentation ?? 2))
        for line in block.lines { self.output.append(line.isEmpty ? "" : start + line) }
        self.refusesBlank = block.keepsBlankLines
    }

    private mutating func flow(
        _ node: SyntaxNode, _ indent: Int, _ key: String, below parent: Int, _ comment: LineComment?
    ) {
        let head = key.isEmpty ? "" : key + " "
        let flat = Self.flat(node)
        let width = SyntaxText.width((self.dash ?? String(repeating: " ", count: indent)).utf8)
        let start = width + SyntaxText.width(head.utf8)
        if start + SyntaxText.width(flat.utf8) <= Self.widthMax || (node.entries ?? []).isEmpty {
            return self.line(indent, head + flat, comment)
        }
        if case .list(let items) = node.content, items.allSatisfy({ $0.value.entries == nil }) {
            return self.wrapped(items.map { Self.flat($0.value) }, node.properties, indent, key, below: parent, comment)
        }
        if key.isEmpty, !node.properties.isEmpty || self.dash == nil { return self.line(indent, flat, comment) }
        // Too long for one line: the same in block style.
        var block = node
        block.isFlow = false
        block.properties = ""
        if key.isEmpty { return self.collection(block, indent) }
        self.line(indent, node.properties.isEmpty ? key : "\(key) \(node.properties)", comment)
        self.collection(block, parent + 2)
    }

    /// A list of scalars over several lines, each below the first one.
    private mutating func wrapped(
        _ items: [String], _ properties: String, _ indent: Int, _ key: String, below parent: Int,
        _ comment: LineComment?
    ) {
        let open = (properties.isEmpty ? "" : properties + " ") + "["
        var head = key.isEmpty ? open : "\(key) \(open)"
        var column = SyntaxText.width((self.dash ?? String(repeating: " ", count: indent)).utf8) + head.utf8.count
        var indent = indent
        if column > Self.wrapColumnMax, !key.isEmpty {
            self.line(indent, key)
            indent = parent + 2
            head = open
            column = indent + open.utf8.count
        }
        var line = head
        var width = column
        for (place, item) in items.enumerated() {
            let text = item + (place == items.count - 1 ? "]" : ",")
            let isFirst = width == column
            if !isFirst, width + 1 + SyntaxText.width(text.utf8) > Self.widthMax {
                self.line(indent, line)
                indent = column
                line = text
                width = column + SyntaxText.width(text.utf8)
            } else {
                line += (isFirst ? "" : " ") + text
                width += (isFirst ? 0 : 1) + SyntaxText.width(text.utf8)
            }
        }
        self.line(indent, line, comment)
    }

    /// A flow collection or scalar on one line.
    private static func flat(_ node: SyntaxNode) -> String {
        let properties = node.properties.isEmpty ? "" : node.properties + " "
        switch node.content {
        case .text(let text): return text
        case .map(let entries):
            let inner = entries.map { $0.value.isEmptyText ? $0.key : "\($0.key): \(Self.flat($0.value))" }
            return properties + "{\(inner.joined(separator: ", "))}"
        case .list(let items): return properties + "[\(items.map { Self.flat($0.value) }.joined(separator: ", "))]"
        // The reader makes none of these inside a flow collection.
        case .lines(let lines): return lines.joined(separator: " ")
        case .block, .verbatim: return ""
        }
    }
}
