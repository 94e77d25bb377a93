// SPDX-License-Identifier: Apache-2.0

/// One step of `enrich:`: what is looked up, and where in the data it goes.
package struct EnrichSpec: Sendable {
    package enum Source: Sendable {
        /// A table of `lookups:`, by the value at a path.
        case table(LookupTable, key: FieldPath)
        case http(HTTPLookupSpec)
    }

    /// What happens where there is nothing to put in.
    package enum OnError: String, Sendable, CaseIterable {
        /// The event is kept for the route with a code, and can be replayed.
        case hold
        /// The route goes on without it.
        case skip
        /// Tried again with growing waits, then held. Of tables: as `hold`.
        case retry
    }

    package let source: Source
    /// Keys below the data; objects on the way are made.
    package let into: [String]
    /// JSON text that stands in where the table or the peer has no such entry.
    package let fallback: [UInt8]?
    package let onError: OnError
    package let mark: Mark

    package init(source: Source, into: [String], fallback: [UInt8]?, onError: OnError, mark: Mark) {
        self.source = source
        self.into = into
        self.fallback = fallback
        self.onError = onError
        self.mark = mark
    }
}

/// `enrich: {url: …}`: a GET whose JSON answer goes into the event.
package struct HTTPLookupSpec: Sendable {
    package var url: URLTemplate
    package var query: [(name: String, value: Template)] = []
    package var headers: [(name: String, value: Template)] = []
    package var auth: DestinationSpec.Auth?
    /// How long an answer is used again; zero: never.
    package var cache: Duration = .seconds(300)
    /// The whole request, from name look-up to the last byte.
    package var timeout: Duration = .seconds(5)
    package var verifiesTLS = true

    package init(url: URLTemplate) { self.url = url }
}
