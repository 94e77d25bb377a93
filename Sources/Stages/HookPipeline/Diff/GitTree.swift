// SPDX-License-Identifier: Apache-2.0
import HookCore

/// The tree of one commit: what stands at a path, and the content of blobs.
struct GitTree: Sendable {
    struct Entry: Sendable {
        enum Kind: Sendable { case file, link, folder, submodule }

        let kind: Kind
        /// Hash of the blob, tree or commit.
        let object: String
        /// From the top of the repository. Nil where it is not UTF-8.
        let path: String?
    }

    let git: GitCommand
    let commit: String
    /// The top of the work tree, for submodules.
    let top: String

    /// What stands at a path; nil where nothing does.
    func entry(at path: String) throws(GitFailure) -> Entry? {
        try self.list(["ls-tree", "-z", "--full-tree", self.commit, "--", path]).first { $0.path == path }
    }

    /// Files, links and submodules below a folder, in git's order.
    func entries(below path: String) throws(GitFailure) -> [Entry] {
        try self.list(["ls-tree", "-r", "-z", "--full-tree", self.commit] + (path.isEmpty ? [] : ["--", "\(path)/"]))
    }

    private func list(_ arguments: [String]) throws(GitFailure) -> [Entry] {
        let answer = try self.git.run(arguments)
        guard answer.code == 0 else { throw Self.failure(answer) }
        return answer.out.split(separator: 0).compactMap(Self.entry)
    }

    /// `100644 blob HASH\tPATH`
    private static func entry(_ line: ArraySlice<UInt8>) -> Entry? {
        guard let tab = line.firstIndex(of: 0x09) else { return nil }
        let words = line[..<tab].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3 else { return nil }
        let kind: Entry.Kind =
            switch (words[0], words[1]) {
            case ("120000", _): .link
            case (_, "tree"): .folder
            case (_, "commit"): .submodule
            default: .file
            }
        return Entry(kind: kind, object: words[2], path: String(validating: line[(tab + 1)...], as: UTF8.self))
    }

    /// The content of blobs, by hash.
    func content(of objects: [String]) throws(GitFailure) -> [String: [UInt8]] {
        let wanted = Array(Set(objects)).sorted()
        guard !wanted.isEmpty else { return [:] }
        let answer = try self.git.run(
            ["cat-file", "--batch"], input: Array((wanted.joined(separator: "\n") + "\n").utf8))
        guard answer.code == 0 else { throw Self.failure(answer) }
        var found: [String: [UInt8]] = [:]
        var rest = answer.out[...]
        while let lineEnd = rest.firstIndex(of: 0x0A) {
            // `HASH blob SIZE`, or `HASH missing`, as in a partial clone.
            let words = rest[..<lineEnd].split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 3, let size = Int(words[2]), size < rest.count - (lineEnd - rest.startIndex) else {
                throw GitFailure(
                    .unreadable, "the repository lacks an object of commit \(self.commit.prefix(12))",
                    hint: "fetch the whole history: git fetch --unshallow, or without --filter")
            }
            rest = rest[(lineEnd + 1)...]
            found[words[0]] = Array(rest.prefix(size))
            rest = rest.dropFirst(size + 1)
        }
        return found
    }

    private static func failure(_ answer: ChildCommand.Output) -> GitFailure {
        let words = answer.errorText.split(separator: "\n").first.map(String.init) ?? "it ended with \(answer.code)"
        return GitFailure(.unreadable, "git cannot read the revision: \(words)")
    }
}
