// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookTransform

/// What happened in one run of a test, step by step.
struct RouteTestRun {
    struct Delivery {
        let ticket: DeliveryTicket
        let attempts: [DeliverSimulation.Attempt]
        let end: Settled.Disposition?
        /// Of the event that goes out.
        let version: Int?

        var destination: DestinationName { self.ticket.destination }
        var body: [UInt8] { self.ticket.body }
        /// The first attempt's; nil where no request could be made.
        var request: OutboundRequest? { self.attempts.first?.request }
        var isDead: Bool {
            if case .dead? = self.end { return true }
            return false
        }

        /// The body as JSON; text where it is none.
        var value: JSONValue {
            // A body that is no JSON is compared as the text that it is.
            (try? JSONValue(parsing: self.body)) ?? .string(String(decoding: self.body, as: UTF8.self))
        }
    }

    struct Step {
        /// Since the test began.
        var at: Duration
        /// HTTP status of the answer; nil where the step is no request.
        var status: Int?
        var isDuplicate: Bool?
        var isUnmatched: Bool?
        /// Of the events that were routed, where they have one.
        var versions: [DeliveryID: Int] = [:]
        var tickets: [DeliveryTicket] = []
        /// Filled at the end, when all of them have come to theirs.
        var deliveries: [Delivery] = []
        var held: [HeldEntry] = []
        /// Events that routes made.
        var emitted: [Event] = []
        var calls: [ScriptCall] = []

        /// What came of windows that closed while the clock moved.
        mutating func add(_ closed: Step) {
            self.versions.merge(closed.versions) { $1 }
            self.tickets += closed.tickets
            self.held += closed.held
            self.emitted += closed.emitted
            self.calls += closed.calls
        }
    }

    var steps: [Step] = []
    /// Times of attempts count from here.
    var origin: Duration = .zero

    /// One step alone.
    func only(_ place: Int) -> RouteTestRun {
        guard self.steps.indices.contains(place) else { return RouteTestRun() }
        return RouteTestRun(steps: [self.steps[place]], origin: self.steps[place].at)
    }

    /// Of the last request.
    var status: Int? { self.steps.last { $0.status != nil }?.status }
    var isDuplicate: Bool? { self.steps.last { $0.isDuplicate != nil }?.isDuplicate }
    /// Of the last event that was routed.
    var isUnmatched: Bool { self.steps.last { $0.isUnmatched != nil }?.isUnmatched ?? false }
    var deliveries: [Delivery] { self.steps.flatMap(\.deliveries) }
    var held: [HeldEntry] { self.steps.flatMap(\.held) }
    var emitted: [Event] { self.steps.flatMap(\.emitted) }
    var calls: [ScriptCall] { self.steps.flatMap(\.calls) }
    var stepsMax: Int { self.calls.map(\.steps).max() ?? 0 }
    var deadLetters: [DestinationName] { self.deliveries.filter(\.isDead).map(\.destination) }

    /// What scripts logged, a line each.
    var logLines: [String] {
        self.calls.flatMap { call in
            call.lines.map { line in
                (["\(line.level.rawValue)", "\(call.script):", line.message] + line.fields).joined(separator: " ")
            }
        }
    }

    /// Times of the attempts at one destination, in order.
    func attempts(at destination: DestinationName) -> [Duration] {
        self.deliveries.filter { $0.destination == destination }
            .flatMap { $0.attempts.map { $0.at - self.origin } }.sorted()
    }
}

// MARK: Determinism

extension RouteTestRun {
    /// The first thing in which another run of the same test differs; nil where both are the same.
    func difference(to other: RouteTestRun) -> (what: String, first: String, second: String)? {
        let mine = self.parts
        let theirs = other.parts
        for (one, two) in zip(mine, theirs) where one.what != two.what || one.text != two.text {
            return one.what == two.what
                ? (one.what, one.text, two.text)
                : ("what happened", "\(one.what): \(one.text)", "\(two.what): \(two.text)")
        }
        if mine.count == theirs.count { return nil }
        let rest = mine.count > theirs.count ? mine[theirs.count] : theirs[mine.count]
        let text = "\(rest.what): \(rest.text)"
        return (
            "what happened", mine.count > theirs.count ? text : "nothing", mine.count > theirs.count ? "nothing" : text
        )
    }

