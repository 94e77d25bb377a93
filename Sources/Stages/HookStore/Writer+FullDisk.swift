// SPDX-License-Identifier: Apache-2.0
// What happens when there is no room: new events are refused, attempts are still recorded and old rows still deleted,
// because only that makes room again.
//
// Deleting frees pages inside the file, not on the disk. So the store comes back in two ways: the disk has room for the
// reserve again, or as many pages as the reserve had are free inside the file and new events live on the rest of them.
import Foundation
import GRDB
import HookCore

/// What may be written.
enum Room {
    /// Everything: the reserve is whole.
    case ample
    /// Everything, in small pieces, as long as the file does not grow.
    case inside
    /// No new event; the rest in small pieces out of the reserve.
    case scarce
}

extension Writer {
    static let pageBytes = 4096
    /// How often to look whether there is room again.
    static let roomInterval: Duration = .seconds(1)
    /// `max_page_count` without a budget: SQLite's own bound (sqlite.org/limits.html).
    private static let pagesWithoutBudget = 4_294_967_294
    /// The last quarter of the reserve is for deleting alone: recording attempts may not use up what ends the shortage.
    private static let quartersForDeleting = 1

    private var full: StoreFailure { StoreFailure(.full, "there is no room for the store \(self.path)") }
    private var reservePages: Int { max(self.options.reserveBytes / Self.pageBytes, 1) }
    /// Rows that one small piece may change. Each may change a few pages, and all of a piece must fit into a quarter.
    private var rowsInPiece: Int { min(max(self.reservePages / 16, 1), 256) }

    /// Refuses new events from now on, and folds the log with as little of the reserve as will do.
    func beginScarcity() {
        if self.room != .scarce {
            self.signals.log(.error, .store, "There is no room for new events", ("path", self.path))
        }
        self.room = .scarce
        self.rowsMax = min(self.rowsMax, self.rowsInPiece)
        self.condition.set(self.full)
        self.reviewedRoomAt = self.environment.now()
        self.limitPages()
        // INVARIANT: what the log holds fits into half of the reserve (`foldingBytes`).
        while case .full = self.fold(.passive), self.reserve.quarters > 2 { self.giveQuarter() }
    }

    /// A commit or a checkpoint found no room: goes on inside the file, if there is enough, or refuses new events.
    func runShort() {
        self.beginScarcity()
        if self.hasRoomInside { self.enter(.inside) }
    }

    /// Commits writes in order, a few at a time, and folds the log after each: so the log's own space serves again and
    /// again, and the whole need is a few pages.
    func processInPieces(_ writes: [Write]) {
        var rest = writes[...]
        while !rest.isEmpty {
            var rows = 0
            let piece = rest.prefix { write in
                defer { rows += write.rows }
                return rows == 0 || rows + write.rows <= self.rowsInPiece
            }
            rest = rest.dropFirst(piece.count)
            self.process(piece: Array(piece))
        }
    }

    private func process(piece: [Write]) {
        let writes = self.withoutRefused(piece)
        guard !writes.isEmpty else { return }
        do {
            let outcomes = try self.commit(writes)
            if self.room != .scarce { self.condition.clear() }
            self.tell(writes, outcomes)
            _ = self.fold(.passive)
        } catch {
            let failure = StoreFailure(error)
            guard failure.kind == .full else { return self.giveUp(writes, because: failure) }
            self.retry(writes)
        }
    }

    /// There was no room for a piece: tries less at a time, then with more of the reserve.
    private func retry(_ writes: [Write]) {
        if self.room == .inside { self.beginScarcity() }
        if let single = writes.first, writes.count == 1 {
            guard self.takeLess(of: single) || self.makeRoom(for: single) else { return single.fail(self.full) }
            self.process(piece: writes)
        } else {
            for write in writes { self.process(piece: [write]) }
        }
    }

    /// Asks a change that can do its work in parts for a smaller part: deleting one large payload may touch as many
    /// pages as deleting hundreds of small ones.
    private func takeLess(of write: Write) -> Bool {
        guard write.frees, self.rowsMax > 1 else { return false }
        self.rowsMax = max(self.rowsMax / 4, 1)
        return true
    }

    /// Gives the next quarter of the reserve, if it is for such a write.
    private func makeRoom(for write: Write) -> Bool {
        let kept = write.frees ? 0 : Self.quartersForDeleting
        guard !write.isAccept, self.reserve.quarters > kept else { return false }
        self.giveQuarter()
        _ = self.fold(.passive)
        return true
    }

    private func giveQuarter() {
        self.reserve.shrink(toQuarters: self.reserve.quarters - 1)
        self.limitPages()
    }

    /// Fails new events where there is no room for them; the others.
    private func withoutRefused(_ writes: [Write]) -> [Write] {
        if self.room == .inside, writes.contains(where: \.isAccept), self.pragma("freelist_count") < self.reservePages {
            self.beginScarcity()
        }
        guard self.room == .scarce else { return writes }
        for write in writes where write.isAccept { write.fail(self.full) }
        return writes.filter { !$0.isAccept }
    }
}

extension Writer {
    /// Looks from time to time whether there is room again, on the disk or inside the file.
    func reviewRoom() {
        guard self.room != .ample else { return }
        let now = self.environment.now()
        if let last = self.reviewedRoomAt, now - last < Self.roomInterval { return }
        self.reviewedRoomAt = now
        if self.isReserveWholeAgain() {
            self.enter(.ample)
        } else if self.room == .scarce, self.hasRoomInside {
            self.enter(.inside)
        }
    }

    /// More pages are free inside the file than the reserve has; so many more that the next event does not end it.
    private var hasRoomInside: Bool {
        self.pragma("freelist_count") >= self.reservePages + self.reservePages / 4 + 1
    }

    private func enter(_ room: Room) {
        self.room = room
        self.rowsMax = room == .ample ? .max : self.rowsInPiece
        self.limitPages()
        self.condition.clear()
        self.signals.log(.info, .store, "There is room for new events again", ("path", self.path))
    }

    private func isReserveWholeAgain() -> Bool {
        if let budget = self.options.pagesMax {
            let pages = self.pragma("page_count")
            guard pages <= budget, budget - pages + self.pragma("freelist_count") >= self.reservePages else {
                return false
            }
        }
        // The log needs room too, or the next commits would use the last of it up.
        let wanted = self.reserve.bytes - self.reserve.heldBytes + self.foldingBytes * 2
        let free = self.reserve.diskFreeBytes
        if free < wanted {
            // A log that cannot be looked at has nothing to give.
            let log = (try? FileSystem.size(of: self.path + "-wal")) ?? 0
            guard free + log >= wanted else { return false }
            _ = self.fold(.truncate)
        }
        return self.reserve.restore()
    }

    /// Zero where it cannot be read, which here means no knowledge of room.
    private func pragma(_ name: String) -> Int {
        let value = self.connection?.inDatabase { database in
            // The error would come again with the next commit, which reports it.
            try? Int.fetchOne(database, sql: "PRAGMA \(name)")
        }
        return (value ?? nil) ?? 0
    }

    /// Tells SQLite how far the file may grow.
    func limitPages() {
        let pages: Int
        switch (self.room, self.options.pagesMax) {
        case (.inside, _): pages = self.pragma("page_count")
        case (_, nil): pages = Self.pagesWithoutBudget
        case (.ample, let budget?): pages = budget
        case (.scarce, let budget?): pages = budget + self.reservePages * (4 - self.reserve.quarters) / 4
        }
        self.connection?.inDatabase { database in
            // Without effect the file may grow as before: then the disk itself is the limit.
            try? database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
    }
}
