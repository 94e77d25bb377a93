// SPDX-License-Identifier: Apache-2.0

/// One `routes:` entry.
package struct RouteSpec: Sendable {
    package enum OnError: String, Sendable, CaseIterable {
        case hold, drop, pass
    }

    package enum Targets: Sendable {
        case list([TargetSpec])
        /// Ordered; the first case that holds fires.
        case cases([CaseSpec])
    }

    package let name: RouteName
    package let mark: Mark
    package var isEnabled = true
    /// Any of them; empty: every event.
    package var events: [EventPattern] = []
    /// Any of them; empty: every source.
    package var sources: [SourceName] = []
    package var match: Condition?
    /// `when:` and `filter:`; both must hold, after `match`.
    package var scripts: [ScriptID] = []
    package var transform: ScriptID?
    package var targets: Targets
    package var onError: OnError = .hold
    /// What follows `match` sees the parts.
    package var split: SplitSpec?
    /// In this order, after `match` and `split`, before everything else.
    package var enrich: [EnrichSpec] = []
    /// What its result becomes besides deliveries.
    package var emit: EmitSpec?
    /// Events are collected; targets, `transform` and `emit` are for what they become.
    package var aggregate: AggregateSpec?

    package init(name: RouteName, mark: Mark, targets: Targets) {
        self.name = name
        self.mark = mark
        self.targets = targets
    }
}

/// One entry of `to:`.
package struct TargetSpec: Sendable {
    package var destination: DestinationName
    package let mark: Mark
    package var match: Condition?
    package var scripts: [ScriptID] = []
    /// Instead of the route's (or case's) transform.
    package var transform: ScriptID?
    /// Nil: due at once. The route's own stands here where the target has none.
    package var due: DueSpec?
    /// Stands for the endpoints of subscribers; no target of a whole ``Configuration`` does any more.
    package var audience: Audience?
    /// The version that goes out; nil: the one that the route sees.
    package var version: Int?

    /// Steps of route, case and target in this order; the format of the nearest that names one.
    package var output = OutputSpec()

    package init(destination: DestinationName, mark: Mark) {
        self.destination = destination
        self.mark = mark
    }
}

/// One entry of `switch:`.
package struct CaseSpec: Sendable {
    package let name: String
    package let mark: Mark
    /// Nil with no scripts: `else: true`.
    package var match: Condition?
    package var scripts: [ScriptID] = []
    package var transform: ScriptID?
    package var targets: [TargetSpec]

    package init(name: String, mark: Mark, targets: [TargetSpec]) {
        self.name = name
        self.mark = mark
        self.targets = targets
    }
}

/// `github.release`, `order.*`, `order.created@2`. A `*` stands for any run of characters.
package struct EventPattern: Hashable, Sendable, CustomStringConvertible {
    package let type: String
    package let version: Int?

    package init(type: String, version: Int? = nil) {
        self.type = type
        self.version = version
    }

    package var description: String { self.version.map { "\(self.type)@\($0)" } ?? self.type }
}

/// The match language as a tree. `and` of no parts holds; `or` of no parts does not.
package indirect enum Condition: Sendable {
    case and([Condition])
    case or([Condition])
    case not(Condition)
    case field(FieldPath, ValueTest, Mark?)
}

/// A test of the values that a path reaches.
///
/// A path reaches every value behind it, descending into the elements of arrays on the way (and at its end, where an
/// array's elements count as reached too). A positive test holds when **some** reached value passes; `not` holds when
/// something is reached and **no** reached value passes. A missing path passes nothing but `exists(false)`.
///
/// Arrays inside arrays are flattened. An object counts as a value for `exists` and `not`, and equals no scalar; an
/// array is there even when it is empty, and its values are its elements. `id` reaches the sender's id, or the event's
/// own where the sender gave none.
package indirect enum ValueTest: Sendable {
    case equals(JSONScalar)
    case equalsIgnoringCase(String)
    case prefix(String)
    case suffix(String)
    case contains(String)
    /// `*` any run of characters; everything else literal, `\*` and `\\` escaped.
    case glob(String)
    case number(Comparison, JSONNumber)
    /// Both ends included.
    case between(JSONNumber, JSONNumber)
    /// `true`: the path reaches anything at all, `null`, objects and empty arrays included (GitHub marks a pull request
    /// by the object `issue.pull_request`). `false`: it reaches nothing.
    case exists(Bool)
    case cidr([CIDR])
    /// Any of them, each by itself over all values (a list in YAML).
    case anyOf([ValueTest])
    /// All of them, each by itself over all values (several operators in one map).
    case allOf([ValueTest])
    case not(ValueTest)
    /// Elements of the array that the path ends in (`any`, `all`, `none`); of several such arrays, behind other arrays,
    /// their elements together. Needs an array to be there.
    case elements(Quantifier, ElementTest)

    package enum Comparison: String, Sendable { case gt, gte, lt, lte }

    package enum Quantifier: String, Sendable {
        case any
        /// Holds for an array with at least one element, all of which pass.
        case all
        /// Holds for an array (an empty one too) none of whose elements passes.
        case none
        /// The value itself where it is no array, or at least one element: an object, or one of many of them.
        case some
    }
}

/// What one element of an array must satisfy.
package indirect enum ElementTest: Sendable {
    /// The element itself.
    case value(ValueTest)
    /// Conditions on paths below the element, all for the same one. `root` of their paths is always `data`.
    case object(Condition)
}

/// A scalar of the match language.
package enum JSONScalar: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)

    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        // Strings compare by bytes: canonical equivalence would let two different ids match.
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}
