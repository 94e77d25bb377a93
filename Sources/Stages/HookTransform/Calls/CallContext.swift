// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Whether a worker acts for real events or for a dry run or test.
package enum ScriptMode: Sendable {
    case live
    /// `ctx.test` is true; nothing that scripts log or count leaves the call.
    case test
}

/// Everything that host functions of one worker see of the call under way.
///
/// Scripts reach nothing else: what a call may read of the world is what stands here.
final class CallContext {
    /// How a script ended its call early.
    enum Exit: Equatable {
        case drop(reason: String)
        case fail(reason: String)
    }

    struct Current {
        /// What `now()` says for the whole call.
        let now: WallTime
        var chance: CallChance
        /// Of the event: what stands for a value that a script hands on untouched.
        var data: JSONDocument?
    }

    struct Count {
        let name: String
        let labels: String
        let amount: Int
    }

    /// Lines kept per call, for dry run; what is logged beyond goes to the log only.
    static let linesMax = 100
    /// Counts of one call; a script that needs more is counting the wrong thing.
    static let countsMax = 100

    let secrets: any SecretReading
    /// Nil outside of calls, e.g. while files load.
    var current: Current?
    var exit: Exit?
    var lines: [ScriptCall.Line] = []
    var counts: [Count] = []

    /// Tables by name.
    let lookups: [String: LookupTable]

    init(secrets: any SecretReading, lookups: [LookupTable] = []) {
        self.secrets = secrets
        self.lookups = Dictionary(lookups.map { ($0.name.text, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Forgets the last call.
    func reset() {
        self.exit = nil
        self.lines.removeAll(keepingCapacity: true)
        self.counts.removeAll(keepingCapacity: true)
    }

    func begin(_ current: Current) {
        self.reset()
        self.current = current
    }

    func end() {
        self.current = nil
    }
}
