// SPDX-License-Identifier: Apache-2.0

/// How the body of a delivery is made ready once its transform is through: first the steps, then the format.
package struct OutputSpec: Sendable, Equatable {
    /// In layers: the route's, the case's, the target's; each that says something.
    package var steps: [ReshapeSpec]
    /// Nil: the body stays what it is.
    package var format: OutputFormat?

    package init(steps: [ReshapeSpec] = [], format: OutputFormat? = nil) {
        self.steps = steps
        self.format = format
    }

    /// The body goes out as the transform left it.
    package var isPlain: Bool { self.format == nil && self.steps.isEmpty }
}

/// What a delivery's body is written as.
package enum OutputFormat: String, Sendable, CaseIterable {
    case json
    /// `application/x-www-form-urlencoded`, of a flat object.
    case form
    /// The inverse of how XML is read.
    case xml
    /// `text/plain`, of a string, number or truth value.
    case text
    /// A list, one element a line.
    case ndjson
    /// CloudEvents 1.0 in structured mode.
    case cloudEvents = "cloudevents"
    /// CloudEvents 1.0 in binary mode: attributes in `ce-` headers.
    case cloudEventsBinary = "cloudevents-binary"
    /// A batch that holds one CloudEvent.
    case cloudEventsBatch = "cloudevents-batch"
}

/// The declarative steps of one route, case or target: pick, omit, rename, set, in this order. Their paths are keys below
/// the body; through an array a path reaches every element.
package struct ReshapeSpec: Sendable, Equatable {
    /// Only these stay; nil: everything does.
    package var pick: StepTree?
    package var omit: StepTree?
    package var rename: StepTree?
    /// Paths after renaming.
    package var set: StepTree?
    /// As they were written, for people and for lint.
    package var steps: [Step] = []

    package init() {}

    package struct Step: Sendable, Equatable {
        package enum Kind: String, Sendable, CaseIterable { case pick, omit, rename, set }

        package let kind: Kind
        package let keys: [String]
        /// The new name, or the value as it was written.
        package let value: String?
        package let mark: Mark

        package init(_ kind: Kind, _ keys: [String], value: String? = nil, mark: Mark) {
            self.kind = kind
            self.keys = keys
            self.value = value
            self.mark = mark
        }

        /// `data.customer.id`
        package var path: String { FieldPath(.data, self.keys).description }
    }
}

/// Paths of one kind of step, by their keys.
package struct StepTree: Sendable, Equatable {
    package enum End: Sendable, Equatable {
        case chosen
        case renamed(String)
        case set(StepValue)
    }

    package struct Branch: Sendable, Equatable {
        package let key: [UInt8]
        package var tree: StepTree
    }

    package private(set) var branches: [Branch] = []
    /// What happens to the value at this place; nil where only something below is meant.
    package private(set) var end: End?

    package init() {}

    /// What is meant below a key of this place; nil where nothing is.
    package func branch(_ key: some Collection<UInt8>) -> StepTree? {
        self.branches.first { $0.key.elementsEqual(key) }?.tree
    }

    /// Of two ends at one place the later counts.
    package mutating func add(_ keys: some Collection<String>, _ end: End) {
        guard let first = keys.first else {
            self.end = end
            return
        }
        let key = Array(first.utf8)
        if let place = self.branches.firstIndex(where: { $0.key == key }) {
            self.branches[place].tree.add(keys.dropFirst(), end)
        } else {
            var tree = StepTree()
            tree.add(keys.dropFirst(), end)
            self.branches.append(Branch(key: key, tree: tree))
        }
    }
}

/// What `set` puts at a place: JSON with values of the event in it.
package indirect enum StepValue: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package let key: String
        package let value: StepValue

        package init(_ key: String, _ value: StepValue) {
            self.key = key
            self.value = value
        }
    }

    /// JSON text.
    case literal([UInt8])
    /// The value at a path of the event, whatever its type; where there is none, nothing is set.
    case field(FieldPath)
    /// A text with holes, all of which must have a value.
    case text(Template)
    case list([StepValue])
    case object([Member])
}
