// SPDX-License-Identifier: Apache-2.0

/// `aggregate:` of a route: events with one key are collected, and become one.
package struct AggregateSpec: Sendable {
    /// What makes one of the events of a window.
    package enum Function: Sendable, Equatable {
        case script(ScriptID)
        /// `{key, count, items}`: the data of every event, in order of acceptance.
        case collect
        /// The data of the last event.
        case last
        /// `{key, count}`
        case count
        /// `{key, count, sum}`: of the numbers at one path; at several paths, by their spelling.
        case sum([FieldPath])
    }

    package enum OnMissing: String, Sendable, CaseIterable {
        case hold, drop
    }

    package var mark: Mark
    /// Scalars at these paths, together.
    package var key: [FieldPath]
    /// What happens to an event without the key.
    package var onMissing: OnMissing = .hold
    package var close: WindowClose
    package var function: Function
    /// What key and function say, as a number: windows go on as long as it is the same.
    package var print: Int64 = 0

    package init(mark: Mark, key: [FieldPath], close: WindowClose, function: Function) {
        self.mark = mark
        self.key = key
        self.close = close
        self.function = function
    }

    package var script: ScriptID? {
        if case .script(let id) = self.function { id } else { nil }
    }
}
