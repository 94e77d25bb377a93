// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore

/// A preallocated file beside the store. On a full disk it is given back in quarters, so that attempts can still be
/// recorded, and in the end old rows deleted, when nobody else leaves any room.
///
/// - Isolation: the writer's thread only.
struct DiskReserve {
    let path: String
    let bytes: Int
    private(set) var heldBytes = 0

    init(storePath: String, bytes: Int) {
        self.path = storePath + ".reserve"
        self.bytes = max(bytes, 0)
        // What an earlier run left; nothing where it cannot be looked at.
        self.heldBytes = min((try? FileSystem.size(of: self.path)) ?? 0, self.bytes)
    }

    var isWhole: Bool { self.heldBytes == self.bytes }

    /// Quarters that are held.
    var quarters: Int { self.bytes == 0 ? 0 : (self.heldBytes * 4 + self.bytes - 1) / self.bytes }

    /// Takes the whole space; false where there is not enough, and then what is held stays.
    mutating func restore() -> Bool {
        if self.isWhole { return true }
        let descriptor = unsafe open(self.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        guard posix_fallocate(descriptor, 0, off_t(self.bytes)) == 0 else {
            // Some file systems keep what they could allocate.
            _ = ftruncate(descriptor, off_t(self.heldBytes))
            return false
        }
        self.heldBytes = self.bytes
        return true
    }

    /// Gives everything but so many quarters to whoever needs it.
    mutating func shrink(toQuarters quarters: Int) {
        let kept = self.bytes / 4 * max(quarters, 0)
        guard kept < self.heldBytes else { return }
        // Where the file cannot be cut, removing it gives the space too.
        let status = unsafe kept > 0 ? truncate(self.path, off_t(kept)) : -1
        if status != 0 { _ = unsafe unlink(self.path) }
        self.heldBytes = kept
    }

    /// Gives half of an earlier run's reserve away, so that a store on a full disk can be opened at all.
    static func halve(storePath: String, bytes: Int) {
        _ = unsafe truncate(storePath + ".reserve", off_t(bytes / 2))
    }

    /// Bytes that the disk still gives; 0 where it does not say.
    var diskFreeBytes: Int {
        var answer = statvfs()
        guard unsafe statvfs(self.path.withoutLastPart, &answer) == 0 else { return 0 }
        let (bytes, overflow) = UInt64(answer.f_bavail).multipliedReportingOverflow(by: UInt64(answer.f_frsize))
        return overflow ? .max : Int(clamping: bytes)
    }
}

extension String {
    /// The folder of a path.
    fileprivate var withoutLastPart: String {
        guard let slash = self.lastIndex(of: "/") else { return "." }
        return slash == self.startIndex ? "/" : String(self[..<slash])
    }
}
