// SPDX-License-Identifier: Apache-2.0
// Windows in virtual time, for tests of users: the same rules and functions, without a store.
import HookCore
import HookRoute
import HookTransform

/// The open windows of one test.
struct VirtualWindows {
    /// What came of a window, or of an event that joins one.
    enum Result {
        case prepared(Prepared)
        case held(HeldEntry)
        /// The function has dropped it.
        case nothing
    }

    private struct Window {
        let route: RouteSpec
        let close: WindowClose
        let key: [UInt8]
        let openedAt: WallTime
        var lastAt: WallTime
        var bytes = 0
        var members: [MemberRow] = []

        var due: WallTime {
            self.close.fullness(count: self.members.count, bytes: self.bytes) != nil
                ? self.lastAt : self.close.deadline(openedAt: self.openedAt, lastAt: self.lastAt).at
        }
    }

    private let side: WindowSide
    private let routes: RouteTable
    private var windows: [Window] = []

    /// - Parameter routes: those that take part.
    init(_ revision: Revision, worker: ScriptWorker, routes: RouteTable) {
        self.side = WindowSide(revision, worker: worker)
        self.routes = routes
    }

    var nextDue: WallTime? { self.windows.map(\.due).min() }

    /// Puts an event into its windows.
    mutating func join(_ prepared: Prepared) {
        for member in prepared.members {
            guard let route = self.side.route(of: member.print) else { continue }
            let time = prepared.event.time
            let at =
                self.windows.firstIndex { $0.route.name == route.name && $0.key == member.key }
                ?? self.open(Window(route: route, close: member.close, key: member.key, openedAt: time, lastAt: time))
            self.windows[at].lastAt = max(self.windows[at].lastAt, time)
            self.windows[at].bytes += member.bytes
            self.windows[at].members.append(MemberRow(member, of: prepared.event))
        }
    }

    private mutating func open(_ window: Window) -> Int {
        self.windows.append(window)
        return self.windows.count - 1
    }

    /// Closes the window that is due first; nil where none is due.
    mutating func closeNext(at now: WallTime) -> Result? {
        guard let due = self.nextDue, due <= now, let at = self.windows.firstIndex(where: { $0.due == due }) else {
            return nil
        }
        let window = self.windows.remove(at: at)
        let reason =
            window.close.fullness(count: window.members.count, bytes: window.bytes)
            ?? window.close.deadline(openedAt: window.openedAt, lastAt: window.lastAt).reason
        let batch = WindowBatch(
            route: window.route.name, key: window.key, openedAt: window.openedAt, closedAt: now, reason: reason,
            members: window.members)
        let run = WindowRun(side: self.side, current: self.side, emittedTo: self.routes)
        switch run.outcome(window.route, batch) {
        case .closed(let prepared): return prepared.map { .prepared($0) } ?? .nothing
        case .held(let failure):
            return .held(HeldEntry(route: window.route.name, destination: nil, failure: failure))
        case .rearmed: return .nothing
        }
    }
}

extension MemberRow {
    /// As the store would read it back.
    fileprivate init(_ member: WindowMember, of event: Event) {
        let payload: [UInt8]? =
            switch member.payload {
            case .none: nil
            case .event: event.body
            case .own(let body): body
            }
        self.init(
            key: 0,
            event: Event(
                id: event.id, source: event.source, type: event.type, version: member.version, time: event.time,
                subject: event.subject, senderID: event.senderID, method: event.method, path: event.path,
                headers: event.headers, contentType: event.contentType, body: [], data: nil, lineage: event.lineage),
            part: member.part, payload: payload, bytes: member.bytes)
    }
}
