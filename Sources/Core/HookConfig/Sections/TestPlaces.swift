// SPDX-License-Identifier: Apache-2.0

package import HookCore
internal import YAMLBridge

/// Finds the places of expectations when a test has failed.
///
/// Files are read again for it: keeping a mark for each member of each expected body would make every load slower for
/// the sake of the few tests that fail.
///
/// - Isolation: confined to one thread.
package final class TestPlaces {
    /// One step on the way from a test down to what failed.
    package enum Step: Sendable {
        case key(String)
        case index(Int)
        /// A path inside a JSON value: dots between keys, `[n]` for elements.
        case json(String)
    }

    private let files: ProjectFiles
    private var trees: [String: YAMLNode?] = [:]

    package init(files: ProjectFiles) { self.files = files }

    /// The mark of what the path reaches below the test whose name stands at `test`, or of the last thing on the way.
    package func mark(of path: [Step], in test: Mark) -> Mark {
        guard let root = self.tree(test.file), let tests = root.value(of: "tests"),
            let entry = tests.entries?.first(where: { $0.key.at == test })
        else { return test }
        var place = Place(node: entry.value, mark: test)
        for step in path {
            guard let next = place.stepped(step) else { return place.shown }
            place = next
        }
        return place.shown
    }

    private func tree(_ path: String) -> YAMLNode? {
        if let known = self.trees[path] { return known }
        // A file that is no YAML has no tests that could fail.
        let tree = self.files[path].flatMap { try? YAMLReader.read($0, file: path) }
        self.trees[path] = .some(tree)
        return tree
    }

    private struct Place {
        let node: YAMLNode
        /// Of the key, where it has one.
        let mark: Mark

        /// A scalar is shown itself; anything larger by its key, since only its first character could be marked.
        var shown: Mark { self.node.raw != nil && !self.isBlock ? self.node.at : self.mark }

        private var isBlock: Bool {
            if case .scalar(_, .block) = self.node.content { true } else { false }
        }

        func stepped(_ step: Step) -> Place? {
            switch step {
            case .key(let key):
                return self.node.entry(of: key).map { Place(node: $0.value, mark: $0.key.at) }
            case .index(let place):
                guard let items = self.node.items, items.indices.contains(place) else { return nil }
                return Place(node: items[place], mark: items[place].at)
            case .json(let path): return self.descended(Array(path.utf8)[...])
            }
        }

        /// As far as the path leads; a member that is missing is shown at what should hold it.
        private func descended(_ path: ArraySlice<UInt8>) -> Place {
            guard let first = path.first else { return self }
            if first == UInt8(ascii: "["), let end = path.firstIndex(of: UInt8(ascii: "]")),
                let place = Int(String(decoding: path[(path.startIndex + 1)..<end], as: UTF8.self)),
                let next = self.stepped(.index(place))
            {
                return next.descended(Self.withoutDot(path[(end + 1)...]))
            }
            // A key may hold dots and brackets itself, so the path is held against the keys that are there.
            for entry in self.node.entries ?? [] {
                guard let key = entry.key.raw, path.starts(with: key.utf8) else { continue }
                let rest = path.dropFirst(key.utf8.count)
                guard rest.isEmpty || rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: "[") else {
                    continue
                }
                return Place(node: entry.value, mark: entry.key.at).descended(Self.withoutDot(rest))
            }
            return self
        }

        private static func withoutDot(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            path.first == UInt8(ascii: ".") ? path.dropFirst() : path
        }
    }
}
