// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization

/// The body of stage 6's thread. Ten lines of loop; the rest carries effects out.
struct DeliverLoop {
    private let deliver: Deliver
    private var secrets: any SecretReading = NoSecrets()
    private var random: EnvironmentRandom
    private var wakeAt: Duration?
    /// Results that came about without the network: requests that could not be made.
    private var atOnce: [Dispatcher.Input] = []
    private var endBy: Duration?

    init(_ deliver: Deliver) {
        self.deliver = deliver
        self.random = EnvironmentRandom(environment: deliver.environment)
    }

    func run() {
        var loop = self
        while let messages = loop.deliver.inbox.takeAll(within: loop.patience) {
            loop.turn(messages)
            if loop.hasEnded { break }
        }
        loop.end()
    }

    /// How long to sleep at most.
    private var patience: Duration {
        if !self.atOnce.isEmpty { return .zero }
        let now = self.deliver.environment.now()
        // An hour: an idle stage wakes rarely, and a clock that stands still in a test cannot hang it.
        return [self.wakeAt, self.endBy].compactMap { $0 }.map { max(.zero, $0 - now) }.min() ?? .seconds(3600)
    }

    private var hasEnded: Bool {
        guard let endBy = self.endBy else { return false }
        return self.deliver.dispatcher.withLock { $0.isIdle } && self.atOnce.isEmpty
            || self.deliver.environment.now() >= endBy
    }

    private mutating func turn(_ messages: [Deliver.Message]) {
        let now = self.deliver.environment.now()
        let wall = self.deliver.environment.wall()
        var inputs = self.atOnce
        self.atOnce = []
        for message in messages { self.take(message, into: &inputs) }
        let overflow = self.deliver.takeOverflow(wall: wall)
        if !overflow.isEmpty { inputs.append(.woken(overflow)) }
        var random = self.random
        let effects = self.deliver.dispatcher.withLock { $0.step(inputs, now: now, wall: wall, random: &random) }
        self.carryOut(effects, wall: wall)
    }

    private mutating func take(_ message: Deliver.Message, into inputs: inout [Dispatcher.Input]) {
        switch message {
        case .input(let input): inputs.append(input)
        case .finished(let attempts): inputs += attempts.map { .finished($0.delivery, $0.result) }
        case .configured(let plan, let secrets):
            self.secrets = secrets
            inputs.append(.reconfigured(plan))
        case .shutdown(let moment):
            self.endBy = moment
            inputs.append(.shutdown)
        }
    }

    private func end() {
        let deliver = self.deliver
        // What is cut off here has not been recorded, so it is pending when the process starts again.
        deliver.transport.stop {
            deliver.inbox.close()
            deliver.signals.end()
        }
    }
}

// MARK: - Effects

extension DeliverLoop {
    private mutating func carryOut(_ effects: [Dispatcher.Effect], wall: WallTime) {
        var attempts: [OutboundAttempt] = []
        for effect in effects {
            switch effect {
            case .send(let ticket, let plan, let attempt):
                do throws(DeliverFailure) {
                    let request = try AttemptRequest.render(
                        ticket, plan, attempt: attempt, now: wall, secrets: self.secrets)
                    attempts.append(OutboundAttempt(delivery: ticket.id, request: request, plan: plan))
                } catch {
                    self.atOnce.append(.finished(ticket.id, error.result))
                }
            case .load(let name, let limit, let dueBy): self.load(name, limit: limit, dueBy: dueBy)
            case .settle(let settled): self.settle(settled)
            case .wakeAt(let moment): self.wakeAt = moment
            }
        }
        if !attempts.isEmpty { self.deliver.transport.send(attempts) }
    }

    private func load(_ name: DestinationName, limit: Int, dueBy: WallTime) {
        let deliver = self.deliver
        deliver.store.pending(for: name, dueBy: dueBy, limit: limit) { page in
            if case .failure(let failure) = page { deliver.signals.loadFailed(name, failure) }
            deliver.post(.input(.loaded(name, page)))
        }
    }

    private func settle(_ settled: [Settled]) {
        FaultPoint.afterSend.hit()
        let deliver = self.deliver
        let arrivals = deliver.dispatcher.withLock { $0.arrivals(in: settled) }
        deliver.store.settle(settled) { result in
            switch result {
            case .success:
                deliver.signals.recorded(settled)
                for (route, took) in arrivals { deliver.signals.endToEnd(route: route, took: took) }
            case .failure(let failure): deliver.signals.settleFailed(failure, count: settled.count)
            }
            let isDurable = if case .success = result { true } else { false }
            deliver.post(.input(.settled(settled.map(\.delivery), isDurable: isDurable)))
        }
    }
}

/// Until the first configuration: no secret can be read, so nothing signed is sent.
private struct NoSecrets: SecretReading {
    func values(of name: SecretName) -> [Secret] { [] }
}

/// The environment's chance as a generator.
struct EnvironmentRandom: RandomNumberGenerator, Sendable {
    let environment: Environment

    mutating func next() -> UInt64 { self.environment.random() }
}
