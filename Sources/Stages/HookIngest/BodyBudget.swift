// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization

/// Bytes of request bodies in this process, from the first byte to the durable answer, over all connections. Without a
/// bound some thousand slow senders could fill the memory with bodies that no other limit forbids.
final class BodyBudget: Sendable {
    private let bytesMax: Int
    private let claimed = Atomic<Int>(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// False where the budget is spent; one body is always let in, however large.
    func claim(_ bytes: Int) -> Bool {
        let before = self.claimed.wrappingAdd(bytes, ordering: .relaxed).oldValue
        if before == 0 || before + bytes <= self.bytesMax { return true }
        self.claimed.wrappingSubtract(bytes, ordering: .relaxed)
        return false
    }

    func release(_ bytes: Int) { self.claimed.wrappingSubtract(bytes, ordering: .relaxed) }
}

extension IngestAnswer {
    /// 503: try again when others are through.
    static let bodiesFull = IngestAnswer.unavailable(
        code: "ingest/overloaded", detail: "Too many bytes are on their way in. Send it again.", retryAfter: 1,
        closes: true)
}
