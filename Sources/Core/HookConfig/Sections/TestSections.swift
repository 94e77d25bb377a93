// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A `tests:` entry while it is read.
struct TestDraft: Sendable {
    var clock: WallTime?
    var only: [RouteName] = []
    var event: RouteTestSpec.EventStep?
    var request: RouteTestSpec.RequestStep?
    var steps: [RouteTestSpec.Step]?
    var responses: [(destination: DestinationName, answers: [RouteTestSpec.Answer])] = []
    var lookups: [(key: YAMLNode, name: String, value: [LookupAnswer])] = []
    var expect = RouteTestSpec.Expectation()
    var roundTrip: RouteTestSpec.RoundTrip?

    static let section = Section<TestDraft>(
        title: "a test",
        summary:
            "Events or requests in, the exact set of deliveries out. Time is virtual; nothing touches the network.",
        fields: [
            Field("clock", .date, \.clock, default: "2026-01-01T00:00:00Z", "The time at which the test begins."),
            Field("only", .oneOrMore(.testRoute), \.only, default: "every route", "Routes that take part."),
            Field("event", .testEvent, \.event, "An event, as if it had been verified."),
            Field("request", .testRequest, \.request, "A request, as it would come over HTTP."),
            Field(
                "steps", .list(of: .testStep), \.steps,
                "Several events, requests and advances of the clock, in order."),
            Field(
                "responses", .map(of: .oneOrMore(.answer), keys: "destinations"), default: "200",
                "Answers of destinations, one an attempt; the last one repeats."
            ) { _, _ in },
            Field(
                "lookups", .map(of: .oneOrMore(.lookupAnswer), keys: "addresses"), \.lookups,
                "Answers to the look-ups of enrich, one a try; the last one repeats."),
            Field(
                "expect", .testExpectation, \.expect,
                "What must come of it; a test needs this, a check, or expectations in its steps."),
            Field("check", .check, "A Lua assertion about the result; the same as check in expect.") {
                $0.expect.check = $1
            },
            Field(
                "max_steps", .integer(1...100_000_000, example: "10000"), \.expect.maxSteps,
                "Most steps of any script call; the same as max_steps in expect."),
            Field(
                "round_trip", .roundTrip, \.roundTrip,
                "Converts data of an event type to another version and back; both must be equal."),
        ])

    static func read(_ name: String, _ entry: YAMLNode.Entry, _ checker: Checker) -> RouteTestSpec? {
        var draft = TestDraft()
        let node = entry.value
        guard Self.section.read(node, into: &draft, checker) else { return nil }
        var test = RouteTestSpec(name: name, mark: entry.key.at)
        test.clock = draft.clock
        if let trip = node.entry(of: "round_trip") {
            test.roundTrip = draft.roundTrip
            Self.checkRoundTrip(node, trip, checker)
            return test
        }
        test.only = draft.only
        test.expect = draft.expect
        test.responses = Self.responses(node, checker)
        test.lookups = draft.lookups.map { RouteTestSpec.LookupScript(url: $0.name, answers: $0.value) }
        let inputs = ["event", "request", "steps"].compactMap { node.entry(of: $0)?.key }
        if inputs.count != 1 {
            checker.report(
                "test/input", at: inputs.dropFirst().first?.at ?? entry.key.at,
                inputs.isEmpty ? "the test has no input" : "the test has several inputs",
                hint: "one of event, request and steps")
        }
        test.steps =
            draft.steps ?? draft.event.map { [.init(.event($0))] } ?? draft.request.map { [.init(.request($0))] } ?? []
        let isJudged =
            ["expect", "check", "max_steps"].contains { node.entry(of: $0) != nil }
            || node.value(of: "steps")?.items?.contains { $0.entry(of: "expect") != nil } == true
        if !isJudged {
            checker.report(
                "config/missing-key", at: node.at, "a test needs the key \"expect\"",
                hint: "expect: {deliveries: []} says that nothing is sent")
        }
        return test
    }

