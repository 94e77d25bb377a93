// SPDX-License-Identifier: Apache-2.0
// Which converters lead from one version of a type to another.

/// The shortest chains between the versions of one event type.
///
/// Of several chains that are equally short the one counts whose first step that differs leads to the higher version:
/// newer versions tend to lose less. The chains from one version form a tree, so that every beginning of a chain is the
/// chain to where it ends, and its result can serve both.
///
/// - Complexity: one breadth-first search a version when it is made; a look-up afterwards.
package struct ConverterChains: Sendable {
    private struct Pair: Hashable {
        let from: Int
        let to: Int
    }

    /// The last converter of each chain.
    private let last: [Pair: ConverterSpec]

    package init(_ converters: [ConverterSpec]) {
        var steps: [Int: [ConverterSpec]] = [:]
        for converter in converters { steps[converter.from, default: []].append(converter) }
        for from in steps.keys { steps[from]?.sort { $0.to > $1.to } }
        var last: [Pair: ConverterSpec] = [:]
        for start in steps.keys {
            var queue = [start]
            var place = 0
            while place < queue.count {
                for step in steps[queue[place]] ?? [] where step.to != start {
                    let pair = Pair(from: start, to: step.to)
                    if last[pair] == nil {
                        last[pair] = step
                        queue.append(step.to)
                    }
                }
                place += 1
            }
        }
        self.last = last
    }

    /// The last step of the chain; nil where there is none.
    package func lastStep(from: Int, to: Int) -> ConverterSpec? { self.last[Pair(from: from, to: to)] }

    /// The steps in order; empty from a version to itself, nil where no chain leads there.
    package func chain(from: Int, to: Int) -> [ConverterSpec]? {
        var steps: [ConverterSpec] = []
        var version = to
        while version != from {
            guard let step = self.lastStep(from: from, to: version) else { return nil }
            steps.append(step)
            version = step.from
        }
        return steps.reversed()
    }

    /// Versions to which a chain leads, ascending.
    package func reach(of from: Int) -> [Int] { self.last.keys.filter { $0.from == from }.map(\.to).sorted() }
}
