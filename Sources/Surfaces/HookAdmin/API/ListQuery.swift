// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Filters and paging, as lists and bulk repairs share them. Unknown names are refused: a misspelt filter that is
/// ignored would redrive everything.
struct ListQuery {
    private let values: [String: String]

    /// - Throws: ``AdminProblem`` naming the first parameter that is not in `allowed`, or stands twice.
    init(_ pairs: [(name: String, value: String)], allowed: Set<String>) throws(AdminProblem) {
        var values: [String: String] = [:]
        for pair in pairs {
            guard allowed.contains(pair.name) else {
                throw .badRequest(
                    "unknown parameter \"\(pair.name)\"; known are: \(allowed.sorted().joined(separator: ", "))")
            }
            guard values.updateValue(pair.value, forKey: pair.name) == nil else {
                throw .badRequest("parameter \"\(pair.name)\" stands twice")
            }
        }
        self.values = values
    }

    static let paging: Set<String> = ["limit", "cursor"]
    static let events: Set<String> = ["source", "type", "route", "fate", "sender_id", "since", "until"]
    static let deliveries: Set<String> = ["id", "event", "route", "destination", "state", "reason", "since", "until"]
    static let held: Set<String> = ["id", "event", "route", "code", "kind"]

    subscript(name: String) -> String? { self.values[name] }

    /// `true` or `false`; false where it is not there.
    func flag(_ name: String) throws(AdminProblem) -> Bool {
        switch self.values[name] {
        case nil, "false": return false
        case "true": return true
        default: throw .badRequest("\(name) must be true or false")
        }
    }

    func page() throws(AdminProblem) -> PageRequest {
        guard let text = self.values["limit"] else { return PageRequest(cursor: self.values["cursor"]) }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            throw .badRequest("limit must be a number from 1 to 1000")
        }
        return PageRequest(limit: limit, cursor: self.values["cursor"])
    }

    func eventFilter() throws(AdminProblem) -> EventFilter {
        var filter = EventFilter()
        filter.source = self.values["source"].map { SourceName($0) }
        filter.type = self.values["type"]
        filter.route = self.values["route"].map { RouteName($0) }
        filter.fate = self.values["fate"]
        filter.senderID = self.values["sender_id"]
        if let fate = filter.fate, fate != "unmatched", Fate.Kind(rawValue: fate) == nil {
            let known = Fate.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("fate must be one of \(known), unmatched")
        }
        filter.since = try self.time("since")
        filter.until = try self.time("until")
        return filter
    }

    func deliveryFilter(states: [DeliveryState] = []) throws(AdminProblem) -> DeliveryFilter {
        var filter = DeliveryFilter()
        if let ids = self.values["id"] {
            for text in ids.split(separator: ",") {
                guard let id = DeliveryID(String(text)) else { throw .badRequest("\"\(text)\" is no delivery id") }
                filter.ids.append(id)
            }
        }
        if let text = self.values["event"] {
            guard let id = EventID(text) else { throw .badRequest("\"\(text)\" is no event id") }
            filter.event = id
        }
        filter.route = self.values["route"].map { RouteName($0) }
        filter.destination = self.values["destination"].map { DestinationName($0) }
        filter.reason = self.values["reason"]
        filter.since = try self.time("since")
        filter.until = try self.time("until")
        filter.states = states
        if let text = self.values["state"] {
            for name in text.split(separator: ",") {
                guard let state = DeliveryState(rawValue: String(name)) else {
                    let known = DeliveryState.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .badRequest("state must be one of \(known)")
                }
                filter.states.append(state)
            }
        }
        return filter
    }

    func heldFilter() throws(AdminProblem) -> HeldFilter {
        var filter = HeldFilter()
        if let ids = self.values["id"] {
            for text in ids.split(separator: ",") {
                guard let id = HeldID(String(text)) else { throw .badRequest("\"\(text)\" is no id of a held entry") }
                filter.ids.append(id)
            }
        }
        if let text = self.values["event"] {
            guard let id = EventID(text) else { throw .badRequest("\"\(text)\" is no event id") }
            filter.event = id
        }
        filter.route = self.values["route"].map { RouteName($0) }
        filter.code = self.values["code"]
        if let text = self.values["kind"] {
            guard let kind = HeldEntry.Kind.allCases.first(where: { $0.word == text }) else {
                let known = HeldEntry.Kind.allCases.map(\.word).joined(separator: ", ")
                throw .badRequest("kind must be one of \(known)")
            }
            filter.kind = kind
        }
        return filter
    }

    private func time(_ name: String) throws(AdminProblem) -> WallTime? {
        guard let text = self.values[name] else { return nil }
        guard let time = WallTime(rfc3339: text) else {
            throw .badRequest("\(name) must be a time such as 2026-01-01T12:00:00Z")
        }
        return time
    }
}
