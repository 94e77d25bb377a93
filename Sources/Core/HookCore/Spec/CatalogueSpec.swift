// SPDX-License-Identifier: Apache-2.0

/// `events:`, the catalogue: event types with their versions and schemas.
package struct CatalogueSpec: Sendable {
    /// In the order of the files; each name once.
    package var types: [EventTypeSpec]
    private let places: [String: Int]

    package init(_ types: [EventTypeSpec] = []) {
        self.types = types
        self.places = Dictionary(
            types.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    package var isEmpty: Bool { self.types.isEmpty }

    package func type(_ name: String) -> EventTypeSpec? { self.places[name].map { self.types[$0] } }

    package func version(_ number: Int, of type: String) -> EventVersionSpec? { self.type(type)?.version(number) }
}

/// One event type of the catalogue.
package struct EventTypeSpec: Sendable {
    package let name: String
    package let mark: Mark
    /// One sentence.
    package var summary: String?
    package var description: String?
    /// By number, ascending; each number once.
    package var versions: [EventVersionSpec] = []
    package var converters: [ConverterSpec] = []
    /// Where people read about the type.
    package var link: String?
    /// Whether a running router holds each step of a conversion against the schema of its version.
    package var validatesConversions = false

    package init(name: String, mark: Mark) {
        self.name = name
        self.mark = mark
    }

    package func version(_ number: Int) -> EventVersionSpec? { self.versions.first { $0.number == number } }

    /// The version that new senders and receivers should use: the one that is marked, else the highest.
    package var current: EventVersionSpec? { self.versions.first(where: \.isCurrent) ?? self.versions.last }
}

/// One version of an event type.
package struct EventVersionSpec: Sendable {
    /// From 0.
    package let number: Int
    package let mark: Mark
    /// Nil: every body is valid.
    package var schema: SchemaFileSpec?
    /// Marked by `current: true`; ``EventTypeSpec/current`` knows which one counts.
    package var isCurrent = false
    /// From this day on senders and receivers are told to move on.
    package var deprecated: WallTime?
    /// The day on which it ends.
    package var sunset: WallTime?
    package var examples: [EventExampleSpec] = []
    /// Where people read about the version.
    package var link: String?

    package init(number: Int, mark: Mark) {
        self.number = number
        self.mark = mark
    }

    package func isDeprecated(at now: WallTime) -> Bool { self.deprecated.map { $0 <= now } ?? false }
}

/// A schema file, read.
package struct SchemaFileSpec: Sendable {
    /// Relative to the project folder.
    package let path: String
    package let value: JSONValue
    /// Nil where the schema is refused, which is an error of the project.
    package let program: SchemaProgram?

    package init(path: String, value: JSONValue, program: SchemaProgram? = nil) {
        self.path = path
        self.value = value
        self.program = program
    }
}

/// A body of this version, for people and for checks.
package struct EventExampleSpec: Sendable {
    /// The file that it stands in, relative to the project folder; nil where it stands in the route file.
    package let path: String?
    package let value: JSONValue
    package let mark: Mark

    package init(path: String?, value: JSONValue, mark: Mark) {
        self.path = path
        self.value = value
        self.mark = mark
    }
}

/// A script that makes the data of one version from that of another.
package struct ConverterSpec: Sendable {
    package let from: Int
    package let to: Int
    package let script: ScriptID
    package let mark: Mark

    package init(from: Int, to: Int, script: ScriptID, mark: Mark) {
        self.from = from
        self.to = to
        self.script = script
        self.mark = mark
    }
}
