// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTransform

/// The store as seen from a thread that may wait for it.
struct WindowReading {
    /// Members of one read, so that others need not wait long for the reader.
    private static let pageMax = 1_000

    let store: any EventStore

    /// Waits for a completion. Blocks: for threads of our own.
    func wait<Value: Sendable>(
        _ start: (@escaping @Sendable (Result<Value, StoreFailure>) -> Void) -> Void
    ) throws(StoreFailure) -> Value {
        let box = Mailbox<Result<Value, StoreFailure>>(capacity: 1)
        start { _ = box.offer($0) }
        guard let result = box.takeAll()?.first else { throw StoreFailure(.closed, "the store gave no answer") }
        return try result.get()
    }

    /// The members with which the window closes: all, or as many as fill it.
    func members(of window: WindowID, _ close: WindowClose) throws(StoreFailure) -> [MemberRow] {
        var found: [MemberRow] = []
        var bytes = 0
        while found.count < close.countLimit && (bytes < close.bytesLimit || found.isEmpty) {
            let (count, room, after) = (
                min(Self.pageMax, close.countLimit - found.count), max(1, close.bytesLimit - bytes),
                found.last?.key ?? -1
            )
            let page = try self.wait {
                self.store.members(of: window, after: after, count: count, bytes: room, then: $0)
            }
            if page.isEmpty { break }
            found += page
            bytes += page.reduce(0) { $0 + $1.bytes }
        }
        return found
    }
}
