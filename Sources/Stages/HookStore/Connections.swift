// SPDX-License-Identifier: Apache-2.0
// How connections are opened. The rule that everything rests on: the writer commits with synchronous=FULL, which is
// set after opening (GRDB sets NORMAL itself in some ways of opening, in silence) and read back before the first use.
import Foundation
import GRDB
import HookCore

enum Connections {
    /// `PRAGMA synchronous` in numbers: sqlite.org/pragma.html#pragma_synchronous.
    static let synchronousFull = 2
    /// The writer's page cache: the ends of all trees, and the pending deliveries of a busy hour.
    private static let cacheKibibytes = 16 * 1024

    /// Opens the one connection that writes and checkpoints.
    ///
    /// - Errors: `.unusable` where SQLite does not promise what is needed; else as SQLite says.
    static func writer(path: String, options: SQLiteStoreOptions) throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.label = "hookswitch.store.writer"
        configuration.busyMode = .timeout(options.busyTimeout.inSeconds)
        configuration.acceptsDoubleQuotedStringLiterals = false
        // A rollback that fails leaves its transaction open; GRDB would end the process for that, we drop the connection.
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw StoreFailure(.unusable, "\(path) cannot use a write-ahead log; put the store on a local disk")
            }
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try database.execute(sql: "PRAGMA journal_size_limit = \(options.walBytesMax)")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKibibytes)")
            // Debian's SQLite overwrites every page that deleting frees, through the log: twice the work, and on a full
            // disk more room than there is. FAST overwrites where that costs no further page.
            try database.execute(sql: "PRAGMA secure_delete = FAST")
            if let pages = options.pagesMax { try database.execute(sql: "PRAGMA max_page_count = \(pages)") }
            try Self.requireFull(database)
        }
        return queue
    }

    /// Opens a connection that cannot write.
    static func reader(path: String, label: String, options: SQLiteStoreOptions) throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.label = label
        configuration.readonly = true
        configuration.busyMode = .timeout(options.busyTimeout.inSeconds)
        configuration.acceptsDoubleQuotedStringLiterals = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
        return queue
    }

    private static func requireFull(_ database: Database) throws {
        let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard level == Self.synchronousFull else {
            throw StoreFailure(
                .unusable,
                "SQLite runs with synchronous=\(level ?? -1) where 2 (FULL) was asked; acknowledgements would lie")
        }
    }
}
