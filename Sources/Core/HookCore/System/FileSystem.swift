// SPDX-License-Identifier: Apache-2.0
// The few file operations that the product needs, over Glibc alone. All of them may block: call them from a thread of
// your own, from start-up or from the control plane, never per event.
import Glibc

package enum FileSystem {
    /// Reads a whole regular file. A FIFO or device at the path is refused instead of waited for.
    ///
    /// - Errors: `EFBIG` above `bytesMax`, `EINVAL` where the path is no regular file, else the system's.
    package static func read(_ path: String, bytesMax: Int = 64 * 1024 * 1024) throws(FileFailure) -> [UInt8] {
        // O_NONBLOCK: opening a FIFO without a writer would wait for ever otherwise.
        let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK)
        let status = try file.status()
        guard status.kind == .regular else {
            throw FileFailure("open", path, code: status.kind == .folder ? EISDIR : EINVAL)
        }
        guard status.size <= bytesMax else { throw FileFailure("read", path, code: EFBIG) }
        return try file.readToEnd(expecting: status.size, bytesMax: bytesMax)
    }

    /// Replaces a file so that a reader, or a crash, sees the old content or the new one and nothing between.
    package static func writeAtomically(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws(FileFailure) {
        // Beside the target, since rename is atomic inside one file system only.
        let scratch = "\(path).\(getpid()).new"
        do throws(FileFailure) {
            let file = try FileDescriptor(opening: scratch, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
            try file.writeAll(bytes)
            try file.synchronize()
        } catch {
            _ = unsafe unlink(scratch)
            throw error
        }
        guard unsafe rename(scratch, path) == 0 else {
            let code = errno
            _ = unsafe unlink(scratch)
            throw FileFailure("rename", path, code: code)
        }
        // Without this the new name may be lost in a power cut, although its content is safe.
        try FileDescriptor(opening: Self.parent(of: path), O_RDONLY | O_DIRECTORY).synchronize()
    }

    /// Creates a folder and whatever is missing above it.
    package static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(FileFailure) {
        if unsafe mkdir(path, mode) == 0 { return }
        let code = errno
        if code == EEXIST {
            if try Self.status(of: path).kind == .folder { return }
            throw FileFailure("mkdir", path, code: ENOTDIR)
        }
        let above = Self.parent(of: path)
        guard code == ENOENT, above != path, above != "." else { throw FileFailure("mkdir", path, code: code) }
        try Self.makeDirectories(above, mode: mode)
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw FileFailure("mkdir", path, code: errno) }
    }

    /// A new empty folder that only this user may enter; the caller removes it.
    package static func makeTemporaryDirectory(
        prefix: String = "hookswitch", in folder: String = "/tmp"
    ) throws(FileFailure) -> String {
        var template = Array("\(folder)/\(prefix).XXXXXX".utf8CString)
        let path = unsafe template.withUnsafeMutableBufferPointer { room -> String? in
            guard let base = room.baseAddress else { return nil }
            return unsafe mkdtemp(base).map { unsafe String(cString: $0) }
        }
        guard let path else { throw FileFailure("mkdtemp", folder, code: errno) }
        return path
    }

    /// Removes a file or a folder with everything in it; links are removed, not followed. Nothing there is fine.
    package static func removeTree(_ path: String) throws(FileFailure) {
        guard let status = try Self.existing(path, .itself) else { return }
        if status.kind != .folder {
            guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileFailure("unlink", path, code: errno) }
            return
        }
        for name in try Self.names(in: path) { try Self.removeTree("\(path)/\(name)") }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw FileFailure("rmdir", path, code: errno) }
    }

    /// Whose status is meant where a path is a symbolic link.
    package enum Link: Sendable {
        case target
        case itself
    }

    package static func status(of path: String, _ link: Link = .target) throws(FileFailure) -> FileStatus {
        var raw = stat()
        let result = unsafe link == .target ? stat(path, &raw) : lstat(path, &raw)
        guard result == 0 else { throw FileFailure("stat", path, code: errno) }
        return FileStatus(raw)
    }

    /// Nil where nothing stands at the path.
    package static func existing(_ path: String, _ link: Link = .target) throws(FileFailure) -> FileStatus? {
        do throws(FileFailure) {
            return try Self.status(of: path, link)
        } catch  where error.isMissing {
            return nil
        }
    }

    /// Size in bytes; nil where there is no such file.
    package static func size(of path: String) throws(FileFailure) -> Int? { try Self.existing(path)?.size }

    /// Names in a folder without `.` and `..`, sorted by bytes.
    ///
    /// - Errors: `EILSEQ` where a name is not UTF-8: a repaired name would name another file.
    package static func names(in folder: String) throws(FileFailure) -> [String] {
        guard let handle = unsafe opendir(folder) else { throw FileFailure("opendir", folder, code: errno) }
        defer { unsafe _ = closedir(handle) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(handle) else {
                if errno != 0 { throw FileFailure("readdir", folder, code: errno) }
                break
            }
            let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                throw FileFailure("readdir", folder, code: EILSEQ)
            }
            names.append(name)
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A number that changes when a file below the folder appears, vanishes, moves or is written: for watching.
    /// Hidden files and folders do not count; links count as what they point to.
    package static func modificationStamp(of folder: String) throws(FileFailure) -> UInt64 {
        var lines: [UInt8] = []
        try Self.describe(folder, depth: 0, into: &lines)
        return Checksum.xxh64(lines)
    }

    private static func describe(_ folder: String, depth: Int, into lines: inout [UInt8]) throws(FileFailure) {
        for name in try Self.names(in: folder) where name.utf8.first != UInt8(ascii: ".") {
            let path = "\(folder)/\(name)"
            // A file may go between the listing and this look, and a link may point nowhere; the stamp then says so.
            guard let status = try Self.existing(path) else {
                lines.append(contentsOf: "\(path) -\n".utf8)
                continue
            }
            if status.kind == .folder {
                if depth < Self.depthMax { try Self.describe(path, depth: depth + 1, into: &lines) }
                continue
            }
            lines.append(
                contentsOf: "\(path) \(status.device) \(status.inode) \(status.size) \(status.modified)\n".utf8)
        }
    }

    /// Links may form loops; no sane project is deeper than this.
    private static let depthMax = 32

    static func parent(of path: String) -> String {
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
    }
}
