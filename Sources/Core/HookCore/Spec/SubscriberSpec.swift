// SPDX-License-Identifier: Apache-2.0

/// One `subscribers:` entry: somebody who gets events at endpoints of their own.
///
/// Its endpoints are destinations named `subscriber/endpoint`; a target `{subscribers: all}` becomes one target for each
/// subscription that may take what the route takes.
package struct SubscriberSpec: Sendable {
    package let name: SubscriberName
    package let mark: Mark
    package var endpoints: [DestinationName] = []
    package var subscriptions: [SubscriptionSpec] = []

    package init(name: SubscriberName, mark: Mark) {
        self.name = name
        self.mark = mark
    }

    /// The name under which an endpoint is a destination.
    package static func destination(_ endpoint: String, of subscriber: SubscriberName) -> DestinationName {
        DestinationName("\(subscriber)/\(endpoint)")
    }
}

/// One entry of `subscriptions:`.
package struct SubscriptionSpec: Sendable {
    /// Which events, and in which version the subscriber gets them.
    package struct Interest: Sendable {
        /// Without a version: whichever of the type.
        package let pattern: EventPattern
        /// Nil: the version that the route sees.
        package let version: Int?
        /// Where the version stands, else the pattern.
        package let mark: Mark

        package init(pattern: EventPattern, version: Int?, mark: Mark) {
            self.pattern = pattern
            self.version = version
            self.mark = mark
        }
    }

    package let endpoint: DestinationName
    package let mark: Mark
    package var interests: [Interest] = []
    package var match: Condition?
    package var scripts: [ScriptID] = []

    package init(endpoint: DestinationName, mark: Mark) {
        self.endpoint = endpoint
        self.mark = mark
    }
}

/// `{subscribers: all}`, or a list of names.
package enum Audience: Sendable, Equatable {
    case all
    case named([SubscriberName])

    package func holds(_ name: SubscriberName) -> Bool {
        switch self {
        case .all: true
        case .named(let names): names.contains(name)
        }
    }
}
