// SPDX-License-Identifier: Apache-2.0
// Time that moves only when a test says so. Both clocks of an Environment come from here.
package import HookCore
import Synchronization

/// A steady clock and a wall clock that stand still until they are moved, and timers that fire while they move.
///
/// - Isolation: any thread. Timers run on the thread that advances the clock, outside the lock.
package final class ManualClock: Sendable {
    private struct Timer {
        let deadline: Duration
        let number: Int
        let work: @Sendable () -> Void
    }

    private struct State {
        var now: Duration = .zero
        var wall: WallTime
        var timers: [Timer] = []
        var nextNumber = 0
    }

    /// 2026-01-01T12:00:00Z.
    package static let start = WallTime(milliseconds: 1_767_268_800_000)

    private let state: Mutex<State>

    package init(wall: WallTime = ManualClock.start) { self.state = Mutex(State(wall: wall)) }

    /// Time since the clock was made.
    package var now: Duration { self.state.withLock { $0.now } }
    package var wall: WallTime { self.state.withLock { $0.wall } }
    /// When the next timer is due; nil where none waits.
    package var nextDeadline: Duration? { self.state.withLock { $0.timers.map(\.deadline).min() } }

    /// Moves both clocks forward and runs the timers that fall due, in order of deadline, then of scheduling; each sees
    /// the clock at its own deadline.
    package func advance(by duration: Duration) {
        let end = self.now + duration
        while let timer = self.takeTimer(dueBy: end) { timer.work() }
        self.state.withLock { Self.move(&$0, to: end) }
    }

    /// Moves the wall clock alone, forwards or back, as an administrator or NTP would.
    package func jumpWall(by duration: Duration) {
        self.state.withLock { $0.wall = $0.wall + duration }
    }

    /// Calls `work` once when the clock has been advanced this far.
    package func schedule(after delay: Duration, _ work: @escaping @Sendable () -> Void) {
        self.state.withLock { state in
            state.timers.append(Timer(deadline: state.now + delay, number: state.nextNumber, work: work))
            state.nextNumber += 1
        }
    }

    /// An environment that holds all four: these clocks, seeded chance and the given variables.
    package func environment(
        random: SeededRandom = SeededRandom(seed: 1), variables: [String: String] = [:]
    ) -> Environment {
        Environment(
            now: { self.now }, wall: { self.wall }, random: { random.next() }, variable: { name in variables[name] })
    }

    private func takeTimer(dueBy end: Duration) -> Timer? {
        self.state.withLock { state in
            let due = state.timers.indices.filter { state.timers[$0].deadline <= end }
            let first = due.min { left, right in
                (state.timers[left].deadline, state.timers[left].number)
                    < (state.timers[right].deadline, state.timers[right].number)
            }
            guard let first else { return nil }
            let timer = state.timers.remove(at: first)
            Self.move(&state, to: timer.deadline)
            return timer
        }
    }

    private static func move(_ state: inout State, to moment: Duration) {
        guard moment > state.now else { return }
        state.wall = state.wall + (moment - state.now)
        state.now = moment
    }
}
