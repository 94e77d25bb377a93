// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore

/// A preallocated file beside the store: given back to the disk when it is full, so that attempts can still be recorded
/// and old rows deleted.
///
/// - Isolation: the writer's thread only.
struct DiskReserve {
    let path: String
    let bytes: Int
    private(set) var isHeld = false

    init(storePath: String, bytes: Int) {
        self.path = storePath + ".reserve"
        self.bytes = bytes
    }

    /// Takes the space again; false where there is not enough, and then nothing is taken.
    mutating func restore() -> Bool {
        if self.isHeld || self.bytes == 0 { return true }
        let descriptor = unsafe open(self.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        let status = posix_fallocate(descriptor, 0, off_t(self.bytes))
        _ = close(descriptor)
        guard status == 0 else {
            _ = unsafe unlink(self.path)
            return false
        }
        self.isHeld = true
        return true
    }

    /// Gives the space to whoever needs it.
    mutating func release() {
        _ = unsafe unlink(self.path)
        self.isHeld = false
    }
}
