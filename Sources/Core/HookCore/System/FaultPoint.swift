// SPDX-License-Identifier: Apache-2.0
// Places where a test build can be told to die, so that crash tests find in minutes what random kills find in days.
// `HOOKSWITCH_FAULT=after-commit:3` kills the process (SIGKILL) at the third passage. Release builds refuse to start
// with the variable set; without it a passage costs one comparison.
import Glibc
import Synchronization

/// A place where the promise could break.
package enum FaultPoint: String, CaseIterable, Sendable {
    /// The batch is written, not yet committed.
    case beforeCommit = "before-commit"
    /// The batch is durable, nobody has been told.
    case afterCommit = "after-commit"
    /// The destination has answered, the attempt is not recorded.
    case afterSend = "after-send"
    case duringCheckpoint = "during-checkpoint"
    /// An event has taken its place in a window; neither is committed.
    case afterJoin = "after-join"
    /// The function of a window has run, nothing is written of it.
    case afterAggregate = "after-aggregate"
    /// What a window became is about to be written.
    case beforeWindowEnd = "before-window-end"
    /// What a window became is durable, nobody has been told.
    case afterWindowEnd = "after-window-end"
    /// Events that wait for a look-up have been read, nobody has been asked.
    case beforeLookup = "before-lookup"
    /// A look-up was answered and the route has run, nothing is written of it.
    case beforeLookupEnd = "before-lookup-end"
    /// Half of the new revision is in place.
    case duringSwap = "during-swap"

    package static let variable = "HOOKSWITCH_FAULT"

    #if DEBUG
        package static let isCompiledIn = true
    #else
        package static let isCompiledIn = false
    #endif

    private static let armed: (point: FaultPoint, passage: Int)? = {
        guard Self.isCompiledIn, let value = unsafe getenv(Self.variable) else { return nil }
        let parts = unsafe String(cString: value).split(separator: ":")
        guard let name = parts.first, let point = FaultPoint(rawValue: String(name)) else { return nil }
        return (point, parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
    }()

    private static let passages = Atomic<Int>(0)

    /// Dies here if this is the passage that the variable names.
    package func hit() {
        guard let armed = Self.armed, armed.point == self else { return }
        if Self.passages.wrappingAdd(1, ordering: .relaxed).newValue == armed.passage { _ = kill(getpid(), SIGKILL) }
    }
}
