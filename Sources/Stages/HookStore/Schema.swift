// SPDX-License-Identifier: Apache-2.0
// The tables of the store, and how an older file becomes a newer one. `PRAGMA user_version` is the schema's number,
// `PRAGMA application_id` says that the file is a store of ours.
import GRDB
import HookCore

/// Rows and keys:
///
/// - An event's row is numbered by acceptance (`seq`).
/// - What hangs on an event has the key `seq * 65536 + ordinal`: no second index finds the deliveries of an event, and
///   key order is order of acceptance.
/// - `deliveries` holds its last attempt inline, so that a first-try success is one UPDATE; earlier ones move to
///   `attempts`.
/// - The partial indexes name `state` although it is constant in them: only so do they cover a query by themselves.
/// - `parent`, `hops`: of an event that a route emitted; `hops` is negative where it was made of a window.
/// - A window is open (`state` 0) or held (1). `lane` is the print of its function; one key of a lane has one open window.
///   Its `due` is not moved by members: whoever looks at it then reckons anew. A member hangs on its event.
/// - `payload`: of an event 1 = kept, 0 = outlived; of a delivery 0 = the event's body, 1 = its own, 2 = outlived.
enum Schema {
    /// "Hksw", as in the registry of SQLite's magic file.
    static let applicationID: Int64 = 0x486B_7377
    /// Bits of a key that hold the ordinal.
    static let ordinalBits: Int64 = 16
    static let ordinalMax = 65_535

    /// Each brings the schema one number further.
    static let migrations: [String] = [
        """
        CREATE TABLE events (
            seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, source TEXT NOT NULL, type TEXT NOT NULL,
            version INTEGER, time INTEGER NOT NULL, subject TEXT, sender_id TEXT, method TEXT NOT NULL, path TEXT NOT NULL,
            query TEXT NOT NULL, content_type TEXT NOT NULL, headers BLOB, body BLOB, checksum INTEGER NOT NULL,
            payload INTEGER NOT NULL DEFAULT 1, body_bytes INTEGER NOT NULL, fates TEXT NOT NULL,
            fate_bits INTEGER NOT NULL, revision TEXT NOT NULL, deliveries INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE deliveries (
            key INTEGER PRIMARY KEY, route TEXT NOT NULL, destination TEXT NOT NULL, state INTEGER NOT NULL,
            payload INTEGER NOT NULL, content_type TEXT NOT NULL, request TEXT, checksum INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, cycle_attempts INTEGER NOT NULL DEFAULT 0, cycle_began INTEGER NOT NULL,
            due INTEGER NOT NULL, accepted_at INTEGER NOT NULL, finished_at INTEGER, reason TEXT,
            started INTEGER, took INTEGER, status INTEGER, outcome TEXT, detail TEXT, response BLOB, body BLOB
        ) STRICT;
        CREATE INDEX deliveries_pending ON deliveries (destination, state, due) WHERE state = 0;
        CREATE INDEX deliveries_dead ON deliveries (destination, state, reason) WHERE state = 2;
        CREATE TABLE attempts (
            key INTEGER NOT NULL, number INTEGER NOT NULL, started INTEGER NOT NULL, took INTEGER NOT NULL,
            status INTEGER, outcome TEXT NOT NULL, detail TEXT, response BLOB, PRIMARY KEY (key, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE held (
            key INTEGER PRIMARY KEY, route TEXT NOT NULL, destination TEXT, code TEXT NOT NULL, script TEXT NOT NULL,
            message TEXT NOT NULL, place TEXT, traceback TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE dedupe (
            source TEXT NOT NULL, key BLOB NOT NULL, event BLOB NOT NULL, expires INTEGER NOT NULL,
            PRIMARY KEY (source, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX dedupe_expires ON dedupe (expires);
        CREATE TABLE revisions (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL, git_commit TEXT, activated_at INTEGER NOT NULL,
            files BLOB NOT NULL, checksum INTEGER NOT NULL
        ) STRICT;
        """,
        """
        ALTER TABLE events ADD COLUMN parent BLOB;
        ALTER TABLE events ADD COLUMN hops INTEGER;
        CREATE INDEX events_parent ON events (parent) WHERE parent IS NOT NULL;
        ALTER TABLE held ADD COLUMN is_emission INTEGER NOT NULL DEFAULT 0;
        """,
        // `kind` as HeldEntry.Kind; `part` of a split event; `due` and `tries` of what waits for a look-up. Scheduled
        // deliveries are counted apart from those that wait.
        """
        ALTER TABLE held ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE held ADD COLUMN part INTEGER;
        ALTER TABLE held ADD COLUMN due INTEGER;
        ALTER TABLE held ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX held_due ON held (due) WHERE due IS NOT NULL;
        CREATE INDEX deliveries_scheduled ON deliveries (destination, due)
            WHERE state = 0 AND attempts = 0 AND due > accepted_at;
        """,
        """
        CREATE TABLE lanes (
            print INTEGER PRIMARY KEY, route TEXT NOT NULL, revision TEXT NOT NULL, is_stale INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE windows (
            id INTEGER PRIMARY KEY AUTOINCREMENT, lane INTEGER NOT NULL, key BLOB NOT NULL, opened INTEGER NOT NULL,
            last INTEGER NOT NULL, count INTEGER NOT NULL, bytes INTEGER NOT NULL, due INTEGER NOT NULL,
            state INTEGER NOT NULL DEFAULT 0, forced TEXT
        ) STRICT;
        CREATE UNIQUE INDEX windows_open ON windows (lane, key) WHERE state = 0;
        CREATE INDEX windows_due ON windows (due) WHERE state = 0;
        CREATE TABLE members (
            key INTEGER PRIMARY KEY, window INTEGER NOT NULL, version INTEGER, part INTEGER, payload INTEGER NOT NULL,
            bytes INTEGER NOT NULL, body BLOB
        ) STRICT;
        CREATE INDEX members_window ON members (window);
        ALTER TABLE held ADD COLUMN window INTEGER;
        """,
        // Totals, not rows of events: they outlive retention.
        """
        CREATE TABLE version_uses (
            party INTEGER NOT NULL, name TEXT NOT NULL, route TEXT NOT NULL, type TEXT NOT NULL, version TEXT NOT NULL,
            count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY (party, name, route, type, version)
        ) STRICT, WITHOUT ROWID;
        """,
    ]

