// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// The trees of route files, read again only where a finding needs an exact place: what is checked keeps few marks.
final class SourceTrees {
    private let files: [String: [UInt8]]
    /// Entries of each file by the place of their key: a file of a thousand routes may have as many findings.
    private var entries: [String: [Place: YAMLNode.Entry]] = [:]

    private struct Place: Hashable {
        let line: Int
        let column: Int
    }

    init(files: [String: [UInt8]]) { self.files = files }

    func bytes(_ file: String) -> [UInt8]? { self.files[file] }

    /// The entry whose key stands at a mark.
    func entry(at mark: Mark?) -> YAMLNode.Entry? {
        guard let mark else { return nil }
        return self.entries(of: mark.file)[Place(line: mark.line, column: mark.column)]
    }

    /// The value below keys, from the entry at a mark.
    func node(_ keys: [String], below mark: Mark) -> YAMLNode? {
        var node = self.entry(at: mark)?.value
        for key in keys { node = node?.value(of: key) }
        return node
    }

    /// The key below keys, from the entry at a mark.
    func key(_ keys: [String], below mark: Mark) -> Mark? {
        guard let last = keys.last else { return mark }
        return self.node(keys.dropLast(), below: mark)?.entry(of: last)?.key.at
    }

    /// The first place of a text in a scalar below the entry at a mark.
    func place(of text: String, below mark: Mark) -> Mark? {
        guard let node = self.entry(at: mark)?.value else { return nil }
        return self.place(of: text, in: node)
    }

    private func place(of text: String, in node: YAMLNode) -> Mark? {
        switch node.content {
        case .scalar:
            let found = node.at.narrowed(to: text, in: self.files[node.mark.file])
            return found == node.at ? nil : found
        case .sequence(let items): return items.lazy.compactMap { self.place(of: text, in: $0) }.first
        case .mapping(let entries): return entries.lazy.compactMap { self.place(of: text, in: $0.value) }.first
        }
    }

    private func entries(of file: String) -> [Place: YAMLNode.Entry] {
        if let known = self.entries[file] { return known }
        var entries: [Place: YAMLNode.Entry] = [:]
        if let bytes = self.files[file] {
            // A file that is no YAML has its finding already, and no entries.
            do throws(YAMLFailure) {
                if let tree = try YAMLReader.read(bytes, file: file) { Self.collect(tree, into: &entries) }
            } catch {}
        }
        self.entries[file] = entries
        return entries
    }

    /// The first of entries that an alias has put at one place counts.
    private static func collect(_ node: YAMLNode, into found: inout [Place: YAMLNode.Entry]) {
        switch node.content {
        case .scalar: break
        case .sequence(let items): items.forEach { self.collect($0, into: &found) }
        case .mapping(let entries):
            for entry in entries {
                let place = Place(line: entry.key.mark.line, column: entry.key.mark.column)
                if found[place] == nil { found[place] = entry }
                self.collect(entry.value, into: &found)
            }
        }
    }

    /// The entry whose key stands at a mark, in a small tree.
    static func entry(at mark: Mark, in node: YAMLNode) -> YAMLNode.Entry? {
        switch node.content {
        case .scalar: return nil
        case .sequence(let items): return items.lazy.compactMap { self.entry(at: mark, in: $0) }.first
        case .mapping(let entries):
            for entry in entries {
                if entry.key.mark.line == mark.line, entry.key.mark.column == mark.column { return entry }
                if let found = self.entry(at: mark, in: entry.value) { return found }
            }
            return nil
        }
    }
}
