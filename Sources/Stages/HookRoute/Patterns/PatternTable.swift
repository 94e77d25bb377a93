// SPDX-License-Identifier: Apache-2.0

package import HookCore

/// A table of EventBridge patterns on the same engine as ``RouteTable``.
///
/// - Complexity: as there: linear in the event and in the patterns that are found.
/// - Isolation: any thread; a matcher belongs to one.
package final class PatternTable: Sendable {
    private let engine: MatchTable

    /// A nil in the list keeps its number and never matches.
    package init(_ patterns: [EventBridgePattern?]) {
        var paths = PathBook(seed: PathBook.randomSeed)
        var writer = CodeWriter(seed: paths.seed)
        var index = IndexBuilder()
        var routes: ContiguousArray<UInt32> = []
        routes.reserveCapacity(patterns.count)
        for (number, pattern) in patterns.enumerated() {
            routes.append(writer.pattern(pattern?.clauses ?? [], &paths))
            guard let pattern else { continue }
            index.add(UInt32(number), AccessReader.access(of: pattern.clauses, &paths))
        }
        let layout = index.build(pathCount: paths.paths.count)
        self.engine = MatchTable(TableParts(paths: paths, code: writer.words, routes: routes, index: layout))
    }

    /// Memory of the table; what matching needs beside it is not counted.
    package var bytes: Int { self.engine.bytes }

    /// Something that matches one event after the other.
    package func matcher() -> PatternMatcher { PatternMatcher(self.engine) }
}

/// Matches events against a table of patterns, one at a time.
package final class PatternMatcher {
    private let engine: MatchTable
    private let scratch: MatchScratch

    fileprivate init(_ engine: MatchTable) {
        self.engine = engine
        self.scratch = engine.makeScratch()
    }

    /// Visits the numbers of the patterns that match, in ascending order. Only objects match anything.
    package func forEachMatch(_ document: JSONDocument, _ visit: (UInt32) -> Void) {
        guard case .object = document.root.kind else { return }
        self.engine.read(document, self.scratch) { $0.forEachMatch(visit) }
    }
}
