// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookTransform

/// The request of one prepared delivery under one revision, as an example shows it: with test keys, and those taken out.
struct DiffRequest {
    let side: DiffSide

    func request(for delivery: PreparedDelivery, of event: Event) -> DiffReport.Request {
        let body = delivery.body ?? event.body
        func report(_ outbound: OutboundRequest?, _ problem: String?) -> DiffReport.Request {
            DiffReport.Request(outbound: outbound, problem: problem, body: body, contentType: delivery.contentType)
        }
        guard let plan = self.side.plans[delivery.destination],
            let spec = self.side.revision.configuration.destination(delivery.destination)
        else { return report(nil, "no such destination") }
        let ticket = DeliveryTicket(
            id: DeliveryID(event: event.id, ordinal: 1), route: delivery.route, destination: delivery.destination,
            body: body, contentType: delivery.contentType, request: delivery.request, attemptsMade: 0,
            attemptsInCycle: 0, acceptedAt: event.time, cycleBegan: event.time, dueAt: event.time)
        do throws(DeliverFailure) {
            let outbound = try AttemptRequest.render(ticket, plan, attempt: 1, now: event.time, secrets: TestSecrets())
            return report(SecretMask(spec).masked(outbound), nil)
        } catch {
            return report(nil, error.detail)
        }
    }

    /// The parts in which two requests differ, in the words of a report; `body` first.
    static func differences(_ requests: (was: DiffReport.Request, now: DiffReport.Request)) -> [String] {
        let (before, after) = requests
        var parts: [String] = []
        if before.body != after.body { parts.append("body") }
        guard let old = before.outbound, let new = after.outbound else {
            if (before.outbound == nil) != (after.outbound == nil) || before.problem != after.problem {
                parts.append("request")
            }
            return parts
        }
        if old.method != new.method { parts.append("method") }
        if old.url != new.url { parts.append("url") }
        parts += Self.headerDifferences(old, new)
        return parts
    }

    private static func headerDifferences(_ old: OutboundRequest, _ new: OutboundRequest) -> [String] {
        let before = Dictionary(old.headers.map { ($0.name, $0.value) }) { $0 + ", " + $1 }
        let after = Dictionary(new.headers.map { ($0.name, $0.value) }) { $0 + ", " + $1 }
        let names = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        return names.sorted().map { "header \($0)" }
    }
}
