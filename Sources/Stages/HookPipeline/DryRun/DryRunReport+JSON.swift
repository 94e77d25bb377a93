// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookDeliver
import HookRoute
import HookTransform
import HookVerify

extension DryRunReport {
    /// What a destination for trials said to each request, in order.
    package struct Answer: Sendable {
        package let url: String
        /// Nil where there was no answer; then `problem` says why.
        package let status: Int?
        package let problem: String?

        package init(url: String, status: Int?, problem: String?) {
            self.url = url
            self.status = status
            self.problem = problem
        }
    }

    /// `hookswitch/dry-run@1`; keys are only ever added.
    package var json: JSONValue { self.json(answers: []) }

    /// - Parameter answers: one a request, where they were sent somewhere for a trial.
    package func json(answers: [Answer]) -> JSONValue {
        .object([
            .init("schema", "hookswitch/dry-run@1"),
            .init("event", self.eventJSON),
            .init("revision", .string(self.revision.text)),
            .init(
                "timing_us",
                [
                    "verify": .int(Self.microseconds(self.timing.verify)),
                    "route": .int(Self.microseconds(self.timing.route)),
                    "transform": .int(Self.microseconds(self.timing.transform)),
                ]),
            .init("refused", .null),
            .init("schema_check", self.schemaJSON),
            .init("unmatched", .bool(self.prepared.isUnmatched)),
            .init("routes", .array(self.routesJSON)),
            .init("conversions", .array(self.conversions.map(Self.json))),
            .init("emitted", .array(self.emitted.map(\.emittedJSON))),
            .init("deliveries", .int(self.deliveries)),
            .init("sent", .int(answers.count { $0.status != nil })),
            .init("answers", .array(answers.map(Self.json))),
        ])
    }

    /// `{"name", "valid", "quarantined", "errors"}`; null where the catalogue has no schema for the event.
    private var schemaJSON: JSONValue {
        guard let schema = self.schema else { return .null }
        return [
            "name": .string(schema.name), "valid": .bool(schema.violations.isEmpty),
            "quarantined": .bool(schema.isKeptAside), "errors": .array(schema.violations.map(\.json)),
        ]
    }

    /// The routes alone, as in ``json``.
    package var routesJSON: [JSONValue] { self.explanations.map(self.json) }

    /// An emitted event with what becomes of it.
    private var emittedJSON: JSONValue {
        [
            "event": self.eventJSON, "parent": .text(self.event.lineage?.parent.description),
            "data": self.event.dataValue, "unmatched": .bool(self.prepared.isUnmatched),
            "routes": .array(self.routesJSON), "deliveries": .int(self.deliveries),
            "emitted": .array(self.emitted.map(\.emittedJSON)),
        ]
    }

    private static func json(_ emission: EmissionOutcome, _ call: ScriptCall?) -> JSONValue {
        [
            "type": .string(emission.type), "version": emission.version.map { .int($0) } ?? .null,
            "events": .int(emission.events), "transform": call.map(self.json) ?? .null,
            "dropped": .text(emission.dropped), "failure": emission.failure.map(self.json) ?? .null,
        ]
    }

    private static func json(_ member: WindowMember) -> JSONValue {
        let close = member.close
        return [
            // Our own writer has made the key.
            "key": (try? JSONValue(parsing: member.key)) ?? .null,
            "close": [
                "idle_ms": close.idle.map { .int($0.milliseconds) } ?? .null,
                "after_ms": close.after.map { .int($0.milliseconds) } ?? .null,
                "count": close.count.map { .int($0) } ?? .null, "bytes": close.bytes.map { .int($0) } ?? .null,
            ],
        ]
    }

    private var eventJSON: JSONValue {
        let event = self.event
        let (check, passed): (String?, Bool) =
            switch self.check {
            case .none: (nil, false)
            case .skipped(let words): (words, false)
            case .passed(let words): (words, true)
            }
        return [
            "id": .string(event.id.description), "type": .string(event.type),
            "version": event.version.map { .int($0) } ?? .null, "bytes": .int(event.body.count),
            "source": .string(event.source.text), "sender_id": .text(event.senderID), "subject": .text(event.subject),
            "content_type": .string(event.contentType), "check": .text(check), "checked": .bool(passed),
        ]
    }

