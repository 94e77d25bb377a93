// SPDX-License-Identifier: Apache-2.0

/// One `tests:` entry.
package struct RouteTestSpec: Sendable {
    /// One entry of `steps:`, or the only event or request of the test.
    package struct Step: Sendable {
        package enum Action: Sendable {
            case event(EventStep)
            case request(RequestStep)
            case advance(Duration)
        }

        package let action: Action
        /// What must come of this step alone; its deliveries are followed to their end.
        package var expect: Expectation?

        package init(_ action: Action, expect: Expectation? = nil) {
            self.action = action
            self.expect = expect
        }
    }

    /// An event as if stages 1 and 2 had passed.
    package struct EventStep: Sendable {
        package var type: String
        package var version: Int?
        package var source: SourceName?
        package var id: String?
        package var subject: String?
        package var headers: [(name: String, value: String)] = []
        package var query = ""
        package var body: [UInt8]

        package init(type: String, body: [UInt8]) {
            self.type = type
            self.body = body
        }
    }

    /// A request as it would come over HTTP.
    package struct RequestStep: Sendable {
        package var source: SourceName
        package var method = "POST"
        package var headers: [(name: String, value: String)] = []
        package var query = ""
        package var body: [UInt8]
        /// Sign it as the source's provider would, with a test key in place of the secret.
        package var signs = false

        package init(source: SourceName, body: [UInt8]) {
            self.source = source
            self.body = body
        }
    }

    /// From a version to another and back, which must give the same data.
    package struct RoundTrip: Sendable {
        package let type: String
        package let from: Int
        package let via: Int
        package let body: [UInt8]
        package let mark: Mark

        package init(type: String, from: Int, via: Int, body: [UInt8], mark: Mark) {
            self.type = type
            self.from = from
            self.via = via
            self.body = body
            self.mark = mark
        }
    }

    /// What a destination answers, one entry an attempt; the last one repeats.
    package enum Answer: Sendable {
        case status(Int, retryAfter: Int? = nil)
        /// No connection.
        case refused
        case timeout
    }

    /// What a peer answers to look-ups of one address, one entry a try; the last one repeats.
    package struct LookupScript: Sendable {
        package let url: String
        package let answers: [LookupAnswer]

        package init(url: String, answers: [LookupAnswer]) {
            self.url = url
            self.answers = answers
        }
    }

    package struct ExpectedDelivery: Sendable {
        package var to: String
        package var route: String?
        package var version: Int?
        /// Equal as JSON values (order of keys aside).
        package var body: JSONValue?
        /// Every member given here is there; arrays compare whole.
        package var contains: JSONValue?
        /// File with the exact bytes, as a path from the project's root.
        package var golden: String?
        package var method: String?
        package var url: String?
        package var headers: [(name: String, value: String)] = []
        package var mark: Mark

        package init(to: String, mark: Mark) {
            self.to = to
            self.mark = mark
        }
    }

    /// An event that a route is expected to emit.
    package struct ExpectedEvent: Sendable {
        package var type: String
        package var version: Int?
        /// Equal as JSON values.
        package var data: JSONValue?
        package var contains: JSONValue?

        package init(type: String, version: Int?) {
            self.type = type
            self.version = version
        }
    }

    package struct Expectation: Sendable {
        package var status: Int?
        /// Whether the last request was one that had come before.
        package var duplicate: Bool?
        /// The exact set; nil: not checked.
        package var deliveries: [ExpectedDelivery]?
        /// Times of attempts per destination, since the test began (in a step: since the step); jitter is off in tests.
        package var attempts: [(destination: DestinationName, at: [Duration])] = []
        /// Destinations whose delivery ended as a dead letter, exact set.
        package var deadLetters: [DestinationName]?
        /// Routes that held the event, exact set.
        package var held: [RouteName]?
        package var unmatched: Bool?
        /// Events that routes emitted, exact set; nil: not checked.
        package var emitted: [ExpectedEvent]?
        /// A Lua assertion, an index into ``Configuration/checks``.
        package var check: ScriptID?
        /// Bounds the steps of every script call.
        package var maxSteps: Int?

        package init() {}
    }

    package let name: String
    package let mark: Mark
    package var clock: WallTime?
    /// Only these routes; empty: all.
    package var only: [RouteName] = []
    package var steps: [Step] = []
    package var responses: [(destination: DestinationName, answers: [Answer])] = []
    package var lookups: [LookupScript] = []
    package var expect = Expectation()
    /// Instead of steps and expectations.
    package var roundTrip: RoundTrip?

    package init(name: String, mark: Mark) {
        self.name = name
        self.mark = mark
    }
}