    /// A round trip says by itself what must come of it.
    private static func checkRoundTrip(_ node: YAMLNode, _ trip: YAMLNode.Entry, _ checker: Checker) {
        for key in ["event", "request", "steps", "expect", "check", "max_steps", "only", "responses"] {
            guard let other = node.entry(of: key) else { continue }
            checker.report(
                "config/conflict", at: other.key.at, "\"round_trip\" and \"\(key)\" exclude each other",
                hint: "make two tests of them",
                notes: [Diagnostic.Note("round_trip stands here", at: trip.key.at)])
        }
    }

    private static func responses(
        _ node: YAMLNode, _ checker: Checker
    ) -> [(destination: DestinationName, answers: [RouteTestSpec.Answer])] {
        guard let node = node.value(of: "responses") else { return [] }
        return
            (Shape<[RouteTestSpec.Answer]>.map(of: .oneOrMore(.answer), keys: "destinations").read(node, checker) ?? [])
            .compactMap { key, _, answers in
                Shape<DestinationName>.testDestination.read(key, checker).map { ($0, answers) }
            }
    }
}

extension Shape {
    static var testRoute: Shape<RouteName> {
        Shape<String>.reference(.routes, code: "test/unknown-name").map { RouteName($0) }
    }
    static var testSource: Shape<SourceName> {
        Shape<String>.reference(.sources, code: "test/unknown-name").map { SourceName($0) }
    }

    static var testDestination: Shape<DestinationName> {
        let destination = Shape<String>.reference(.destinations, code: "test/unknown-name")
        return Shape<String>(
            "the name of a destination, or subscriber/endpoint", example: "chat", schema: destination.schema
        ) { node, checker in
            guard let text = node.raw, let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else {
                return destination.read(node, checker)
            }
            if checker.endpoints[text] != nil || !checker.names.isComplete { return text }
            let subscriber = String(decoding: text.utf8[..<slash], as: UTF8.self)
            if !checker.names.contains(subscriber, .subscribers) {
                checker.unknownName(subscriber, .subscribers, at: node.at, code: "test/unknown-name")
            } else {
                let near = NearestName.to(text, among: checker.endpoints.keys.sorted())
                checker.report(
                    "test/unknown-name", at: node.at, "no endpoint is called \"\(text)\"", near: near,
                    instead: "declare it below endpoints: of \(subscriber)")
            }
            return nil
        }.map { DestinationName($0) }
    }

    /// A destination, or `subscriber/endpoint`.
    static var expectedTarget: Shape<String> { Shape<DestinationName>.testDestination.map(\.text) }

    /// `503`, `refused`, `timeout`, `{status: 429, retry_after: 10}`.
    static var answer: Shape<RouteTestSpec.Answer> {
        let section = AnswerDraft.section
        return Shape<RouteTestSpec.Answer>(
            "a status, refused or timeout", example: "503",
            schema: ["anyOf": [["type": "integer"], ["enum": ["refused", "timeout"]], section.schema]],
            sections: [section.note]
        ) { node, checker in
            switch node.raw {
            case "refused": return .refused
            case "timeout": return .timeout
            default: break
            }
            var draft = AnswerDraft()
            if node.entries != nil {
                return section.read(node, into: &draft, checker)
                    ? .status(draft.status, retryAfter: draft.retryAfter) : nil
            }
            return Shape<Int>.integer(100...599, example: "503").read(node, checker).map { .status($0) }
        }
    }
}

struct AnswerDraft: Sendable {
    var status = 200
    var retryAfter: Int?

    static let section = Section<AnswerDraft>(
        title: "an answer", summary: "What a destination answers.",
        fields: [
            Field("status", .integer(100...599, example: "429"), \.status, isRequired: true, "Status."),
            Field(
                "retry_after", .integer(0...1_000_000, example: "10"), \.retryAfter,
                "Seconds in the Retry-After header."),
        ])
}
