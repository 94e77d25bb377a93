// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension Verify {
    /// Reads and maps a request like ``check(_:now:)``, without asking who sent it: for requests that were verified
    /// before (replays) and for dry runs, where the person at the keyboard is the sender.
    package func admit(_ accepted: Accepted) -> VerifyVerdict {
        guard let plan = self.plans[accepted.source] else { return .refused(.unknownSource) }
        do {
            return try plan.read(accepted)
        } catch {
            return .refused(error)
        }
    }

    /// An event that was never a request: tests of users and dry runs give its type and body.
    package static func trusting(_ event: Event) -> Verified { Verified(event: event, dedupe: nil) }
}
