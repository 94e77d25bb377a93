// SPDX-License-Identifier: Apache-2.0

/// `emit:` of a route: its result becomes a new event of this type, which is routed in its turn.
package struct EmitSpec: Sendable, Equatable {
    package let type: String
    package let version: Int?
    package let mark: Mark

    package init(type: String, version: Int?, mark: Mark) {
        self.type = type
        self.version = version
        self.mark = mark
    }

    /// `order.digest@1`
    package var text: String { self.version.map { "\(self.type)@\($0)" } ?? self.type }

    package static func == (left: Self, right: Self) -> Bool {
        left.version == right.version && left.type.utf8.elementsEqual(right.type.utf8)
    }
}
