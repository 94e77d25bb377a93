// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookFormats

extension Verify {
    /// Reads and maps a request like ``check(_:now:)``, without asking who sent it: for requests that were verified
    /// before (replays) and for dry runs, where the person at the keyboard is the sender.
    ///
    /// - Parameter validates: check it against the schemas of the catalogue, where its source says so.
    package func admit(_ accepted: Accepted, validates: Bool = true) -> VerifyVerdict {
        guard let plan = self.plans[accepted.source] else { return .refused(.unknownSource) }
        do {
            return try plan.read(accepted, validates: validates)
        } catch {
            return .refused(error)
        }
    }

    /// An event that was never a request: tests of users and dry runs give its type and body.
    package static func trusting(_ event: Event) -> Verified { Verified(event: event, dedupe: nil) }

    /// The data that stage 2 reads from a body of this content type; nil where it is opaque.
    package static func read(
        _ body: [UInt8], contentType: String?, limits: JSONLimits = JSONLimits()
    ) throws(VerifyFailure) -> JSONDocument? {
        let type = contentType.map { Array($0.utf8)[...] }
        do throws(FormatFailure) {
            return try BodyReading.data(of: body, BodyKind(contentType: type), contentType: type, limits: limits)
        } catch {
            throw VerifyFailure(error)
        }
    }

    /// The same of a body that was accepted once: what is malformed has no data, and of duplicate keys the last counts.
    package static func data(of body: [UInt8], contentType: String?) -> JSONDocument? {
        // Whoever needs to know why asks ``admit(_:)``.
        try? self.read(body, contentType: contentType, limits: JSONLimits(duplicateKeys: .last))
    }
}

extension VerifyVerdict {
    /// For whoever looks at one event: the first of several, as it would be if it came alone.
    package var first: VerifyVerdict {
        guard case .batch(let events) = self else { return self }
        return events.first.map { .verified($0) }
            ?? .refused(
                VerifyFailure(status: 400, code: "batch/invalid", title: "No event", detail: "The batch is empty."))
    }
}
