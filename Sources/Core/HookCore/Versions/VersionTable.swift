// SPDX-License-Identifier: Apache-2.0
// What the stages ask of the catalogue while events run: compiled once from it, by type and version.

/// The versions of every event type of the catalogue, with their converters and what is said of each.
package struct VersionTable: Sendable {
    /// One event type.
    package final class TypeVersions: Sendable {
        package let name: String
        /// Ascending.
        package let numbers: [Int]
        package let chains: ConverterChains
        /// Whether a running router holds each step against the schema of its version.
        package let validatesSteps: Bool
        private let facts: [Int: EventVersionFacts]

        init(_ type: EventTypeSpec, headerName: String?) {
            self.name = type.name
            self.numbers = type.versions.map(\.number)
            self.chains = ConverterChains(type.converters)
            self.validatesSteps = type.validatesConversions
            self.facts = Dictionary(
                type.versions.map { ($0.number, EventVersionFacts($0, of: type, headerName: headerName)) },
                uniquingKeysWith: { first, _ in first })
        }

        package func declares(_ version: Int) -> Bool { self.facts[version] != nil }

        /// Nil for a version that the catalogue does not have.
        package func facts(of version: Int) -> EventVersionFacts? { self.facts[version] }
    }

    private let types: [String: TypeVersions]

    package init() { self.types = [:] }

    package init(_ configuration: Configuration) {
        self.init(configuration.catalogue, headerName: configuration.defaults.versionHeader)
    }

    package init(_ catalogue: CatalogueSpec, headerName: String?) {
        self.types = Dictionary(
            catalogue.types.map { ($0.name, TypeVersions($0, headerName: headerName)) },
            uniquingKeysWith: { first, _ in first })
    }

    package var isEmpty: Bool { self.types.isEmpty }

    // HOT: once per event where there is a catalogue.
    package subscript(type: String) -> TypeVersions? { self.types.isEmpty ? nil : self.types[type] }

    /// In order of their names.
    package var all: [TypeVersions] { self.types.values.sorted { $0.name < $1.name } }

    /// What is known of one version; nil where the catalogue does not have it.
    package func facts(of type: String, _ version: Int?) -> EventVersionFacts? {
        version.flatMap { self[type]?.facts(of: $0) }
    }
}