    /// Everything that must be the same on every run. Headers are not among it: they follow from what is.
    private var parts: [(what: String, text: String)] {
        self.steps.flatMap { step -> [(what: String, text: String)] in
            var parts = [("the status", step.status.map(String.init) ?? "none")]
            for entry in step.held {
                parts.append(("what \(entry.route) holds", "\(entry.failure.code): \(entry.failure.message)"))
            }
            for event in step.emitted {
                parts.append(("what is emitted", "\(event.typeText) \(String(decoding: event.body, as: UTF8.self))"))
            }
            for delivery in step.deliveries {
                let to = delivery.destination
                parts.append(("the deliveries", "\(delivery.ticket.route) to \(to)"))
                parts.append(("the body of \(to)", String(decoding: delivery.body, as: UTF8.self)))
                parts.append(("the request of \(to)", "\(delivery.ticket.contentType) \(Self.text(of: delivery))"))
                parts.append(
                    (
                        "the attempts at \(to)",
                        delivery.attempts.map { "\($0.at) \($0.outcome)" }.joined(separator: ", ")
                    ))
            }
            for call in step.calls {
                for line in call.lines {
                    let fields = line.fields.joined(separator: " ")
                    parts.append(("what \(call.script) logs", "\(line.level.rawValue) \(line.message) \(fields)"))
                }
            }
            return parts
        }
    }

    private static func text(of delivery: Delivery) -> String {
        guard let request = delivery.ticket.request else { return "" }
        let headers = request.headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
        return "\(request.method ?? "") \(delivery.request?.url ?? "") \(headers)"
    }
}

// MARK: For checks

extension RouteTestRun {
    /// What a `check:` sees as `result`. What there is none of is left out, so that Lua finds nil and not JSON's null.
    var json: JSONValue {
        var members: [JSONValue.Member] = []
        if let status { members.append(.init("status", .int(status))) }
        if let isDuplicate { members.append(.init("duplicate", .bool(isDuplicate))) }
        members += [
            .init("unmatched", .bool(self.isUnmatched)),
            .init("deliveries", .array(self.deliveries.map(self.json))),
            .init("attempts", self.attemptsJSON),
            .init("dead_letters", .array(self.deadLetters.map { .string($0.text) })),
            .init("held", .array(self.held.map(Self.json))),
            .init("emitted", .array(self.emitted.map(Self.json))),
            .init("logs", .array(self.calls.flatMap(\.lines).map(Self.json))),
            .init("steps", .int(self.stepsMax)),
        ]
        return .object(members)
    }

    private var attemptsJSON: JSONValue {
        var names: [DestinationName] = []
        for delivery in self.deliveries where !names.contains(delivery.destination) {
            names.append(delivery.destination)
        }
        return .object(
            names.map { name in
                .init(name.text, .array(self.attempts(at: name).map(Self.seconds)))
            })
    }

    private func json(_ delivery: Delivery) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("to", .string(delivery.destination.text)), .init("route", .string(delivery.ticket.route.text)),
            .init("body", delivery.value), .init("raw", .string(String(decoding: delivery.body, as: UTF8.self))),
            .init("dead", .bool(delivery.isDead)),
            .init("attempts", .array(delivery.attempts.map { Self.seconds($0.at - self.origin) })),
        ]
        if let request = delivery.request {
            members.append(.init("method", .string(request.method)))
            members.append(.init("url", .string(request.url)))
            members.append(.init("headers", Self.json(request.headers)))
        }
        return .object(members)
    }

    private static func json(_ headers: [(name: String, value: String)]) -> JSONValue {
        var members: [JSONValue.Member] = []
        for header in headers where !members.contains(where: { $0.key == header.name }) {
            members.append(.init(header.name, .string(header.value)))
        }
        return .object(members)
    }

    private static func json(_ entry: HeldEntry) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("route", .string(entry.route.text)), .init("code", .string(entry.failure.code)),
            .init("message", .string(entry.failure.message)),
        ]
        if let destination = entry.destination { members.append(.init("destination", .string(destination.text))) }
        return .object(members)
    }

    private static func json(_ event: Event) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", .string(event.type)), .init("data", event.dataValue),
            .init("raw", .string(String(decoding: event.body, as: UTF8.self))),
        ]
        if let version = event.version { members.append(.init("version", .int(version))) }
        return .object(members)
    }

    private static func json(_ line: ScriptCall.Line) -> JSONValue {
        [
            "level": .string(line.level.rawValue), "message": .string(line.message),
            "fields": .array(line.fields.map { .string($0) }),
        ]
    }

    /// Whole seconds stay integers, as people write them.
    private static func seconds(_ duration: Duration) -> JSONValue {
        let milliseconds = duration.milliseconds
        return milliseconds % 1000 == 0 ? .int(milliseconds / 1000) : .number("\(Double(milliseconds) / 1000)")
    }
}
