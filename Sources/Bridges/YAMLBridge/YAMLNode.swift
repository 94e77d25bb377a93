// SPDX-License-Identifier: Apache-2.0
// The tree that a YAML file is read into. Nothing is resolved and nothing is lost: every node keeps its place, scalars
// keep how they were written, and duplicate keys stay for the reader of the tree to report.

/// A place in a file. Lines and columns count from 1; columns count Unicode scalars.
package struct YAMLMark: Hashable, Sendable {
    /// The name that was given to the reader.
    package let file: String
    package let line: Int
    package let column: Int
    /// Characters from the start of a one-line scalar, flow list or flow map to its end, quotes and brackets included;
    /// of a block map its first key; 1 for everything else.
    package let length: Int

    package init(file: String, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = max(1, length)
    }

    /// From here to the end of another mark, where both stand on one line.
    func spanning(to end: YAMLMark) -> YAMLMark {
        guard end.line == self.line, end.column + end.length > self.column else { return self }
        return YAMLMark(
            file: self.file, line: self.line, column: self.column, length: end.column + end.length - self.column)
    }
}

/// One node of a YAML document.
package struct YAMLNode: Sendable {
    /// How a scalar was written; only a plain one may be something else than text.
    package enum Style: Sendable {
        case plain
        case quoted
        /// `|` or `>`: the text begins on the line after the mark.
        case block
    }

    /// A key and its value, in the order of the file.
    package struct Entry: Sendable {
        package let key: YAMLNode
        package let value: YAMLNode

        package init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    package indirect enum Content: Sendable {
        case scalar(String, Style)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package let content: Content
    package let mark: YAMLMark

    package init(_ content: Content, mark: YAMLMark) {
        self.content = content
        self.mark = mark
    }
}

/// Why a file was not read. Nothing behind it has been looked at.
package struct YAMLFailure: Error, Equatable {
    package enum Kind: Sendable {
        /// Not well-formed YAML, or not UTF-8.
        case syntax
        case tooLarge
        case tooDeep
        /// Recursive, unknown, or more expanded nodes than the budget.
        case alias
        case tag
        case documents
    }

    package let kind: Kind
    package let message: String
    package let mark: YAMLMark

    package init(_ kind: Kind, _ message: String, at mark: YAMLMark) {
        self.kind = kind
        self.message = message
        self.mark = mark
    }
}

/// What a file may cost to read.
package struct YAMLLimits: Sendable {
    package var bytesMax = 1024 * 1024
    /// Nested lists and maps. libyaml 0.2.5 has no limit of its own and is quadratic in depth, so it is counted while
    /// events are read.
    package var depthMax = 64
    /// Nodes that aliases may add to a document, all together.
    package var aliasNodesMax = 10_000

    package init() {}
}
