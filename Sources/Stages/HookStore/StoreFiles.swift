// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore

/// The files around the database before SQLite sees them.
enum StoreFiles {
    /// Payloads may hold secrets of the senders: the owner alone reads them. SQLite gives its side files the same mode.
    private static let mode: mode_t = 0o600

    /// Makes the folder in which the store stands, where it is missing.
    static func prepareFolder(of path: String) throws(StoreFailure) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        do {
            try FileSystem.makeDirectories(String(path[..<slash]), mode: 0o700)
        } catch {
            throw StoreFailure(.unusable, "cannot make the folder of the store: \(error)")
        }
    }

    /// Makes an empty file, which SQLite takes for an empty database; leaves an existing one alone.
    static func create(_ path: String) throws(StoreFailure) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, Self.mode)
        guard descriptor >= 0 else {
            throw StoreFailure(.unusable, "cannot open \(path): \(StoreLock.reason(errno))")
        }
        _ = close(descriptor)
    }
}
