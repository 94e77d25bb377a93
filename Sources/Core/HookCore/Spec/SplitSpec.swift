// SPDX-License-Identifier: Apache-2.0

/// `split:` of a route: one event becomes many parts, each with its own way through what follows `match`.
package struct SplitSpec: Sendable, Equatable {
    /// Parts of one event; beyond it the route fails with `split/too-many`.
    package static let partsMax = 10_000
    /// Bytes of all parts of one event together, what each repeats of its parent included; beyond it `split/too-many`.
    package static let bytesMax = 64 * 1024 * 1024

    /// Keys of the list below the data; empty: the data is the list.
    package let keys: [String]
    /// Member of each part that holds the parent's data without the list; nil: parts stand alone.
    package let parent: String?
    package let mark: Mark

    package init(keys: [String], parent: String?, mark: Mark) {
        self.keys = keys
        self.parent = parent
        self.mark = mark
    }

    /// `data.items`.
    package var path: FieldPath { FieldPath(.data, self.keys) }
}
