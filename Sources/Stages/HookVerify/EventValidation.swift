// SPDX-License-Identifier: Apache-2.0
import HookCore

/// `validate:` of one source: events against the schemas of the catalogue, after the sender is known and the body read.
struct EventValidation: Sendable {
    /// The schemas of one type; nil where every body is valid.
    private struct Plan: Sendable {
        let current: SchemaProgram?
        let versions: [(number: Int, program: SchemaProgram?)]

        init(_ type: EventTypeSpec) {
            self.current = type.current?.schema?.program
            self.versions = type.versions.map { ($0.number, $0.schema?.program) }
        }
    }

    private let mode: SourceSpec.Validation
    private let catalogue: CatalogueSpec
    private let plans: [String: Plan]

    init(_ mode: SourceSpec.Validation, _ catalogue: CatalogueSpec) {
        self.mode = mode
        self.catalogue = catalogue
        self.plans =
            mode == .off
            ? [:]
            : Dictionary(
                catalogue.types.filter { !$0.versions.isEmpty }.map { ($0.name, Plan($0)) },
                uniquingKeysWith: { first, _ in first })
    }

    /// HOT: the event, marked where it is to be kept aside.
    ///
    /// - Errors: where invalid events are refused.
    func judged(_ verified: Verified) throws(VerifyFailure) -> Verified {
        guard let plan = self.plans[verified.event.type], !Self.passes(verified.event, plan),
            // Why, and in words, is for the few that do not pass.
            let breach = self.catalogue.breach(of: verified.event)
        else { return verified }
        if self.mode == .reject { throw .schema(breach) }
        return Verified(event: verified.event, dedupe: verified.dedupe, breach: breach)
    }

    private static func passes(_ event: Event, _ plan: Plan) -> Bool {
        let program: SchemaProgram?
        if let number = event.version {
            guard let version = plan.versions.first(where: { $0.number == number }) else { return false }
            program = version.program
        } else {
            program = plan.current
        }
        guard let program else { return true }
        return event.data.map { program.isValid($0) } ?? false
    }
}
