// SPDX-License-Identifier: Apache-2.0
// Members of windows, and the ends of windows, inside the writer's transaction.
import Foundation
import GRDB
import HookCore

extension WriteContext {
    /// Puts an event into windows.
    ///
    /// - Parameter first: ordinal of its first member.
    func join(_ prepared: Prepared, seq: Int64, from first: Int, at time: WallTime, _ tree: inout StoredTree) throws {
        guard first + prepared.members.count <= Schema.ordinalMax else {
            throw StoreFailure(.unusable, "an event may have at most \(Schema.ordinalMax) places in windows")
        }
        for (place, member) in prepared.members.enumerated() {
            let window = try self.open(member, under: prepared.revision, at: time, &tree)
            let insert = self.statements.member
            insert.bind(Schema.key(seq: seq, ordinal: UInt16(first + place)))
            insert.bind(window)
            insert.bind(member.version.map { Int64($0) })
            insert.bind(member.part.map { Int64($0) })
            insert.bind(MemberPayload.number(member.payload))
            insert.bind(Int64(member.bytes))
            if case .own(let body) = member.payload {
                try unsafe body.withUnsafeBytes { body in
                    unsafe insert.bind(inPlace: body)
                    try insert.run()
                }
            } else {
                insert.bindNull()
                try insert.run()
            }
        }
        FaultPoint.afterJoin.hit()
    }

    /// The window of a member, counted up; opened where there is none.
    private func open(
        _ member: WindowMember, under revision: RevisionID, at time: WallTime, _ tree: inout StoredTree
    ) throws -> Int64 {
        if self.statements.lanes.insert(member.print).inserted {
            let lane = self.statements.lane
            lane.bind(member.print)
            lane.bind(member.route.text)
            lane.bind(revision.text)
            try lane.run()
        }
        let due = member.close.deadline(openedAt: time, lastAt: time).at
        let open = self.statements.window
        open.bind(member.print)
        unsafe member.key.withUnsafeBytes { unsafe open.bind(copying: $0) }
        open.bind(time)
        open.bind(Int64(member.bytes))
        open.bind(due)
        open.bind(Int64(member.close.countLimit))
        open.bind(Int64(member.close.bytesLimit))
        guard let result = try open.integer() else { throw StoreFailure(.corrupt, "a window has no number") }
        let id = result >> 2
        if result & 1 != 0 {
            try self.setDue(id, time)
            tree.windowsDue = min(tree.windowsDue ?? time, time)
        } else if result & 2 != 0 {
            tree.windowsDue = min(tree.windowsDue ?? due, due)
        }
        return id
    }

    private func setDue(_ id: Int64, _ time: WallTime) throws {
        let update = self.statements.windowDue
        update.bind(time)
        update.bind(id)
        try update.run()
    }

    /// Ends windows; what they became is stored.
    func end(_ ends: [WindowEnd], now: WallTime) throws -> (tree: StoredTree, events: Int) {
        var tree = StoredTree()
        var events = 0
        for end in ends {
            let id = end.window.number
            switch end.outcome {
            case .rearmed(let time): try self.setDue(id, time)
            case .held(let failure): try self.hold(end, failure, now: now)
            case .closed(let prepared):
                guard try self.removeMembers(of: end) else { continue }
                if let prepared {
                    events += prepared.eventCount
                    try self.store(prepared, at: now, &tree)
                }
            }
        }
        return (tree, events)
    }

    /// Removes the members that were read; false where there are none any more.
    private func removeMembers(of end: WindowEnd) throws -> Bool {
        let id = end.window.number.databaseValue
        try self.run("DELETE FROM members WHERE window = ? AND key <= ?", [id, end.through.databaseValue])
        guard self.database.changesCount > 0 else {
            try self.run(
                "DELETE FROM windows WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM members WHERE window = ?1)", [id])
            return false
        }
        try self.run("DELETE FROM held WHERE window = ?", [id])
        let rest = try self.database.cachedStatement(
            sql: """
                SELECT count(*), sum(m.bytes), min(e.time), max(e.time) FROM members m
                JOIN events e ON e.seq = m.key >> 16 WHERE m.window = ?
                """)
        let row = try Row.fetchOne(rest, arguments: StatementArguments([id]))
        guard let row, let count = row.integerIfAny(0), count > 0 else {
            try self.run("DELETE FROM windows WHERE id = ?", [id])
            return true
        }
        // What came while the function ran begins anew; it is looked at at once, which reckons when it closes.
        try self.run(
            "UPDATE windows SET count = ?, bytes = ?, opened = ?, last = ?, due = ?, forced = NULL WHERE id = ?",
            [
                count.databaseValue, try row.integer(1).databaseValue, try row.time(2).stored, try row.time(3).stored,
                Int64(0).databaseValue, id,
            ])
        return true
    }

    /// Keeps a window whose function has failed. Its entry hangs on the last event that was read.
    private func hold(_ end: WindowEnd, _ failure: ScriptFailure, now: WallTime) throws {
        let id = end.window.number.databaseValue
        let found = try Row.fetchOne(
            self.database, sql: "SELECT l.route FROM windows w JOIN lanes l ON l.print = w.lane WHERE w.id = ?",
            arguments: StatementArguments([id]))
        guard let found else { return }
        try self.run("UPDATE windows SET state = 1, forced = NULL WHERE id = ?", [id])
        try self.run("DELETE FROM held WHERE window = ?", [id])
        let seq = end.through >> Schema.ordinalBits
        let last = try Int64.fetchOne(
            self.database, sql: "SELECT max(key) FROM held WHERE key BETWEEN ? AND ?",
            arguments: StatementArguments([Schema.key(seq: seq, ordinal: 0), Schema.key(seq: seq, ordinal: .max)]))
        let ordinal = last.map { Int(Schema.ordinal(ofKey: $0)) + 1 } ?? 1
        guard ordinal <= Schema.ordinalMax else {
            throw StoreFailure(.unusable, "an event may have at most \(Schema.ordinalMax) held entries")
        }
        let entry = HeldEntry(route: RouteName(try found.text(0)), destination: nil, failure: failure)
        try self.insert(entry, key: Schema.key(seq: seq, ordinal: UInt16(ordinal)), at: now, window: end.window)
    }
}

/// ``WindowMember/Payload`` as stored.
enum MemberPayload {
    static let none: Int64 = 0
    static let event: Int64 = 1
    static let own: Int64 = 2

    static func number(_ payload: WindowMember.Payload) -> Int64 {
        switch payload {
        case .none: Self.none
        case .event: Self.event
        case .own: Self.own
        }
    }
}
