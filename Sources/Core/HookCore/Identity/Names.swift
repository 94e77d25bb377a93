// SPDX-License-Identifier: Apache-2.0
// Names that users give in their files. They are the identity of queues and metrics, so each kind has a type.

/// A name of one kind of thing in the configuration: `[a-z][a-z0-9-_]*`, unique per kind over all files.
package struct Name<Kind>: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let text: String

    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }

    package var description: String { self.text }
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

package enum SourceKind {}
package enum RouteKind {}
package enum DestinationKind {}
package enum PolicyKind {}
package enum SecretKind {}
package enum LookupKind {}
package enum SubscriberKind {}

package typealias SourceName = Name<SourceKind>
package typealias RouteName = Name<RouteKind>
package typealias DestinationName = Name<DestinationKind>
package typealias PolicyName = Name<PolicyKind>
package typealias SecretName = Name<SecretKind>
package typealias LookupName = Name<LookupKind>
package typealias SubscriberName = Name<SubscriberKind>

extension Name where Kind == RouteKind {
    /// In the place of a route where something concerns an event before any route has seen it: no route is called so.
    package static var none: Self { Self("") }
}

/// One compiled configuration: the first 12 hexadecimal digits of the SHA-256 of its files.
package struct RevisionID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }
    package var description: String { self.text }
}