    static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    private func json(_ route: RouteExplanation) -> JSONValue {
        let fate = self.prepared.fates.first { $0.route == route.route }
        let held = self.prepared.held.first { $0.route == route.route }
        // What became of the chosen targets stands in their order.
        var results = self.targets(of: route.route)[...]
        var targets: [JSONValue] = []
        for view in route.views {
            targets += view.targets.map { self.json($0, of: view, caseName: nil, isChosen: true, &results) }
            for one in view.cases {
                targets += one.targets.map {
                    self.json($0, of: view, caseName: one.name, isChosen: one.isChosen, &results)
                }
            }
        }
        return .object([
            .init("name", .string(route.route.text)),
            .init("matched", .bool(route.isMatched)),
            .init("at", .string("\(route.mark.file):\(route.mark.line):\(route.mark.column)")),
            .init("enabled", .bool(route.isEnabled)),
            .init("fate", .text(fate?.kind.rawValue)),
            .init("reason", .text(fate?.reason)),
            .init("conditions", .array(route.conditions.map(Self.json))),
            .init("because", route.because.map(Self.json) ?? .null),
            .init("converted_to", route.seenVersion.map { .int($0) } ?? .null),
            .init("case", .text(route.caseName)),
            .init("cases", .array(route.cases.map(Self.json))),
            .init("targets", .array(targets)),
            .init("parts", .array(route.parts.map(Self.partJSON))),
            .init("held", held.map { Self.json($0.failure) } ?? .null),
            .init("emits", .array(self.emissions(of: route.route).map { Self.json($0.outcome, $0.call) })),
            .init("windows", .array(self.members(of: route.route).map(Self.json))),
        ])
    }

    /// What the route asked of one part of the event.
    private static func partJSON(_ part: RouteExplanation) -> JSONValue {
        [
            "part": part.part.map { .int($0) } ?? .null, "matched": .bool(part.isMatched),
            "conditions": .array(part.conditions.map(self.json)), "because": part.because.map(self.json) ?? .null,
            "case": .text(part.caseName), "cases": .array(part.cases.map(self.json)),
        ]
    }

    private static func json(_ one: CaseExplanation) -> JSONValue {
        [
            "name": .string(one.name), "chosen": .bool(one.isChosen),
            "conditions": .array(one.conditions.map(self.json)), "because": one.because.map(self.json) ?? .null,
        ]
    }

    static func json(_ condition: ConditionExplanation) -> JSONValue {
        .object([
            .init("path", .string(condition.path)),
            .init("op", .string(condition.op)),
            .init("want", condition.want),
            .init("got", condition.got ?? .null),
            .init("ok", .bool(condition.isMet)),
            .init("at", .text(condition.mark.map { "\($0.file):\($0.line):\($0.column)" })),
            .init("parts", .array(condition.parts.map(self.json))),
        ])
    }

    package static func json(_ failure: ScriptFailure) -> JSONValue {
        [
            "code": .string(failure.code), "reason": .string(failure.message), "script": .string(failure.script),
            "place": .text(failure.place), "traceback": .array(failure.traceback.map { .string($0) }),
        ]
    }

    private func json(
        _ target: TargetExplanation, of view: RouteExplanation, caseName: String?, isChosen: Bool,
        _ results: inout ArraySlice<Target>
    ) -> JSONValue {
        let result = isChosen && target.isSent ? results.popFirst() : nil
        let request = result?.requests.first
        return .object([
            .init("destination", .string(target.destination.text)),
            .init("case", .text(caseName)),
            .init("part", view.part.map { .int($0) } ?? .null),
            .init("send", .bool(!(result?.requests.isEmpty ?? true))),
            .init("conditions", .array(target.conditions.map(Self.json))),
            .init("because", target.because.map(Self.json) ?? .null),
            .init("transform", result?.call.map(Self.json) ?? .null),
            .init("steps", .array(result.map { OutputWords($0.outcome.output).steps.map { .string($0) } } ?? [])),
            .init("format", .text(result.flatMap { OutputWords($0.outcome.output).format })),
            .init("diff", .array(request.map { self.differences(of: $0).map(Self.json) } ?? [])),
            .init("dropped", .text(result?.outcome.dropped)),
            .init("held", result?.heldFailure.map(Self.json) ?? .null),
            .init("failure", result?.outcome.failure.map(Self.json) ?? .null),
            .init("request", request.map(Self.json) ?? .null),
            .init("requests", .array(result?.requests.map(Self.json) ?? [])),
            .init("policy", result?.destination.map { Self.json($0.policy) } ?? .null),
        ])
    }

