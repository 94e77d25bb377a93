// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization

/// Peers of a test: answers from its `lookups:`, at once; the waits of tries that fail are added up.
final class ScriptedLookups: LookupAnswers {
    private struct State {
        var used: [String: Int] = [:]
        var waited: Duration = .zero
    }

    private let scripts: [RouteTestSpec.LookupScript]
    private let state = Mutex(State())

    init(_ scripts: [RouteTestSpec.LookupScript]) { self.scripts = scripts }

    func answer(to request: LookupRequest) -> LookupAnswer? {
        guard let script = self.scripts.first(where: { $0.url.utf8.elementsEqual(request.url.utf8) }) else {
            return .failed(
                LookupFailure(
                    code: "enrich/no-answer",
                    message: "tests have no network: give an answer for \(request.url) below lookups:",
                    isTransient: false))
        }
        return self.state.withLock { state in
            for number in 1... {
                let place = state.used[script.url, default: 0]
                state.used[script.url] = place + 1
                let answer = script.answers.indices.contains(place) ? script.answers[place] : script.answers.last
                guard case .failed(let failure)? = answer, failure.isTransient, request.onError == .retry,
                    number < LookupJudge.triesMax
                else { return answer }
                state.waited += LookupJudge.delay(before: number)
            }
            return nil
        }
    }

    /// How long the tries since the last time have waited for each other.
    func takeWaited() -> Duration {
        self.state.withLock { state in
            defer { state.waited = .zero }
            return state.waited
        }
    }
}

extension DeliveryTicket {
    /// The same, due later: its route had to wait for a look-up.
    func later(by wait: Duration) -> DeliveryTicket {
        if wait == .zero { return self }
        return DeliveryTicket(
            id: self.id, route: self.route, destination: self.destination, body: self.body,
            contentType: self.contentType, request: self.request, attemptsMade: 0, attemptsInCycle: 0,
            acceptedAt: self.acceptedAt, cycleBegan: self.dueAt + wait, dueAt: self.dueAt + wait)
    }
}
