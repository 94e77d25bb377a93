// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTransform

/// Watches one event on its way through stages 3 and 4: when it was routed, what became of each target, what each
/// script cost. The way itself is that of every event.
final class PathNotes {
    private let worker: ScriptWorker
    private let now: @Sendable () -> Duration
    private(set) var routedAt: Duration
    /// In the order of the targets.
    private(set) var targets: [(outcome: TargetOutcome, call: ScriptCall?)] = []
    /// What routes emit, in their order.
    private(set) var emissions: [(outcome: EmissionOutcome, call: ScriptCall?)] = []
    /// The ways of the emitted events, in their order.
    private(set) var emitted: [PathNotes] = []
    /// Conversions of the event, and of what transforms made of it.
    private(set) var conversions: [ConversionNote] = []
    /// Calls of conditions.
    private(set) var conditionCalls: [ScriptCall] = []

    init(_ worker: ScriptWorker, now: @escaping @Sendable () -> Duration) {
        self.worker = worker
        self.now = now
        self.routedAt = now()
    }

    func noteRouted() {
        self.routedAt = self.now()
        self.conditionCalls += self.takeCalls()
    }

    /// Calls of converters stand in ``conversions``.
    private func takeCalls() -> [ScriptCall] { self.worker.takeCalls().filter { $0.conversion == nil } }

    /// With those of emitted events.
    var allConversions: [ConversionNote] { self.conversions + self.emitted.flatMap(\.allConversions) }

    func note(_ conversions: Conversions?) { self.conversions = conversions?.notes ?? [] }

    func noteEmission(_ outcome: EmissionOutcome) { self.emissions.append((outcome, self.takeCalls().last)) }

    /// The notes for an event that a route has emitted.
    func noteEmitted(_ event: Event) -> PathNotes {
        let notes = PathNotes(self.worker, now: self.now)
        self.emitted.append(notes)
        return notes
    }

    func noteTarget(_ outcome: TargetOutcome) { self.targets.append((outcome, self.takeCalls().last)) }
}
