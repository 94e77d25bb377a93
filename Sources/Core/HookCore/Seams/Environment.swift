// SPDX-License-Identifier: Apache-2.0

/// Time and chance, the one door through which they enter; a test holds all of them.
package struct Environment: Sendable {
    /// Time since an arbitrary start; never jumps. For intervals and timers.
    package let now: @Sendable () -> Duration
    /// The wall clock; may jump. For what people and peers see.
    package let wall: @Sendable () -> WallTime
    package let random: @Sendable () -> UInt64
    package let variable: @Sendable (String) -> String?
    /// Waits without holding a thread; throws `CancellationError` when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Duration, wall: @escaping @Sendable () -> WallTime,
        random: @escaping @Sendable () -> UInt64, variable: @escaping @Sendable (String) -> String?,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.sleep = sleep
        self.now = now
        self.wall = wall
        self.random = random
        self.variable = variable
    }
}

/// A secret's bytes. Prints as `‹secret›` whatever asks; only signing and comparing code calls ``reveal()``.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func reveal() -> [UInt8] { self.bytes }
    package var description: String { "‹secret›" }
    package var debugDescription: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Resolves names of secrets, again on every use, so that a rotated file counts without a reload.
package protocol SecretReading: Sendable {
    /// The current value, then the previous one where there is one; empty where it cannot be read.
    func values(of name: SecretName) -> [Secret]
}
