// SPDX-License-Identifier: Apache-2.0

/// How often somebody sent or got a version of an event type, and when last.
package struct VersionUse: Sendable, Equatable {
    /// Who, and what of. Made of names of the configuration alone, so that there are not more of them than it has.
    package struct Key: Hashable, Sendable {
        package enum Party: Hashable, Sendable {
            case sender(SourceName)
            case receiver(DestinationName, route: RouteName)
        }

        package let party: Party
        package let type: String
        package let version: Version

        package init(party: Party, type: String, version: Version) {
            self.party = party
            self.type = type
            self.version = version
        }
    }

    package enum Version: Hashable, Sendable {
        /// One that the catalogue has.
        case declared(Int)
        /// One that it does not have; which, is up to the sender, and so not kept.
        case undeclared
        case missing

        /// As metrics and the store write it.
        package var text: String {
            switch self {
            case .declared(let number): "\(number)"
            case .undeclared: "undeclared"
            case .missing: "none"
            }
        }

        package init?(_ text: String) {
            switch text {
            case "undeclared": self = .undeclared
            case "none": self = .missing
            default:
                guard let number = Int(text) else { return nil }
                self = .declared(number)
            }
        }
    }

    package let key: Key
    package var count: Int
    package var first: WallTime
    package var last: WallTime

    package init(key: Key, count: Int, first: WallTime, last: WallTime) {
        self.key = key
        self.count = count
        self.first = first
        self.last = last
    }

    /// Adds what another count of the same key has seen.
    package mutating func add(_ other: VersionUse) {
        self.count += other.count
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
    }

    /// The same key, not counted yet.
    package var nothing: VersionUse { VersionUse(key: self.key, count: 0, first: self.first, last: self.last) }
}

extension VersionUse.Key {
    /// For lists: senders first, then by name, route, type and version.
    package var order: String {
        switch self.party {
        case .sender(let source): "0\u{0}\(source)\u{0}\u{0}\(self.type)\u{0}\(self.version.text)"
        case .receiver(let destination, let route):
            "1\u{0}\(destination)\u{0}\(route)\u{0}\(self.type)\u{0}\(self.version.text)"
        }
    }
}