    private static func json(_ call: ScriptCall) -> JSONValue {
        [
            "script": .string(call.script), "us": .int(self.microseconds(call.duration)), "steps": .int(call.steps),
            "log": .array(call.lines.map { .string($0.message) }),
        ]
    }

    private static func json(_ difference: JSONDifference) -> JSONValue {
        [
            "op": .string(difference.operation.rawValue), "path": .string(difference.path),
            "value": difference.value ?? .null, "old": difference.old ?? .null,
        ]
    }

    static func json(_ policy: PolicySpec) -> JSONValue {
        let words = PolicyWords(policy)
        return [
            "name": .string(policy.name.text), "retries": .string(words.retries), "outcomes": .string(words.outcomes),
            "limits": .string(words.limits), "attempts_at_ms": .array(words.attempts.map { .int($0.milliseconds) }),
        ]
    }

    private static func json(_ answer: Answer) -> JSONValue {
        [
            "url": .string(answer.url), "status": answer.status.map { .int($0) } ?? .null,
            "problem": .text(answer.problem),
        ]
    }

    private static func json(_ request: Request) -> JSONValue {
        guard let outbound = request.shown else { return ["problem": .text(request.problem)] }
        // JSON bodies as JSON, others as text.
        let value = try? JSONValue(parsing: request.body)
        var members: [JSONValue.Member] = [
            .init("id", .string(request.ticket.id.description)),
            .init("method", .string(outbound.method)),
            .init("url", .string(outbound.url)),
            .init(
                "headers",
                .array(outbound.headers.map { ["name": .string($0.name), "value": .string($0.value)] })),
            .init("body", value ?? SavedEvent.payload(request.body).first?.value ?? .null),
            .init("bytes", .int(request.body.count)),
            .init("due", .text(request.due?.rfc3339)),
            .init("signed_with", .text(outbound.signedWith?.text)),
            .init("test_key", request.signature?.isTestKey.map { .bool($0) } ?? .null),
            .init("unchanged", .bool(request.isUnchanged)),
        ]
        // Where the value does not say the bytes: spaces between members, bytes that are no text.
        if let value, value.encoded() != request.body { members.append(.init("body_text", Self.text(request.body))) }
        if value == nil { members += SavedEvent.payload(request.body).dropFirst() }
        return .object(members)
    }

    private static func text(_ bytes: [UInt8]) -> JSONValue { .string(String(decoding: bytes, as: UTF8.self)) }
}

extension DryRunReport.Target {
    /// Why the target is held; a failure under another `on_error` is not.
    package var heldFailure: ScriptFailure? {
        self.outcome.deliveries == 0 && self.outcome.dropped == nil ? self.outcome.failure : nil
    }
}

extension DryRunEnd {
    /// The same document where the event does not come as far as the routes.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("schema", "hookswitch/dry-run@1"),
            .init(
                "event",
                [
                    "id": .string(self.id.description), "type": .null, "version": .null, "bytes": .int(self.bytes),
                    "source": .string(self.source.text), "sender_id": .null,
                    "content_type": .string(self.contentType),
                ]),
            .init("revision", .string(self.revision.text)),
            .init("timing_us", ["verify": 0, "route": 0, "transform": 0]),
        ]
        switch self.kind {
        case .refused(let stage, let failure):
            members.append(
                .init(
                    "refused",
                    [
                        "stage": .string(stage.rawValue), "status": .int(failure.status),
                        "code": .string(failure.code), "reason": .string(failure.detail),
                        "offset": failure.offset.map { .int($0) } ?? .null,
                    ]))
        case .challenge(let reply):
            members.append(.init("refused", .null))
            members.append(
                .init(
                    "challenge",
                    [
                        "status": .int(reply.status), "content_type": .string(reply.contentType),
                        "body": .string(String(decoding: reply.body, as: UTF8.self)),
                    ]))
        }
        return .object(members + [.init("routes", []), .init("deliveries", 0), .init("sent", 0), .init("answers", [])])
    }
}
