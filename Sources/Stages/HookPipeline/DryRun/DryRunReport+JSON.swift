// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookDeliver
import HookRoute
import HookTransform

extension DryRunReport {
    /// `hookswitch/dry-run@1`; keys are only ever added.
    package var json: JSONValue {
        [
            "schema": "hookswitch/dry-run@1",
            "event": [
                "id": .string(self.event.id.description), "type": .string(self.event.type),
                "version": self.event.version.map { .int($0) } ?? .null, "bytes": .int(self.event.body.count),
                "source": .string(self.event.source.text), "sender_id": .text(self.event.senderID),
            ],
            "revision": .string(self.revision.text),
            "timing_us": [
                "verify": .int(Self.microseconds(self.timing.verify)),
                "route": .int(Self.microseconds(self.timing.route)),
                "transform": .int(Self.microseconds(self.timing.transform)),
            ],
            "routes": .array(self.explanations.map(self.json)),
            "deliveries": .int(self.deliveries),
            "sent": 0,
        ]
    }

    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    private func json(_ route: RouteExplanation) -> JSONValue {
        let fate = self.fates.first { $0.route == route.route }
        let held = self.held.first { $0.route == route.route }
        var targets = route.targets.map { self.json($0, route.route, caseName: nil) }
        for one in route.cases {
            targets += one.targets.map { self.json($0, route.route, caseName: one.name, isChosen: one.isChosen) }
        }
        return [
            "name": .string(route.route.text),
            "matched": .bool(route.isMatched),
            "at": .string("\(route.mark.file):\(route.mark.line):\(route.mark.column)"),
            "fate": .text(fate?.kind.rawValue),
            "reason": .text(fate?.reason),
            "conditions": .array(route.conditions.map(Self.json)),
            "because": route.because.map(Self.json) ?? .null,
            "case": .text(route.caseName),
            "targets": .array(targets),
            "held": held.map { ["code": .string($0.failure.code), "reason": .string($0.failure.message)] } ?? .null,
        ]
    }

    private static func json(_ condition: ConditionExplanation) -> JSONValue {
        [
            "path": .string(condition.path), "op": .string(condition.op), "want": condition.want,
            "got": condition.got ?? .null, "ok": .bool(condition.isMet),
        ]
    }

    private func json(
        _ target: TargetExplanation, _ route: RouteName, caseName: String?, isChosen: Bool = true
    ) -> JSONValue {
        let result =
            isChosen && target.isSent
            ? self.targets.first {
                $0.route == route && $0.destination == target.destination && $0.caseName == caseName
            } : nil
        let request = result?.requests.first
        return [
            "destination": .string(target.destination.text),
            "case": .text(caseName),
            "send": .bool(!(result?.requests.isEmpty ?? true)),
            "because": target.because.map(Self.json) ?? .null,
            "transform": result?.call.map {
                ["script": .string($0.script), "us": .int(Self.microseconds($0.duration)), "steps": .int($0.steps)]
            } ?? .null,
            "diff": .array(request.map { self.differences(of: $0).map(Self.json) } ?? []),
            "dropped": .text(result?.dropped),
            "held": result?.held.map { ["code": .string($0.code), "reason": .string($0.message)] } ?? .null,
            "request": request.map(Self.json) ?? .null,
            "requests": .array(result?.requests.map(Self.json) ?? []),
        ]
    }

    private static func json(_ difference: JSONDifference) -> JSONValue {
        [
            "op": .string(difference.operation.rawValue), "path": .string(difference.path),
            "value": difference.value ?? .null,
        ]
    }

    private static func json(_ request: Request) -> JSONValue {
        guard let outbound = request.outbound else { return ["problem": .text(request.problem)] }
        return [
            "method": .string(outbound.method), "url": .string(outbound.url),
            "headers": .array(outbound.headers.map { ["name": .string($0.name), "value": .string($0.value)] }),
            // JSON bodies as JSON, others as text.
            "body": (try? JSONValue(parsing: request.body)) ?? .string(String(decoding: request.body, as: UTF8.self)),
            "signed_with": .text(outbound.signedWith?.text),
            "unchanged": .bool(request.isUnchanged),
        ]
    }
}
