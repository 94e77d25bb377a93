// SPDX-License-Identifier: Apache-2.0
// What the router would do with one event: the real stages 2 to 4, then the exact requests of stage 6. It touches
// neither the network nor the store. Test keys stand in for secrets, and are taken out of what is shown.
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
        /// From a file; as a request to `source`, or to its own source where that is nil.
        case saved(SavedEvent, source: SourceName?, signs: Bool)
    }

    /// Why there is no result.
    package enum Failure: Error, Sendable {
        case unknownSource(SourceName)
        /// The body of an event of a given type cannot be read.
        case unreadable(VerifyFailure)
    }

    package enum Outcome: Sendable {
        case routed(DryRunReport)
        /// Stage 1 or 2 ends it.
        case ended(DryRunEnd)
    }

    private let revision: Revision
    private let environment: Environment
    private let table: RouteTable
    /// Real values, for signatures that are to be shown; nil: signatures are masked.
    private let signing: (any SecretReading)?

    /// - Parameter only: look at this route alone.
    /// - Parameter signing: where the keys of outgoing signatures are read; without it none is shown.
    package init(
        revision: Revision, environment: Environment, only: RouteName? = nil, signing: (any SecretReading)? = nil
    ) {
        self.revision = revision
        self.environment = environment
        self.signing = signing
        self.table =
            only.map { name in revision.table(of: revision.configuration.routes.filter { $0.name == name }) }
            ?? revision.routes
    }

    package func run(_ body: [UInt8], _ input: Input) throws(Failure) -> Outcome {
        let began = self.environment.now()
        let arrival = DryRunArrival(revision: self.revision, environment: self.environment)
        switch try arrival.arrive(body, input) {
        case .ended(let end): return .ended(end)
        case .verified(let verified, let check):
            return .routed(self.report(verified, check, verify: self.environment.now() - began))
        }
    }

    private func report(_ verified: Verified, _ check: SourceCheck, verify: Duration) -> DryRunReport {
        let worker = self.worker()
        let notes = PathNotes(worker, now: self.environment.now)
        let began = self.environment.now()
        let prepared = Pipeline.prepare(
            verified, routes: self.table, emittedTo: self.revision.routes, under: self.revision, with: worker,
            notes: notes)
        let ended = self.environment.now()
        var conditions = worker
        let timing = DryRunReport.Timing(
            verify: verify, route: notes.routedAt - began, transform: ended - notes.routedAt)
        return self.report(prepared, notes, check, timing, self.table, &conditions)
    }

    private func report(
        _ prepared: Prepared, _ notes: PathNotes, _ check: SourceCheck, _ timing: DryRunReport.Timing,
        _ table: RouteTable, _ conditions: inout ScriptWorker
    ) -> DryRunReport {
        let explanations = self.revision.explain(prepared.event, in: table, scripts: &conditions)
        var report = DryRunReport(
            schema: self.schema(of: prepared), prepared: prepared, revision: self.revision.id, check: check,
            unrouted: self.revision.configuration.defaults.unrouted,
            timing: timing, explanations: explanations, conditionCalls: notes.conditionCalls,
            conversions: notes.allConversions, targets: self.targets(of: prepared, notes))
        report.emissions = notes.emissions
        for member in prepared.members { report.windows[member.route] = member.close }
        let none = DryRunReport.Timing(verify: .zero, route: .zero, transform: .zero)
        for (child, notes) in zip(prepared.emitted, notes.emitted) {
            report.emitted.append(self.report(child, notes, .none, none, self.revision.routes, &conditions))
        }
        return report
    }

    /// The event against the catalogue, whatever its source does with the answer.
    private func schema(of prepared: Prepared) -> DryRunReport.Schema? {
        let catalogue = self.revision.configuration.catalogue
        let event = prepared.event
        if let breach = catalogue.breach(of: event) {
            return DryRunReport.Schema(
                name: breach.name, violations: breach.violations, isKeptAside: prepared.breachCode != nil)
        }
        return catalogue.checkedName(event.type, event.version).map {
            DryRunReport.Schema(name: $0, violations: [], isKeptAside: false)
        }
    }

    /// A worker as the router's, whose scripts see that this is a test, and no secret.
    private func worker() -> ScriptWorker {
        ScriptWorker(
            self.revision.scripts, revision: self.revision.id, mode: .test,
            secrets: TestSecrets(for: self.revision.configuration), signals: Signals(), environment: self.environment)
    }

    private func targets(of prepared: Prepared, _ notes: PathNotes) -> [DryRunReport.Target] {
        var rest = Array(zip(prepared.deliveries, prepared.tickets))[...]
        return notes.targets.map { outcome, call in
            let own = rest.prefix(outcome.deliveries)
            rest = rest.dropFirst(outcome.deliveries)
            return DryRunReport.Target(
                outcome: outcome, call: call,
                destination: self.revision.configuration.destination(outcome.destination),
                requests: own.map { delivery, ticket in
                    self.request(for: ticket, of: outcome.view, isUnchanged: delivery.body == nil)
                })
        }
    }

    private func request(
        for ticket: DeliveryTicket, of view: Event, isUnchanged: Bool
    ) -> DryRunReport.Request {
        guard let spec = self.revision.configuration.destination(ticket.destination) else {
            return DryRunReport.Request(
                ticket: ticket, wire: nil, shown: nil, signature: nil, problem: "no such destination",
                isUnchanged: isUnchanged, view: view)
        }
        let keys = SigningKeys(spec, real: self.signing)
        do throws(DeliverFailure) {
            let wire = try AttemptRequest.render(
                ticket, DestinationPlan(spec), attempt: 1, now: ticket.acceptedAt, secrets: keys)
            return DryRunReport.Request(
                ticket: ticket, wire: wire, shown: SecretMask(spec, signatures: keys.mask).masked(wire),
                signature: keys.signature, problem: nil, isUnchanged: isUnchanged, view: view)
        } catch {
            return DryRunReport.Request(
                ticket: ticket, wire: nil, shown: nil, signature: nil, problem: error.detail, isUnchanged: isUnchanged,
                view: view)
        }
    }
}
