// SPDX-License-Identifier: Apache-2.0
// Windows of the memory store: the shortest code that means the right thing.
internal import HookCore

extension MemoryBooks {
    struct Lane {
        let route: RouteName
        var revision: RevisionID
        var isStale = false
    }

    struct Window {
        let id: Int64
        let lane: Int64
        let key: [UInt8]
        var openedAt: WallTime
        var lastAt: WallTime
        var count = 0
        var bytes = 0
        var due: WallTime
        var state = WindowRow.State.open
        var forced: WindowReason?
    }

    struct Member {
        let key: Int64
        let window: Int64
        let member: WindowMember
    }

    mutating func join(_ prepared: Prepared, seq: Int, from first: Int, at time: WallTime, _ tree: inout Tree) {
        for (place, member) in prepared.members.enumerated() {
            if self.lanes[member.print] == nil {
                self.lanes[member.print] = Lane(route: member.route, revision: prepared.revision)
            }
            let due = member.close.deadline(openedAt: time, lastAt: time).at
            var at = self.windows.firstIndex {
                $0.lane == member.print && $0.key == member.key && $0.state == .open
            }
            if at == nil {
                self.windows.append(
                    Window(
                        id: self.nextWindow, lane: member.print, key: member.key, openedAt: time, lastAt: time, due: due
                    ))
                self.nextWindow += 1
                at = self.windows.count - 1
                tree.windowsDue = min(tree.windowsDue ?? due, due)
            }
            guard let at else { continue }
            self.windows[at].count += 1
            self.windows[at].bytes += member.bytes
            self.windows[at].lastAt = max(self.windows[at].lastAt, time)
            if member.close.fullness(count: self.windows[at].count, bytes: self.windows[at].bytes) != nil {
                self.windows[at].due = time
                tree.windowsDue = min(tree.windowsDue ?? time, time)
            }
            self.members.append(
                Member(key: Int64(seq * 65_536 + first + place), window: self.windows[at].id, member: member))
        }
    }

    mutating func declare(_ declared: [WindowLane]) {
        self.lanes = self.lanes.filter { lane in self.windows.contains { $0.lane == lane.key } }
        for print in self.lanes.keys { self.lanes[print]?.isStale = true }
        for lane in declared { self.lanes[lane.print] = Lane(route: lane.route, revision: lane.revision) }
    }

    func dueWindows(dueBy: WallTime, limit: Int) -> (windows: [WindowRow], nextDue: WallTime?) {
        let open = self.windows.filter { $0.state == .open }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
        let stale = open.filter { self.lanes[$0.lane]?.isStale == true }.prefix((limit + 1) / 2)
        let taken = Set(stale.map(\.id))
        let due = open.filter { $0.due <= dueBy }.prefix(limit - stale.count).filter { !taken.contains($0.id) }
        return (
            (stale.map { self.row($0, isStale: true) } + due.map { self.row($0) }), open.first { $0.due > dueBy }?.due
        )
    }

    func members(of window: WindowID, after: Int64, count: Int, bytes: Int) -> [MemberRow] {
        var found: [MemberRow] = []
        var total = 0
        for member in self.members where member.window == window.number && member.key > after {
            guard found.count < max(1, count), total < bytes || found.isEmpty, let row = self.row(member) else { break }
            found.append(row)
            total += row.bytes
        }
        return found
    }

    mutating func end(_ ends: [WindowEnd], now: WallTime) -> (tickets: [DeliveryTicket], windowsDue: WallTime?) {
        var tree = Tree()
        for end in ends {
            guard let at = self.windows.firstIndex(where: { $0.id == end.window.number }) else { continue }
            switch end.outcome {
            case .rearmed(let time): self.windows[at].due = time
            case .held(let failure): self.hold(at, end, failure)
            case .closed(let prepared):
                let before = self.members.count
                self.members.removeAll { $0.window == end.window.number && $0.key <= end.through }
                guard self.members.count < before else {
                    if !self.members.contains(where: { $0.window == end.window.number }) { self.windows.remove(at: at) }
                    continue
                }
                self.removeEntries(of: end.window)
                self.restart(at)
                if let prepared { self.store(prepared, at: now, &tree) }
            }
        }
        return (tree.tickets, tree.windowsDue)
    }

    private mutating func restart(_ at: Int) {
        let rest = self.members.filter { $0.window == self.windows[at].id }
        let times = rest.compactMap { self.entry(of: $0)?.event.time }
        guard let first = times.min(), let last = times.max() else {
            self.windows.remove(at: at)
            return
        }
        self.windows[at].count = rest.count
        self.windows[at].bytes = rest.reduce(0) { $0 + $1.member.bytes }
        (self.windows[at].openedAt, self.windows[at].lastAt) = (first, last)
        (self.windows[at].due, self.windows[at].forced) = (WallTime(milliseconds: 0), nil)
    }

