// SPDX-License-Identifier: Apache-2.0
import CurlBridge
import Synchronization

/// One request outside the queue of deliveries, with the rules of every other: http and https only, no redirects, no
/// proxy, a total deadline, a cap on the answer. The command line talks to a running router through it.
package enum Egress {
    package struct Answer: Sendable {
        package let status: Int
        package let body: [UInt8]
    }

    /// Why there is no answer: one line for people.
    package struct Failure: Error, Sendable {
        package let detail: String

        package init(detail: String) { self.detail = detail }
    }

    /// - Parameter responseBytesMax: what is read of the answer; more is a failure.
    package static func fetch(
        _ request: OutboundRequest, timeout: Duration = .seconds(30), responseBytesMax: Int = 64 * 1024 * 1024
    ) async throws(Failure) -> Answer {
        try await self.run(request, timeout: timeout, responseBytesMax: responseBytesMax, stream: nil)
    }

    /// Reads an answer that goes on, as a live view does, until the peer ends it or `receive` says to stop.
    ///
    /// - Parameter receive: the body of a 2xx answer piece by piece, on a thread of its own that it may block.
    /// - Returns: with an empty body, or that of an answer that is no success.
    package static func stream(
        _ request: OutboundRequest, receive: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(Failure) -> Answer {
        let hasStopped = Atomic<Bool>(false)
        do throws(Failure) {
            return try await self.run(request, timeout: Self.streamMax, responseBytesMax: 1024 * 1024) { bytes in
                if receive(bytes) { return true }
                hasStopped.store(true, ordering: .relaxed)
                return false
            }
        } catch {
            // Stopped on purpose: libcurl calls that an error of writing.
            if hasStopped.load(ordering: .relaxed) { return Answer(status: 200, body: []) }
            throw error
        }
    }

    /// Three weeks: libcurl counts milliseconds in 31 bits.
    private static let streamMax: Duration = .seconds(21 * 86_400)

    private static func run(
        _ request: OutboundRequest, timeout: Duration, responseBytesMax: Int,
        stream: (@Sendable ([UInt8]) -> Bool)?
    ) async throws(Failure) -> Answer {
        let (results, sink) = AsyncStream.makeStream(of: CurlResult.self, bufferingPolicy: .bufferingNewest(1))
        let client = CurlClient { for result in $0 { sink.yield(result) } }
        var asked = CurlRequest(
            id: 0, method: request.method, url: request.url, headers: request.headers, body: request.body,
            timeout: timeout, connectTimeout: .seconds(5), responseBytesMax: responseBytesMax,
            responseBytesKept: responseBytesMax)
        asked.stream = stream
        let refused = client.submit([asked])
        precondition(refused.isEmpty, "a client of its own has room for one request")
        var first: CurlResult?
        for await result in results {
            first = result
            break
        }
        client.stop {}
        guard let result = first else { throw Failure(detail: "cancelled") }
        guard let status = result.status, result.error == nil else {
            throw Failure(detail: result.error?.message ?? "no answer")
        }
        return Answer(status: status, body: result.body)
    }
}
