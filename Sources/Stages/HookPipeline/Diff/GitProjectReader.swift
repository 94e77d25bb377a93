// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Collects the files of a project from a commit's tree, by the rules of ``ProjectReader``.
struct GitProjectReader {
    let tree: GitTree
    /// As the user wrote it, for messages.
    let revision: String
    /// The project in the repository, with a slash at the end; empty where it is the top.
    let prefix: String

    private var found: [(path: String, object: String)] = []
    /// Links that lead to links end here at the latest.
    private static let linksMax = 16

    init(tree: GitTree, revision: String, prefix: String) {
        self.tree = tree
        self.revision = revision
        self.prefix = prefix
    }

    mutating func read() throws(GitFailure) -> ProjectFiles {
        var files: [ProjectFiles.File] = []
        try self.addFile("hookswitch.yaml")
        for name in ["routes", "scripts"] {
            let place = try self.target(of: self.prefix + name)
            switch place?.kind {
            case .folder: files += try self.addFolder(name, at: place?.path ?? "")
            case .submodule: files += try self.readSubmodule(name, place)
            case .file, .link, nil: continue
            }
        }
        let content = try self.tree.content(of: self.found.map(\.object))
        for (path, object) in self.found {
            files.append(ProjectFiles.File(path: path, bytes: try self.checked(content[object] ?? [], path)))
        }
        guard files.count <= ProjectReader.filesMax else {
            throw self.unreadable(self.prefix, "there are more than \(ProjectReader.filesMax) files")
        }
        return ProjectFiles(files)
    }

    private mutating func addFile(_ name: String) throws(GitFailure) {
        guard let place = try self.tree.entry(at: self.prefix + name), place.kind == .file || place.kind == .link else {
            return
        }
        try self.add(name, place)
    }

    /// Everything below a folder of the repository, under a path of the project; what submodules in it hold.
    private mutating func addFolder(_ name: String, at folder: String) throws(GitFailure) -> [ProjectFiles.File] {
        var files: [ProjectFiles.File] = []
        for entry in try self.tree.entries(below: folder) {
            guard let full = entry.path else {
                throw self.unreadable(folder, "a name in it is not UTF-8")
            }
            let inner = String(full.dropFirst(folder.isEmpty ? 0 : folder.count + 1))
            let steps = inner.split(separator: "/", omittingEmptySubsequences: false)
            if steps.contains(where: { $0.hasPrefix(".") }) { continue }
            guard steps.count <= ProjectReader.depthMax else {
                throw self.unreadable(full, "folders are nested deeper than \(ProjectReader.depthMax)")
            }
            if entry.kind == .submodule {
                files += try self.readSubmodule("\(name)/\(inner)", entry)
            } else {
                try self.add("\(name)/\(inner)", entry)
            }
        }
        return files
    }

    private mutating func add(_ path: String, _ entry: GitTree.Entry) throws(GitFailure) {
        guard entry.kind == .link else {
            self.found.append((path, entry.object))
            return
        }
        guard let target = try self.target(of: entry.path ?? ""), target.kind == .file else {
            throw self.unreadable(path, "the link does not lead to a regular file of the repository")
        }
        self.found.append((path, target.object))
    }

    /// What stands at a path once links are followed; nil where nothing does. Folders in the middle may be links too.
    private func target(of path: String) throws(GitFailure) -> GitTree.Entry? {
        var path = path
        for _ in 0..<Self.linksMax {
            guard let entry = try self.tree.entry(at: path) else {
                guard let moved = try self.throughLinkedFolder(path) else { return nil }
                path = moved
                continue
            }
            guard entry.kind == .link else { return entry }
            path = try self.destination(of: entry, at: path)
        }
        throw self.unreadable(path, "the link leads in a circle")
    }

    /// The same path where one of its folders is a link; nil where none is.
    private func throughLinkedFolder(_ path: String) throws(GitFailure) -> String? {
        let steps = path.split(separator: "/").map(String.init)
        for count in stride(from: 1, to: steps.count, by: 1) {
            let folder = steps[..<count].joined(separator: "/")
            guard let entry = try self.tree.entry(at: folder), entry.kind == .link else { continue }
            return try self.destination(of: entry, at: folder) + "/" + steps[count...].joined(separator: "/")
        }
        return nil
    }

    /// Where a link leads, from the top of the repository.
    private func destination(of link: GitTree.Entry, at path: String) throws(GitFailure) -> String {
        let text = String(decoding: try self.tree.content(of: [link.object])[link.object] ?? [], as: UTF8.self)
        var steps = path.split(separator: "/").dropLast().map(String.init)
        let isAbsolute = text.hasPrefix("/")
        for step in text.split(separator: "/") where step != "." {
            if step == ".." && !isAbsolute && !steps.isEmpty {
                steps.removeLast()
            } else if step == ".." || isAbsolute {
                throw self.unreadable(path, "the link leads out of the repository, to \(text)")
            } else {
                steps.append(String(step))
            }
        }
        return steps.joined(separator: "/")
    }

    /// The files of a submodule at the commit that the tree names, from its own repository in the work tree.
    private func readSubmodule(
        _ name: String, _ entry: GitTree.Entry?
    ) throws(GitFailure) -> [ProjectFiles.File] {
        guard let entry, let path = entry.path else { return [] }
        let git = GitCommand(folder: "\(self.tree.top)/\(path)")
        // A folder that is no repository of its own would answer for the one around it.
        let isOwn = try git.run(["rev-parse", "--show-prefix"])
        let isThere = try git.run(["cat-file", "-e", "\(entry.object)^{commit}"])
        guard isOwn.code == 0, isThere.code == 0, GitCommand.lines(isOwn.out).first == "" else {
            throw GitFailure(
                .unreadable, "\(path) is a submodule whose commit \(entry.object.prefix(12)) is not here",
                hint: "git submodule update --init \(path)")
        }
        let tree = GitTree(git: git, commit: entry.object, top: git.folder)
        var inner = GitProjectReader(tree: tree, revision: self.revision, prefix: "")
        return try inner.readAll(as: name)
    }

    /// A whole repository as a folder of the project.
    private mutating func readAll(as name: String) throws(GitFailure) -> [ProjectFiles.File] {
        var files: [ProjectFiles.File] = []
        for entry in try self.tree.entries(below: "") {
            guard let path = entry.path else { throw self.unreadable(name, "a name in it is not UTF-8") }
            if path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { continue }
            if entry.kind == .submodule {
                files += try self.readSubmodule("\(name)/\(path)", entry)
            } else {
                try self.add("\(name)/\(path)", entry)
            }
        }
        let content = try self.tree.content(of: self.found.map(\.object))
        for (path, object) in self.found {
            files.append(ProjectFiles.File(path: path, bytes: try self.checked(content[object] ?? [], path)))
        }
        return files
    }

    private func checked(_ bytes: [UInt8], _ path: String) throws(GitFailure) -> [UInt8] {
        let limit = ProjectReader.bytesMax(of: path)
        guard bytes.count <= limit else {
            throw self.unreadable(path, "the file is larger than \(limit) bytes")
        }
        return bytes
    }

    private func unreadable(_ path: String, _ words: String) -> GitFailure {
        GitFailure(.unreadable, "\(path) at \(self.revision): \(words)")
    }
}