    /// Brings the schema up to date, each step in one transaction.
    ///
    /// - Errors: `.unusable` where the file is newer than this build or is something else; else what SQLite throws.
    static func migrate(_ database: Database, path: String) throws {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let application = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard application == Self.applicationID || (tables == 0 && version == 0) else {
            throw StoreFailure(.unusable, "\(path) is an SQLite file of another program; choose another path")
        }
        guard version <= Self.migrations.count else {
            throw StoreFailure(
                .unusable,
                "\(path) was written by a newer version (schema \(version), this build knows up to \(Self.migrations.count)); "
                    + "start the newer version, or restore a copy made before the upgrade")
        }
        for step in version..<Self.migrations.count {
            try database.inTransaction(.immediate) {
                try database.execute(sql: Self.migrations[step])
                try database.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(step + 1)")
                return .commit
            }
        }
    }

    /// The key of what is number `ordinal` of an event.
    static func key(seq: Int64, ordinal: UInt16) -> Int64 { seq << Self.ordinalBits | Int64(ordinal) }

    /// The place in its event that a key names.
    static func ordinal(ofKey key: Int64) -> UInt16 { UInt16(truncatingIfNeeded: key) }
}

extension DeliveryState {
    /// How the state is stored. 0 and 2 are named by the partial indexes.
    var number: Int64 {
        switch self {
        case .pending: 0
        case .delivered: 1
        case .dead: 2
        case .dropped: 3
        case .cancelled: 4
        case .discarded: 5
        }
    }

    init?(number: Int64) {
        guard let state = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = state
    }
}

/// Whose body a delivery carries, as stored.
enum PayloadKind {
    static let event: Int64 = 0
    static let own: Int64 = 1
    static let outlived: Int64 = 2
}
