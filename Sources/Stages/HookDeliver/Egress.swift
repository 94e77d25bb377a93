// SPDX-License-Identifier: Apache-2.0
import CurlBridge

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
    }

    /// - Parameter responseBytesMax: what is read of the answer; more is a failure.
    package static func fetch(
        _ request: OutboundRequest, timeout: Duration = .seconds(30), responseBytesMax: Int = 64 * 1024 * 1024
    ) async throws(Failure) -> Answer {
        let (results, sink) = AsyncStream.makeStream(of: CurlResult.self, bufferingPolicy: .bufferingNewest(1))
        let client = CurlClient { for result in $0 { sink.yield(result) } }
        let refused = client.submit([
            CurlRequest(
                id: 0, method: request.method, url: request.url, headers: request.headers, body: request.body,
                timeout: timeout, connectTimeout: .seconds(5), responseBytesMax: responseBytesMax,
                responseBytesKept: responseBytesMax)
        ])
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
