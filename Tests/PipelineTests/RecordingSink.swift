// SPDX-License-Identifier: Apache-2.0
import HookAdmin
import HookCore
import Synchronization

/// A destination that remembers what it got and answers 200.
final class RecordingSink: Sendable {
    struct Delivery: Sendable {
        let method: String
        /// Path and query.
        let path: String
        let id: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]
    }

    private let received = Mutex<[Delivery]>([])
    private let arrivals = AsyncStream.makeStream(of: Void.self)

    var deliveries: [Delivery] { self.received.withLock { $0 } }

    /// Runs `body` with the sink listening at the port that it is given.
    func run(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let ports = AsyncStream.makeStream(of: Int.self)
        let bin = RequestBin(host: "127.0.0.1", port: 0) { request in
            self.received.withLock {
                $0.append(
                    Delivery(
                        method: request.method, path: request.target, id: request["webhook-id"] ?? "",
                        headers: request.headers, body: request.body))
            }
            self.arrivals.continuation.yield()
            return RequestBin.Reply(status: 200)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bin.run { ports.continuation.yield($0) } }
            for await port in ports.stream {
                try await body(port)
                break
            }
            group.cancelAll()
        }
    }

    /// Until so many deliveries have come in.
    func wait(for count: Int) async {
        while self.deliveries.count < count {
            for await _ in self.arrivals.stream { break }
        }
    }
}
