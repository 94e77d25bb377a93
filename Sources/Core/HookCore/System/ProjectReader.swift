// SPDX-License-Identifier: Apache-2.0
// Reads the files of a project from disk. What counts: `hookswitch.yaml`, and every regular file below `routes/` and
// `scripts/`. Hidden names do not count, since editors, Git and Kubernetes keep their own things there; a plain name
// that links into a hidden folder does (Kubernetes mounts `a.yaml` → `..data/a.yaml` → `..2026_…/a.yaml`).
import Glibc

/// Why a project could not be read, and at which file.
package struct ProjectReadFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case noFolder
        case tooLarge(bytesMax: Int)
        /// A link that leads to something else than a regular file, or nowhere.
        case badLink
        case tooDeep
        case tooMany
        /// Another read a moment later gave other content, again and again.
        case unstable
        /// The system's words.
        case unreadable(String)
    }

    /// Relative to the project folder; the folder itself where that is the trouble.
    package let path: String
    package let reason: Reason

    package init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    package var description: String {
        switch self.reason {
        case .noFolder: "\(self.path): there is no such folder"
        case .tooLarge(let limit): "\(self.path): the file is larger than \(limit) bytes"
        case .badLink: "\(self.path): the link does not lead to a regular file"
        case .tooDeep: "\(self.path): folders are nested deeper than \(ProjectReader.depthMax)"
        case .tooMany: "\(self.path): there are more than \(ProjectReader.filesMax) files"
        case .unstable: "\(self.path): the files keep changing while they are read"
        case .unreadable(let words): "\(self.path): \(words)"
        }
    }
}

package enum ProjectReader {
    /// Largest file that is parsed (`.yaml`, `.yml`, `.lua`), in bytes.
    package static let textBytesMax = 1024 * 1024
    /// Largest file of any other kind, in bytes.
    package static let fileBytesMax = 16 * 1024 * 1024
    package static let depthMax = 32
    package static let filesMax = 100_000

    /// Reads the project as it is at this moment.
    ///
    /// - Isolation: blocks on the disk.
    package static func read(folder: String) throws(ProjectReadFailure) -> ProjectFiles {
        guard let status = try Self.status(folder, shownAs: folder), status.kind == .folder else {
            throw ProjectReadFailure(path: folder, reason: .noFolder)
        }
        var files: [ProjectFiles.File] = []
        try Self.add("hookswitch.yaml", of: folder, to: &files)
        for name in ["routes", "scripts"] {
            // The two folders themselves may be links: a mounted checkout often is one.
            guard try Self.status("\(folder)/\(name)", shownAs: name)?.kind == .folder else { continue }
            try Self.addFolder(name, of: folder, depth: 1, to: &files)
        }
        return ProjectFiles(files)
    }

    /// Reads until two reads in a row agree, so that a checkout in progress is not taken for a project.
    ///
    /// - Errors: `unstable` after `attemptsMax` reads, or the last read's own failure.
    package static func readStable(
        folder: String, attemptsMax: Int = 20, pause: () -> Void
    ) throws(ProjectReadFailure) -> ProjectFiles {
        var last: Result<ProjectFiles, ProjectReadFailure>?
        for attempt in 0..<max(2, attemptsMax) {
            if attempt > 0 { pause() }
            let read = Result { () throws(ProjectReadFailure) in try Self.read(folder: folder) }
            if read == last { return try read.get() }
            last = read
        }
        // Still failing is worth more words than still changing.
        if case .failure(let failure) = last { throw failure }
        throw ProjectReadFailure(path: folder, reason: .unstable)
    }

    private static func addFolder(
        _ path: String, of project: String, depth: Int, to files: inout [ProjectFiles.File]
    ) throws(ProjectReadFailure) {
        guard depth <= Self.depthMax else { throw ProjectReadFailure(path: path, reason: .tooDeep) }
        let names: [String]
        do { names = try FileSystem.names(in: "\(project)/\(path)") } catch { throw Self.unreadable(path, error) }
        for name in names where name.utf8.first != UInt8(ascii: ".") {
            let inner = "\(path)/\(name)"
            if try Self.status("\(project)/\(inner)", .itself, shownAs: inner)?.kind == .folder {
                try Self.addFolder(inner, of: project, depth: depth + 1, to: &files)
            } else {
                try Self.add(inner, of: project, to: &files)
            }
        }
    }

    /// Adds one file; FIFOs, sockets and devices are passed over, and so is what vanished since the listing.
    private static func add(
        _ path: String, of project: String, to files: inout [ProjectFiles.File]
    ) throws(ProjectReadFailure) {
        let full = "\(project)/\(path)"
        guard let status = try Self.status(full, .itself, shownAs: path) else { return }
        if status.kind == .link {
            guard try Self.status(full, shownAs: path)?.kind == .regular else {
                throw ProjectReadFailure(path: path, reason: .badLink)
            }
        } else if status.kind != .regular {
            return
        }
        guard files.count < Self.filesMax else { throw ProjectReadFailure(path: path, reason: .tooMany) }
        let limit = Self.bytesMax(of: path)
        do {
            files.append(ProjectFiles.File(path: path, bytes: try FileSystem.read(full, bytesMax: limit)))
        } catch  where error.code == EFBIG {
            throw ProjectReadFailure(path: path, reason: .tooLarge(bytesMax: limit))
        } catch {
            throw Self.unreadable(path, error)
        }
    }

    /// Largest size of the file at a path, by its name.
    package static func bytesMax(of path: String) -> Int {
        [".yaml", ".yml", ".lua"].contains { path.utf8.suffix($0.utf8.count).elementsEqual($0.utf8) }
            ? Self.textBytesMax : Self.fileBytesMax
    }

    private static func status(
        _ path: String, _ link: FileSystem.Link = .target, shownAs name: String
    ) throws(ProjectReadFailure) -> FileStatus? {
        do { return try FileSystem.existing(path, link) } catch { throw Self.unreadable(name, error) }
    }

    private static func unreadable(_ path: String, _ failure: FileFailure) -> ProjectReadFailure {
        ProjectReadFailure(path: path, reason: .unreadable(failure.reason))
    }
}
