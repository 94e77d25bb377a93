// SPDX-License-Identifier: Apache-2.0
// Conditions in compiled form: flat arrays of trivial values, so that evaluating one touches no reference count.
// `ProgramBuilder` writes it, `EventReading` runs it.

import HookCore

/// A half-open range of places in one of the pools of ``Program``.
struct Extent {
    let start: UInt32
    let end: UInt32

    var range: Range<Int> { Int(self.start)..<Int(self.end) }
    var count: Int { Int(self.end) - Int(self.start) }
}

/// A compiled ``ValueTest``. Extents of text point into `Program.bytes`, of tests into `Program.testLists`.
enum TestNode {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(Extent)
    /// Already folded.
    case folded(Extent)
    case prefix(Extent)
    case suffix(Extent)
    case contains(Extent)
    /// The literals between the stars, in `Program.pieces`; one piece: no star at all.
    case glob(Extent)
    case compare(ValueTest.Comparison, JSONNumber)
    case between(JSONNumber, JSONNumber)
    case exists(Bool)
    /// In `Program.blocks`.
    case cidr(Extent)
    case anyOf(Extent)
    case allOf(Extent)
    /// Strings only, sorted by bytes, in `Program.pieces`: a long `in` list is searched, not walked.
    case oneOfStrings(Extent)
    case not(UInt32)
    case elements(ValueTest.Quantifier, ElementNode)
}

/// A compiled ``ElementTest``: an index of a test or of a condition in element scope.
enum ElementNode {
    case value(UInt32)
    case object(UInt32)
}

/// A compiled ``Condition``; extents point into `Program.conditionLists`.
enum ConditionNode {
    case and(Extent)
    case or(Extent)
    case not(UInt32)
    /// Of `Program.predicates`.
    case predicate(UInt32)
    /// Element scope only: a test of what a path below the element reaches. The path is in `Program.relativePaths`.
    case below(path: UInt32, test: UInt32)
}

/// A test on a path of the event. Equal ones are one.
struct Predicate {
    let path: UInt32
    let test: UInt32
    var uses: UInt32 = 0
}

/// Everything that one table evaluates. Immutable.
struct Program: Sendable {
    /// Text of all literals and keys.
    var bytes: [UInt8] = []
    var pieces: [Extent] = []
    var blocks: [CIDR] = []
    var tests: [TestNode] = []
    var testLists: [UInt32] = []
    var conditions: [ConditionNode] = []
    var conditionLists: [UInt32] = []
    var predicates: [Predicate] = []
    /// Keys of the paths below array elements, as extents of `pieces`.
    var relativePaths: [Extent] = []
    /// All paths that the event is asked for; the index is the path's number.
    var paths: [FieldPath] = []
    var trie = PathTrie()
    /// Header names (lower case) and query parameter names that are asked for, with their paths.
    var headers: [NamedPath] = []
    var parameters: [NamedPath] = []
    /// Paths of `source`, `type`, … where they are asked for.
    var attributes: [AttributePath] = []
}

extension Extent: Sendable {}
extension TestNode: Sendable {}
extension ElementNode: Sendable {}
extension ConditionNode: Sendable {}
extension Predicate: Sendable {}

/// A header or query parameter that is asked for.
struct NamedPath: Sendable {
    let name: [UInt8]
    let path: UInt32
}

/// One of the event's own fields that is asked for.
struct AttributePath: Sendable {
    let root: FieldPath.Root
    let path: UInt32
}
