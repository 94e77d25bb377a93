// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import HookRoute

/// Looks into the store for what came in and what was delivered, and says it: a line for each event.
struct DevTraffic {
    /// Between two looks.
    private static let pause: Duration = .milliseconds(100)
    /// An event is shown without waiting longer for the first attempt of its deliveries.
    private static let patience: Duration = .seconds(2)
    private static let differencesMax = 40

    let router: RouterProcess
    let report: DevReport
    let showsBodies: Bool

    private var seen: Set<EventID> = []
    /// Not shown yet, oldest first.
    private var fresh: [EventRow] = []
    /// Shown while a delivery was still to be tried again.
    private var open: [DeliveryID: (row: EventRow, attempts: Int)] = [:]
    private var refusals: [[String]: Int] = [:]

    init(router: RouterProcess, report: DevReport, showsBodies: Bool) {
        self.router = router
        self.report = report
        self.showsBodies = showsBodies
    }

    /// Until the task is cancelled.
    func run() async {
        var traffic = self
        traffic.refusals = traffic.refusalCounts
        while !Task.isCancelled {
            await traffic.look()
            // Cancelled: the loop ends by itself.
            try? await Task.sleep(for: Self.pause)
        }
    }

    private mutating func look() async {
        self.sayRefusals()
        var filter = EventFilter()
        filter.since = self.router.startedAt
        // A store that cannot be read now is read again in a moment.
        if let page = try? await self.router.store.events(filter, page: PageRequest(limit: 1000)) {
            for row in page.items.reversed() where self.seen.insert(row.id).inserted { self.fresh.append(row) }
        }
        var waiting: [EventRow] = []
        for row in self.fresh {
            // The same holds for one event.
            guard let event = try? await self.router.store.event(row.id) else {
                waiting.append(row)
                continue
            }
            let isTried = event.deliveries.allSatisfy { $0.state != .pending || $0.attempts > 0 }
            if isTried || self.router.environment.wall() - row.time > Self.patience {
                await self.say(event)
            } else {
                waiting.append(row)
            }
        }
        self.fresh = waiting
        for (id, shown) in self.open.sorted(by: { $0.key.description < $1.key.description }) {
            // And for one delivery.
            guard let detail = try? await self.router.store.delivery(id) else { continue }
            self.follow(detail.row, shown)
        }
    }

    // MARK: Events

    private mutating func say(_ event: EventDetail) async {
        let row = event.row
        for delivery in event.deliveries where delivery.state == .pending {
            self.open[delivery.id] = (row, delivery.attempts)
        }
        let nearest = row.fates.isEmpty ? self.nearest(to: event) : nil
        self.report.say("event", Self.json(event, nearest), self.text(of: event, nearest))
        guard self.showsBodies else { return }
        for delivery in event.deliveries {
            // What cannot be read now is not shown.
            guard let detail = try? await self.router.store.delivery(delivery.id) else { continue }
            self.sayDifferences(detail, event)
        }
    }

    private func text(of event: EventDetail, _ nearest: String?) -> String {
        let style = self.report.style
        let version = event.row.version.map { "@\($0)" } ?? ""
        var parts: [String] = []
        for fate in event.row.fates {
            let sent = event.deliveries.filter { $0.route == fate.route }
            switch fate.kind {
            case .matched:
                parts.append("\(fate.route) → \(sent.map { self.text(of: $0, event.row) }.joined(separator: ", "))")
            case .held:
                let held = event.held.first { $0.route == fate.route }
                let place = held?.failure.place.map { " at \($0)" } ?? ""
                parts.append(
                    style.red(
                        "\(fate.route) held: \(Printable.text(held?.failure.message ?? fate.reason ?? ""))\(place)"))
            case .filtered, .dropped, .aggregated:
                parts.append(
                    style.yellow(
                        "\(fate.route) \(fate.kind.rawValue)\(fate.reason.map { ": \(Printable.text($0))" } ?? "")"))
            }
        }
        if parts.isEmpty {
            parts = [style.yellow("no route took it") + style.dim(nearest.map { "; nearest: \($0)" } ?? "")]
        }
        let head = style.bold("← \(Printable.text(event.row.type))\(version)")
        return "\(self.report.time) \(head) from \(event.row.source)  \(parts.joined(separator: "; "))"
    }

    private func text(of delivery: DeliveryRow, _ event: EventRow) -> String {
        let style = self.report.style
        let status = delivery.status.map(String.init) ?? delivery.outcome ?? "not tried yet"
        let name = delivery.destination.text
        switch delivery.state {
        case .delivered:
            let took = delivery.finishedAt.map { " (\(($0 - event.time).milliseconds) ms)" } ?? ""
            return "\(name) \(style.green(status))\(style.dim(took))"
        case .pending: return "\(name) \(style.yellow(status))\(style.dim(" will be tried again"))"
        default: return "\(name) \(style.red("\(status), \(delivery.state.rawValue)"))"
        }
    }

