// SPDX-License-Identifier: Apache-2.0
// Two routers on one store would deliver everything twice, and two checkpointing processes meet SQLite's WAL-reset
// bug (fixed in 3.51.3, sqlite.org/wal.html#walreset). The lock makes the second one refuse to start.
import Glibc
import HookCore

/// An advisory lock on `<path>.lock`, held until released or until the process ends in whatever way (flock(2)).
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// - Errors: `.unusable` where another holder exists or the file cannot be made.
    init(storePath: String) throws(StoreFailure) {
        let path = storePath + ".lock"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreFailure(.unusable, "cannot open \(path): \(Self.reason(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            _ = Glibc.close(descriptor)
            guard code == EWOULDBLOCK else {
                throw StoreFailure(.unusable, "cannot lock \(path): \(Self.reason(code))")
            }
            throw StoreFailure(
                .unusable, "\(storePath) is in use by \(holder); stop it first, or give this one another store path")
        }
        self.descriptor = descriptor
        Self.sign(descriptor)
    }

    deinit { _ = Glibc.close(self.descriptor) }

    /// Says in the file who holds it; only for the message of the next one, so a failure does not matter.
    private static func sign(_ descriptor: Int32) {
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
        let digits = buffer.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
    }

    static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }
}
