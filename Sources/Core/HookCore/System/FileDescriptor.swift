// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An open file that closes itself.
struct FileDescriptor: ~Copyable {
    let number: Int32
    let path: String

    init(opening path: String, _ flags: Int32, mode: mode_t = 0o600) throws(FileFailure) {
        var number: Int32 = -1
        repeat { number = Self.openFile(path, flags | O_CLOEXEC, mode) } while number < 0 && errno == EINTR
        guard number >= 0 else { throw FileFailure("open", path, code: errno) }
        self.number = number
        self.path = path
    }

    deinit { _ = close(self.number) }

    private static func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        unsafe open(path, flags, mode)
    }

    borrowing func status() throws(FileFailure) -> FileStatus {
        var raw = stat()
        guard unsafe fstat(self.number, &raw) == 0 else { throw FileFailure("fstat", self.path, code: errno) }
        return FileStatus(raw)
    }

    /// Everything from here to the end.
    ///
    /// - Errors: `EFBIG` where there is more than `bytesMax`.
    borrowing func readToEnd(expecting size: Int, bytesMax: Int) throws(FileFailure) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(min(max(size, 0), bytesMax) + 1)
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(self.number, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure("read", self.path, code: errno) }
            if count == 0 { return result }
            guard result.count + count <= bytesMax else { throw FileFailure("read", self.path, code: EFBIG) }
            result.append(contentsOf: chunk[..<count])
        }
    }

    borrowing func writeAll(_ bytes: [UInt8]) throws(FileFailure) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[done...])
                return unsafe write(self.number, rest.baseAddress, rest.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FileFailure("write", self.path, code: count < 0 ? errno : EIO) }
            done += count
        }
    }

    borrowing func synchronize() throws(FileFailure) {
        guard fsync(self.number) == 0 else { throw FileFailure("fsync", self.path, code: errno) }
    }
}

/// What the system knows about a file.
package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable {
        case regular, folder, link, other
    }

    package let kind: Kind
    /// In bytes.
    package let size: Int
    package let device: UInt64
    package let inode: UInt64
    /// Of the last change of content, in nanoseconds since 1970.
    package let modified: Int64

    init(_ raw: stat) {
        self.kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        self.size = Int(raw.st_size)
        self.device = UInt64(raw.st_dev)
        self.inode = UInt64(raw.st_ino)
        let (scaled, overflow) = Int64(raw.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        self.modified = overflow ? 0 : scaled.addingReportingOverflow(Int64(raw.st_mtim.tv_nsec)).partialValue
    }
}
