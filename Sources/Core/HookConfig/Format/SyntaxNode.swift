// SPDX-License-Identifier: Apache-2.0
// The concrete tree of a YAML file: what stands in it, with its comments where they belong. The formatter reads it,
// orders keys in it, and writes it.

/// A line between entries.
enum Trivia: Equatable {
    case blank
    /// The comment with its `#`.
    case comment(String)
}

/// A comment behind something on its line.
struct LineComment {
    let text: String
    /// Where it stood, where another one stands below or above it in the same column: people align them.
    let column: Int?
}

/// The text of a `|` or `>` scalar.
struct BlockText {
    /// `|`, `>-`, `|2+`.
    let header: String
    /// Lines without their indentation; none where the scalar is empty.
    let lines: [String]
    /// The digit of the header: how much deeper than its parent the text stands.
    let indentation: Int?

    /// Blank lines behind it are part of it.
    var keepsBlankLines: Bool { self.header.contains("+") }
}

struct SyntaxNode {
    indirect enum Content {
        /// A scalar or alias on one line, its anchor and tag included; empty for a value that is left out.
        case text(String)
        /// A plain or quoted scalar over several lines, without their indentation.
        case lines([String])
        case block(BlockText)
        /// A flow collection that holds comments or scalars of several lines: kept as it is.
        case verbatim([String], column: Int)
        case map([SyntaxEntry])
        case list([SyntaxEntry])
    }

    var content: Content
    var isFlow = false
    /// Anchor and tag of a collection or block scalar.
    var properties = ""
    /// Comments above the first entry that speak of the whole.
    var head: [Trivia] = []
    /// Comments behind the last entry, as deep as the entries.
    var foot: [Trivia] = []
    /// It stood on a line below its key.
    var isBelowKey = false

    /// The entries of a map or list.
    var entries: [SyntaxEntry]? {
        switch self.content {
        case .map(let entries), .list(let entries): entries
        case .text, .lines, .block, .verbatim: nil
        }
    }

    var isEmptyText: Bool {
        if case .text("") = self.content { true } else { false }
    }
}

/// An entry of a map, or an item of a list (then without a key).
struct SyntaxEntry {
    /// What stands above it.
    var lead: [Trivia] = []
    var key = ""
    /// The comment behind the key, where the value stands below.
    var keyComment: LineComment?
    /// Comments between the key and its value.
    var inner: [Trivia] = []
    var value: SyntaxNode
    /// The comment behind the value.
    var comment: LineComment?
    /// Names of anchors that it defines or uses.
    var anchors: Set<String> = []
    var definesAnchor = false
}
