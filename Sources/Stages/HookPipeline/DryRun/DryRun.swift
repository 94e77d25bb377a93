// SPDX-License-Identifier: Apache-2.0
// What the router would do with one event: the real stages 2 to 4, then the exact requests of stage 6. It touches
// neither the network nor the store, and knows no secret: test keys stand in, and are taken out of what is shown.
package import HookCore
import HookDeliver
import HookIngest
import HookRoute
import HookTransform
package import HookVerify

package struct DryRun: Sendable {
    /// Where the event comes from.
    package enum Input: Sendable {
        /// As a request to a source; `signs` makes it pass the source's checks with test keys, else they are skipped.
        case request(source: SourceName, headers: [(name: String, value: String)], query: String, signs: Bool)
        /// As an event of this type.
        case event(type: String, version: Int?, headers: [(name: String, value: String)], query: String)
    }

    /// Why there is no result.
    package enum Failure: Error, Sendable {
        case unknownSource(SourceName)
        case refused(VerifyFailure)
        /// The request is a handshake; this is its answer.
        case challenge([UInt8])
        case notJSON(JSONFailure)
    }

    private let revision: Revision
    private let environment: Environment

    package init(revision: Revision, environment: Environment) {
        self.revision = revision
        self.environment = environment
    }

    /// - Parameter only: look at this route alone.
    package func run(_ body: [UInt8], _ input: Input, only: RouteName? = nil) throws(Failure) -> DryRunReport {
        let began = self.environment.now()
        let verified = try self.verified(body, input)
        let verifiedAt = self.environment.now()
        let specs = self.revision.configuration.routes.filter { only == nil || $0.name == only }
        let table = RouteTable(routes: specs)
        let worker = ScriptWorker(
            self.revision.scripts, revision: self.revision.id, mode: .test,
            secrets: TestSecrets(for: self.revision.configuration), signals: Signals(),
            environment: self.environment)
        var conditions = worker
        let explanations = table.explain(verified.event, scripts: &conditions)
        let routeBegan = self.environment.now()
        let routed = table.match(verified, scripts: &conditions)
        let routedAt = self.environment.now()
        let targets = self.targets(of: routed, with: worker)
        let prepared = Transform().apply(
            routed, using: worker, templates: self.revision.templates, revision: self.revision.id)
        return DryRunReport(
            event: verified.event, revision: self.revision.id,
            timing: DryRunReport.Timing(
                verify: verifiedAt - began, route: routedAt - routeBegan,
                transform: targets.reduce(.zero) { $0 + ($1.call?.duration ?? .zero) }),
            explanations: explanations, targets: targets, fates: prepared.fates, held: prepared.held)
    }

    private func verified(_ body: [UInt8], _ input: Input) throws(Failure) -> Verified {
        let now = self.environment.wall()
        let id = EventID(time: now, random: self.environment.random())
        switch input {
        case .event(let type, let version, let headers, let query):
            do throws(JSONFailure) {
                let data = try JSONDocument(parsing: body)
                return Verify.trusting(
                    Event(
                        id: id, source: SourceName("dry-run"), type: type, version: version, time: now, query: query,
                        headers: HeaderBlock(headers.map { ($0.name, $0.value) }), body: body, data: data))
            } catch {
                throw .notJSON(error)
            }
        case .request(let name, let headers, let query, let signs):
            guard let source = self.revision.configuration.source(name) else { throw .unknownSource(name) }
            return try self.verified(body, source, headers, query, signs: signs, id: id, at: now)
        }
    }

    private func verified(
        _ body: [UInt8], _ source: SourceSpec, _ headers: [(name: String, value: String)], _ query: String, signs: Bool,
        id: EventID, at now: WallTime
    ) throws(Failure) -> Verified {
        var headers = headers
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append(("content-type", "application/json"))
        }
        if signs {
            let request = TestSignature.Request(path: source.path, headers: headers, body: body)
            let secret = source.verify.secrets.first.flatMap { TestSecrets().values(of: $0).first }
            // Where it cannot be signed it goes unsigned, and stage 2 says so.
            headers += (try? TestSignature.sign(request, spec: source, secret: secret, now: now)) ?? []
        }
        let accepted = Recall.accepted(
            id: id, source: source.name, at: now, method: "POST", path: source.path, query: query,
            headers: HeaderBlock(headers.map { ($0.name, $0.value) }), body: body)
        let verify = Verify(
            sources: [source], secrets: TestSecrets(),
            jsonDepthMax: self.revision.configuration.server.ingest.jsonDepthMax)
        switch signs ? verify.check(accepted, now: now) : verify.admit(accepted) {
        case .verified(let verified): return verified
        case .challenge(let reply): throw .challenge(reply.body)
        case .refused(let failure): throw .refused(failure)
        }
    }

    /// Runs each chosen target by itself, so that its script's cost and result can be told apart from the others'.
    private func targets(of routed: Routed, with worker: ScriptWorker) -> [DryRunReport.Target] {
        var results: [DryRunReport.Target] = []
        var ordinal: UInt16 = 0
        for hit in routed.hits {
            for target in hit.targets {
                let hit = Routed.Hit(route: hit.route, onError: hit.onError, caseName: hit.caseName, targets: [target])
                let one = RouteTable.isolate(hit, of: routed)
                let prepared = Transform().apply(
                    one, using: worker, templates: self.revision.templates, revision: self.revision.id)
                let requests = prepared.deliveries.map { delivery in
                    ordinal += 1
                    return self.request(for: delivery, ordinal: ordinal, of: prepared.event)
                }
                results.append(
                    DryRunReport.Target(
                        route: hit.route, caseName: hit.caseName, destination: target.destination,
                        call: target.transform == nil ? nil : worker.lastCall,
                        policy: self.revision.configuration.destination(target.destination)?.policy,
                        requests: requests, held: prepared.held.first?.failure,
                        dropped: prepared.deliveries.isEmpty ? prepared.fates.first?.reason : nil))
            }
        }
        return results
    }

    private func request(for delivery: PreparedDelivery, ordinal: UInt16, of event: Event) -> DryRunReport.Request {
        let body = delivery.body ?? event.body
        let ticket = DeliveryTicket(
            id: DeliveryID(event: event.id, ordinal: ordinal), route: delivery.route, destination: delivery.destination,
            body: body, contentType: delivery.contentType, request: delivery.request, attemptsMade: 0,
            attemptsInCycle: 0,
            acceptedAt: event.time, cycleBegan: event.time, dueAt: event.time)
        guard let spec = self.revision.configuration.destination(delivery.destination) else {
            return DryRunReport.Request(
                outbound: nil, problem: "no such destination", body: body, isUnchanged: delivery.body == nil)
        }
        do throws(DeliverFailure) {
            let outbound = try AttemptRequest.render(
                ticket, DestinationPlan(spec), attempt: 1, now: event.time, secrets: TestSecrets())
            return DryRunReport.Request(
                outbound: SecretMask(spec).masked(outbound), problem: nil, body: body, isUnchanged: delivery.body == nil
            )
        } catch {
            return DryRunReport.Request(
                outbound: nil, problem: error.detail, body: body, isUnchanged: delivery.body == nil)
        }
    }
}
