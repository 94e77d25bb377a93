// SPDX-License-Identifier: Apache-2.0
// Events to tree, with our own limits: libyaml bounds neither depth nor what aliases grow into.

/// Reads one YAML document.
package enum YAMLReader {
    /// The tree of a file; nil for a file that holds nothing but comments.
    ///
    /// - Bounds: ``YAMLLimits``; one document; no tags but `!!str`; aliases are expanded within a budget.
    /// - Errors: the first thing that is wrong, with its place.
    /// - Complexity: linear in bytes plus expanded nodes.
    package static func read(
        _ bytes: [UInt8], file: String, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLFailure) -> YAMLNode? {
        let start = YAMLMark(file: file, line: 1, column: 1)
        guard bytes.count <= limits.bytesMax else {
            throw YAMLFailure(.tooLarge, "the file has \(bytes.count) bytes, more than \(limits.bytesMax)", at: start)
        }
        if let place = self.invalidUTF8(in: bytes) {
            throw YAMLFailure(
                .syntax, "the file is not UTF-8", at: YAMLMark(file: file, line: place.line, column: place.column))
        }
        let hasByteOrderMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        guard let stream = EventStream(bytes.dropFirst(hasByteOrderMark ? 3 : 0), file: file) else {
            throw YAMLFailure(.syntax, "out of memory", at: start)
        }
        var builder = TreeBuilder(stream: stream, limits: limits)
        return try builder.document()
    }

    /// Line and column of the first byte that is not UTF-8.
    private static func invalidUTF8(in bytes: [UInt8]) -> (line: Int, column: Int)? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var line = 1
        var column = 1
        while true {
            switch decoder.parseScalar(from: &rest) {
            case .valid(let scalar):
                if scalar.first == 0x0A {
                    line += 1
                    column = 1
                } else {
                    column += 1
                }
            case .emptyInput: return nil
            case .error: return (line, column)
            }
        }
    }
}

/// Builds nodes from events, depth first.
private struct TreeBuilder {
    /// A finished node with what expanding it again costs.
    struct Built {
        let node: YAMLNode
        let nodes: Int
        let height: Int
    }

    let stream: EventStream
    let limits: YAMLLimits
    var anchors: [String: Built] = [:]
    var openAnchors: Set<String> = []
    var expandedNodes = 0

    mutating func document() throws(YAMLFailure) -> YAMLNode? {
        _ = try self.stream.next()
        guard case .documentStart = try self.stream.next().kind else { return nil }
        let root = try self.node(self.stream.next(), depth: 0)
        _ = try self.stream.next()
        let after = try self.stream.next()
        guard case .streamEnd = after.kind else {
            throw YAMLFailure(.documents, "the file holds a second document", at: after.mark)
        }
        return root.node
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLFailure) -> Built {
        guard depth <= self.limits.depthMax else {
            throw YAMLFailure(.tooDeep, "nested deeper than \(self.limits.depthMax) levels", at: event.mark)
        }
        if case .alias(let name) = event.kind { return try self.expand(name, at: event.mark, depth: depth) }
        let isText = try self.isTextTag(event)
        if let anchor = event.anchor { self.openAnchors.insert(anchor) }
        let built: Built
        switch event.kind {
        case .scalar(let text, let style):
            let content = YAMLNode.Content.scalar(text, isText && style == .plain ? .quoted : style)
            built = Built(node: YAMLNode(content, mark: event.mark), nodes: 1, height: 0)
        case .sequenceStart: built = try self.sequence(at: event.mark, depth: depth)
        default: built = try self.mapping(at: event.mark, depth: depth)
        }
        if let anchor = event.anchor {
            self.openAnchors.remove(anchor)
            self.anchors[anchor] = built
        }
        return built
    }

    private mutating func sequence(at mark: YAMLMark, depth: Int) throws(YAMLFailure) -> Built {
        var items: [YAMLNode] = []
        var span = mark
        var nodes = 1
        var height = 0
        while true {
            let event = try self.stream.next()
            if case .sequenceEnd(let isFlow) = event.kind {
                span = isFlow ? mark.spanning(to: event.mark) : mark
                break
            }
            let item = try self.node(event, depth: depth + 1)
            items.append(item.node)
            nodes += item.nodes
            height = max(height, item.height)
        }
        return Built(node: YAMLNode(.sequence(items), mark: span), nodes: nodes, height: height + 1)
    }

    private mutating func mapping(at mark: YAMLMark, depth: Int) throws(YAMLFailure) -> Built {
        var entries: [YAMLNode.Entry] = []
        var span = mark
        var nodes = 1
        var height = 0
        while true {
            let event = try self.stream.next()
            if case .mappingEnd(let isFlow) = event.kind {
                // A block has no bracket: its first key stands for it.
                span = isFlow ? mark.spanning(to: event.mark) : entries.first?.key.mark ?? mark
                break
            }
            let key = try self.node(event, depth: depth + 1)
            let value = try self.node(self.stream.next(), depth: depth + 1)
            entries.append(YAMLNode.Entry(key: key.node, value: value.node))
            nodes += key.nodes + value.nodes
            height = max(height, key.height, value.height)
        }
        return Built(node: YAMLNode(.mapping(entries), mark: span), nodes: nodes, height: height + 1)
    }

    /// The anchored node again, at the place of the alias.
    private mutating func expand(_ name: String, at mark: YAMLMark, depth: Int) throws(YAMLFailure) -> Built {
        if self.openAnchors.contains(name) {
            throw YAMLFailure(.alias, "*\(name) stands inside the node that it names", at: mark)
        }
        guard let anchored = self.anchors[name] else {
            throw YAMLFailure(.alias, "no anchor is called &\(name) above this line", at: mark)
        }
        self.expandedNodes += anchored.nodes
        guard self.expandedNodes <= self.limits.aliasNodesMax else {
            throw YAMLFailure(.alias, "aliases grow into more than \(self.limits.aliasNodesMax) nodes", at: mark)
        }
        guard depth + anchored.height <= self.limits.depthMax else {
            throw YAMLFailure(.tooDeep, "nested deeper than \(self.limits.depthMax) levels", at: mark)
        }
        return Built(
            node: YAMLNode(anchored.node.content, mark: mark), nodes: anchored.nodes, height: anchored.height)
    }

    /// Whether a tag makes the scalar text; every other tag is refused.
    private func isTextTag(_ event: YAMLEvent) throws(YAMLFailure) -> Bool {
        guard let tag = event.tag else { return false }
        if case .scalar = event.kind, tag == "!" || tag == "tag:yaml.org,2002:str" { return true }
        throw YAMLFailure(.tag, "the tag \(tag) is not understood", at: event.mark)
    }
}