    /// A later attempt, or the end, of a delivery that was shown as pending.
    private mutating func follow(_ delivery: DeliveryRow, _ shown: (row: EventRow, attempts: Int)) {
        guard delivery.state != .pending || delivery.attempts != shown.attempts else { return }
        self.open[delivery.id] = delivery.state == .pending ? (shown.row, delivery.attempts) : nil
        self.report.say(
            "delivery", [.init("event", .string(shown.row.id.description)), .init("delivery", Self.json(delivery))],
            "\(self.report.time)   ↻ \(Printable.text(shown.row.type))  \(delivery.route) → \(self.text(of: delivery, shown.row))"
                + self.report.style.dim(", attempt \(delivery.attempts)"))
    }

    /// The condition that failed in the route that came nearest.
    private func nearest(to detail: EventDetail) -> String? {
        guard let body = detail.body else { return nil }
        let event = Event(
            id: detail.row.id, source: detail.row.source, type: detail.row.type, version: detail.row.version,
            time: detail.row.time, subject: detail.row.subject, senderID: detail.row.senderID, query: detail.query,
            headers: detail.headers, contentType: detail.contentType, body: body,
            // A body that is no JSON has no members to look at.
            data: try? JSONDocument(parsing: body))
        let routes = RouteExplanation.nearestFirst(self.router.revision.routes.explain(event))
        guard let near = routes.first(where: \.isEnabled), let because = near.because else { return nil }
        return Printable.text(
            "\(near.route): \(because.path) \(because.op) \(because.want.text), found \(because.got?.text ?? "nothing")"
        )
    }

    private func sayDifferences(_ delivery: DeliveryDetail, _ event: EventDetail) {
        guard let before = event.body, let after = delivery.body else { return }
        let style = self.report.style
        let head = "    \(delivery.row.destination):"
        guard before != after else {
            self.report.say("body", [.init("unchanged", true)], style.dim("\(head) body unchanged"))
            return
        }
        // What is no JSON has no members to compare.
        guard let old = try? JSONValue(parsing: before), let new = try? JSONValue(parsing: after) else {
            let text = String(decoding: after.prefix(2000), as: UTF8.self)
            self.report.say("body", [.init("text", .string(text))], "\(head) \(Printable.lines(text))")
            return
        }
        let differences = JSONComparison.differences(from: old, to: new)
        var lines = [head]
        for difference in differences.prefix(Self.differencesMax) {
            let path = difference.path.isEmpty ? "(all)" : difference.path
            if let old = difference.old { lines.append(style.red(Printable.text("      - \(path): \(old.text)"))) }
            if let value = difference.value {
                lines.append(style.green(Printable.text("      + \(path): \(value.text)")))
            }
        }
        if differences.count > Self.differencesMax {
            lines.append(style.dim("      … and \(differences.count - Self.differencesMax) more"))
        }
        self.report.say(
            "body", [.init("delivery", .string(delivery.row.id.description)), .init("value", new)],
            lines.joined(separator: "\n"))
    }

    private static func json(_ event: EventDetail, _ nearest: String?) -> [JSONValue.Member] {
        [
            .init("id", .string(event.row.id.description)), .init("type", .string(event.row.type)),
            .init("source", .string(event.row.source.text)),
            .init(
                "routes",
                .array(
                    event.row.fates.map { fate in
                        [
                            "route": .string(fate.route.text), "fate": .string(fate.kind.rawValue),
                            "reason": .text(fate.reason),
                        ]
                    })),
            .init("deliveries", .array(event.deliveries.map(Self.json))), .init("nearest", .text(nearest)),
        ]
    }

    private static func json(_ delivery: DeliveryRow) -> JSONValue {
        [
            "id": .string(delivery.id.description), "route": .string(delivery.route.text),
            "destination": .string(delivery.destination.text), "state": .string(delivery.state.rawValue),
            "status": delivery.status.map { .int($0) } ?? .null, "attempts": .int(delivery.attempts),
        ]
    }

    // MARK: Requests that became no event

    /// By source, result and reason.
    private var refusalCounts: [[String]: Int] {
        var counts: [[String]: Int] = [:]
        for (series, count) in self.router.signals.counters where series.metric.name == Metric.eventsReceived.name {
            guard series.labels.count == 3, series.labels[1] != "accepted", count > 0 else { continue }
            counts[series.labels] = count
        }
        return counts
    }

    private mutating func sayRefusals() {
        let counts = self.refusalCounts
        for (labels, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let more = count - (self.refusals[labels] ?? 0)
            guard more > 0 else { continue }
            let source = labels[0].isEmpty ? "no source" : labels[0]
            let times = more == 1 ? "" : " (\(more) times)"
            let code = labels[2].isEmpty ? "" : " \(labels[2])  hookswitch help \(labels[2])"
            let isBad = ["refused", "failed"].contains(labels[1])
            let words = "← \(source) \(labels[1])\(code)\(times)"
            self.report.say(
                "request",
                [
                    .init("source", .string(labels[0])), .init("result", .string(labels[1])),
                    .init("reason", .string(labels[2])), .init("count", .int(more)),
                ],
                "\(self.report.time) \(isBad ? self.report.style.red(words) : self.report.style.dim(words))")
        }
        self.refusals = counts
    }
}
