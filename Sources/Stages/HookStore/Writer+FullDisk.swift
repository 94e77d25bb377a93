// SPDX-License-Identifier: Apache-2.0
// What happens when there is no room: new events are refused, attempts are still recorded and old rows still deleted,
// because only that makes room again. The reserve is the space in which they do it.
import Foundation
import GRDB
import HookCore

extension Writer {
    static let pageBytes = 4096
    /// How often to look whether there is room again.
    private static let reserveInterval: Duration = .seconds(1)

    private var full: StoreFailure { StoreFailure(.full, "there is no room for the store \(self.path)") }
    private var reservePages: Int { max(self.options.reserveBytes / Self.pageBytes, 1) }

    /// Gives the reserve away and commits what is no new event; false where that changes nothing.
    func beginFull(_ writes: [Write]) -> Bool {
        let rest = writes.filter { !$0.isAccept }
        if self.isFull && rest.count == writes.count { return false }
        self.isFull = true
        self.triedReserveAt = self.environment.now()
        self.reserve.release()
        self.setPagesMax(extra: self.reservePages)
        _ = self.fold(.passive)
        for write in writes where write.isAccept { write.fail(self.full) }
        if !rest.isEmpty { self.process(rest, bytes: 0) }
        return true
    }

    /// Fails new events while there is no room; the others.
    func withoutRefused(_ writes: [Write]) -> [Write] {
        guard self.isFull else { return writes }
        if self.hasRoomAgain() {
            self.isFull = false
            self.setPagesMax(extra: 0)
            self.signals.log(.info, .store, "There is room for the store again", ("path", self.path))
            return writes
        }
        for write in writes where write.isAccept { write.fail(self.full) }
        return writes.filter { !$0.isAccept }
    }

    /// The reserve fits again, or deleting has freed as much inside the file.
    private func hasRoomAgain() -> Bool {
        let now = self.environment.now()
        if let last = self.triedReserveAt, now - last < Self.reserveInterval { return false }
        self.triedReserveAt = now
        let free = self.pragma("freelist_count")
        guard let budget = self.options.pagesMax else {
            if self.reserve.restore() { return true }
            guard free >= self.reservePages else { return false }
            // Room inside the file is enough to go on; cutting the log may give the disk enough for the reserve too.
            _ = self.fold(.truncate)
            _ = self.reserve.restore()
            return true
        }
        return budget - self.pragma("page_count") + free >= self.reservePages && self.reserve.restore()
    }

    /// Zero where it cannot be read, which here means no knowledge of room.
    private func pragma(_ name: String) -> Int {
        let value = self.connection?.inDatabase { database in
            // The error would come again with the next commit, which reports it.
            try? Int.fetchOne(database, sql: "PRAGMA \(name)")
        }
        return (value ?? nil) ?? 0
    }

    /// A size budget has its reserve too.
    private func setPagesMax(extra: Int) {
        guard let budget = self.options.pagesMax else { return }
        self.connection?.inDatabase { database in
            // Without effect the budget stays as it is: stricter than need be, and nothing is lost.
            try? database.execute(sql: "PRAGMA max_page_count = \(budget + extra)")
        }
    }
}
