// SPDX-License-Identifier: Apache-2.0

internal import YAMLBridge

extension RouteFormat {
    /// A route file with the entries of another one behind its own, in its form.
    ///
    /// What both hold at their top level is joined; a name that is there already is not replaced.
    ///
    /// - Returns: nil where either is no YAML, or holds what the formatter leaves alone.
    package static func merge(_ addition: [UInt8], into text: [UInt8], file: String) -> [UInt8]? {
        guard let base = Self.syntax(of: text, file), let more = Self.syntax(of: addition, file),
            case .map(let added)? = more.root?.content
        else { return nil }
        var file = base
        guard var root = base.root else {
            file.root = more.root
            file.root?.head = base.comments
            return SyntaxWriter.write(file)
        }
        guard case .map(var entries) = root.content else { return nil }
        for entry in added {
            guard let place = entries.firstIndex(where: { $0.key == entry.key }) else {
                var entry = entry
                entry.lead.insert(.blank, at: 0)
                entries.append(entry)
                continue
            }
            guard let inner = entry.value.entries, !inner.isEmpty else { continue }
            guard let joined = Self.joined(entries[place].value, inner) else { return nil }
            entries[place].value = joined
        }
        root.content = .map(entries)
        file.root = root
        let written = SyntaxWriter.write(file)
        switch Self.format(written, file: "merged") {
        case .unchanged: return written
        case .changed(let result): return result
        case .refused: return nil
        }
    }

    private static func joined(_ node: SyntaxNode, _ more: [SyntaxEntry]) -> SyntaxNode? {
        var node = node
        if node.isEmptyText { node.content = .map([]) }
        guard case .map(let own) = node.content else { return nil }
        let names = Set(own.map(\.key))
        let isSpaced = own.dropFirst().contains { $0.lead.first == .blank }
        let fresh = more.filter { !names.contains($0.key) }.map { entry in
            var entry = entry
            if isSpaced && entry.lead.first != .blank { entry.lead.insert(.blank, at: 0) }
            return entry
        }
        // A flow map that gets more entries becomes a block, one entry a line.
        if !fresh.isEmpty { node.isFlow = false }
        node.content = .map(own + fresh)
        return node
    }

    private static func syntax(of text: [UInt8], _ file: String) -> SyntaxFile? {
        // Why it is no YAML is for `check` to say.
        guard (try? YAMLReader.read(text, file: file)) != nil, let events = YAMLSyntax.events(of: text) else {
            return nil
        }
        return try? SyntaxReader.read(text, events)
    }
}
