// SPDX-License-Identifier: Apache-2.0

/// Sizes and limits of an ``SQLiteStore``; the defaults suit a small server.
package struct SQLiteStoreOptions: Sendable {
    /// Bytes of disk kept in `<path>.reserve` for settling and deleting when the disk is full; 0 for none.
    package var reserveBytes = 32 * 1024 * 1024
    /// Writes that may wait for the next commit; more are refused as busy.
    package var queueWritesMax = 8192
    /// Bytes of bodies that may wait for the next commit.
    package var queueBytesMax = 64 * 1024 * 1024
    /// Reads that may wait for a reader thread.
    package var queueReadsMax = 1024
    /// Pages (4 KiB) in the write-ahead log from which on the writer checkpoints after a commit.
    package var checkpointPages = 4096
    /// Bytes that the write-ahead log keeps after a checkpoint, and from which on the writer cuts it.
    package var walBytesMax = 64 * 1024 * 1024
    /// Time without a write after which the log is folded into the file.
    package var idleCheckpoint: Duration = .seconds(1)
    /// How long a write waits for another process that holds the lock.
    package var busyTimeout: Duration = .seconds(2)
    /// Pages that the database may have; nil for no limit. A size budget, and the full disk of tests.
    package var pagesMax: Int?

    package init() {}
}
