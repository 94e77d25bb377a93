// SPDX-License-Identifier: Apache-2.0

/// What the linter's parser notes while it reads a chunk; judged afterwards, when all of it is known.
struct LuaFacts {
    /// Bytes of the source.
    typealias Span = Range<Int>

    struct Local {
        enum Kind { case variable, function, parameter, loop }

        let name: String
        let span: Span
        let kind: Kind
        var isRead = false
        var isWrittenAgain = false
        /// The value that it was given, where that is a path: `local order = event.data.order`.
        var alias: Path?
    }

    /// What a path begins with.
    enum Root: Equatable {
        case local(Int)
        case global(String)
    }

    /// A key of a path.
    enum Key: Equatable {
        /// `.name` or `["name"]`.
        case name(String, Span)
        /// `[1]`, `[n]`: an element, or a key that is only known at run time.
        case element

        static func == (left: Self, right: Self) -> Bool {
            switch (left, right) {
            case (.name(let one, _), .name(let other, _)): one == other
            case (.element, .element): true
            default: false
            }
        }
    }

    /// `event.data.lines[1].qty`, as far as it is known before anything runs.
    struct Path: Equatable {
        let root: Root
        var keys: [Key]
        let span: Span
    }

    /// How often a name must be right for the code to work.
    enum Use {
        /// Read as a value; may be nil.
        case plain
        /// Called or indexed: nil raises.
        case needed
    }

    struct GlobalRead {
        let name: String
        let span: Span
        let use: Use
    }

    struct GlobalWrite {
        let name: String
        let span: Span
        /// Functions around it; 0 while the file loads.
        let depth: Int
    }

    /// A call of a global function, or of a field of one.
    struct Call {
        /// `now`, `string.format`.
        let name: String
        let span: Span
        let arguments: Int
        /// The last argument is a call or `...`: there may be more.
        let isOpen: Bool
        /// The first argument where it is text in quotes.
        var text: (value: String, span: Span)?
    }

    struct PathUse {
        let path: Path
        let isWrite: Bool
    }

    var locals: [Local] = []
    var reads: [GlobalRead] = []
    var writes: [GlobalWrite] = []
    var calls: [Call] = []
    var paths: [PathUse] = []
    /// Parameters of functions by the last part of their name, for what routes call.
    var functions: [String: [[Int]]] = [:]
    /// What is called while the file loads; nil for what has no global name.
    var callsAtLoad: [String?] = []
    /// `_ENV` or `_G` is used: names may come from anywhere.
    var isOpaque = false
}