    private mutating func hold(_ at: Int, _ end: WindowEnd, _ failure: ScriptFailure) {
        guard let route = self.lanes[self.windows[at].lane]?.route,
            let place = self.entries.firstIndex(where: { $0.seq == Int(end.through >> 16) })
        else { return }
        (self.windows[at].state, self.windows[at].forced) = (.held, nil)
        self.removeEntries(of: end.window)
        let ordinal = UInt16((self.entries[place].held.map { Int($0.ordinal) }.max() ?? 0) + 1)
        self.entries[place].held.append((ordinal, HeldEntry(route: route, destination: nil, failure: failure)))
        self.heldWindows[HeldID(event: self.entries[place].event.id, ordinal: ordinal)] = end.window
    }

    private mutating func removeEntries(of window: WindowID) {
        for (id, other) in self.heldWindows where other == window {
            if let place = self.place(of: id.event) { self.entries[place].held.removeAll { $0.ordinal == id.ordinal } }
            self.heldWindows[id] = nil
        }
    }

    mutating func discard(_ window: WindowID) {
        self.members.removeAll { $0.window == window.number }
        self.windows.removeAll { $0.id == window.number }
        self.heldWindows = self.heldWindows.filter { $0.value != window }
    }

    func windows(_ filter: WindowFilter, page: PageRequest) -> Page<WindowRow> {
        let start = page.cursor.map { Int64($0, radix: 36) ?? .max } ?? 0
        let found = self.windows.map { self.row($0) }.filter { Self.matches($0, filter) && $0.id.number > start }
        let chosen = found.prefix(page.limit)
        let cursor = found.count > chosen.count ? chosen.last.map { String($0.id.number, radix: 36) } : nil
        return Page(items: Array(chosen), cursor: cursor)
    }

    mutating func requestClose(_ filter: WindowFilter, limit: Int) -> Int {
        var count = 0
        for at in self.windows.indices where count < limit && self.windows[at].state == .open {
            guard self.windows[at].forced == nil, Self.matches(self.row(self.windows[at]), filter) else { continue }
            (self.windows[at].forced, self.windows[at].due) = (.requested, WallTime(milliseconds: 0))
            count += 1
        }
        return count
    }

    func windowCounts() -> (routes: [WindowCount], oldest: WallTime?) {
        let open = self.windows.filter { $0.state == .open }
        let counts = Dictionary(grouping: open) { self.lanes[$0.lane]?.route ?? RouteName("") }
        return (
            counts.sorted { $0.key < $1.key }.map { WindowCount(route: $0.key, open: $0.value.count) },
            open.first?.openedAt
        )
    }

    private static func matches(_ row: WindowRow, _ filter: WindowFilter) -> Bool {
        (filter.ids.isEmpty || filter.ids.contains(row.id)) && (filter.route.map { $0 == row.route } ?? true)
            && (filter.key.map { $0 == row.key } ?? true) && (filter.state.map { $0 == row.state } ?? true)
    }

    private func row(_ window: Window, isStale: Bool = false) -> WindowRow {
        let lane = self.lanes[window.lane]
        return WindowRow(
            id: WindowID(window.id), route: lane?.route ?? RouteName(""), print: window.lane,
            revision: lane?.revision ?? RevisionID(""), key: window.key, openedAt: window.openedAt,
            lastAt: window.lastAt, count: window.count, bytes: window.bytes, dueAt: window.due, state: window.state,
            forced: window.forced ?? (isStale ? .reconfigured : nil))
    }

    private func entry(of member: Member) -> Entry? { self.entries.first { $0.seq == Int(member.key >> 16) } }

    private func row(_ member: Member) -> MemberRow? {
        guard let entry = self.entry(of: member) else { return nil }
        let event = entry.event
        let payload: [UInt8]? =
            switch member.member.payload {
            case .none: nil
            case .event: event.body
            case .own(let body): body
            }
        return MemberRow(
            key: member.key,
            event: Event(
                id: event.id, source: event.source, type: event.type, version: member.member.version, time: event.time,
                subject: event.subject, senderID: event.senderID, method: event.method, path: event.path,
                headers: event.headers, contentType: event.contentType, body: [], data: nil, lineage: event.lineage),
            part: member.member.part, payload: payload, bytes: member.member.bytes)
    }
}
