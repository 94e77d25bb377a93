// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Requests that do not come over the network: replays of stored ones, dry runs, tests of users.
package enum Recall {
    /// What stage 1 would have made of it. The peer is unknown, so allow lists of addresses do not apply.
    package static func accepted(
        id: EventID, source: SourceName, at time: WallTime, method: String, path: String, query: String,
        headers: HeaderBlock, body: [UInt8]
    ) -> Accepted {
        Accepted(
            id: id, source: source, receivedAt: time, method: method, path: path, query: query, headers: headers,
            body: body, peer: nil)
    }
}

extension Recall {
    /// What stage 1 answers a body of this size with, where it does not take it.
    package static func refusal(
        ofBody count: Int, source: SourceSpec, limits: IngestLimits
    ) -> (status: Int, code: String, detail: String)? {
        guard count > source.bodyBytesMax ?? limits.bodyBytesMax else { return nil }
        let failure = BodyBuffer.tooLarge
        return (failure.status, failure.code, failure.detail)
    }
}
