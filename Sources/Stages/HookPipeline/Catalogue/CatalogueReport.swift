// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// The catalogue with who sends what, and who receives which version.
package struct CatalogueReport: Sendable {
    package struct Receiver: Sendable, Equatable {
        package let route: RouteName
        /// `subscriber/endpoint` for a subscriber's.
        package let destination: DestinationName
        /// What goes out; nil: the version that came in.
        package let version: Int?
    }

    package struct EventType: Sendable {
        package let spec: EventTypeSpec
        /// Sources that may send it, as far as the configuration says.
        package let senders: [SourceName]
        package let receivers: [Receiver]

        /// Who receives this version, or whichever comes.
        package func receivers(of version: Int) -> [Receiver] {
            self.receivers.filter { $0.version == nil || $0.version == version }
        }
    }

    package let types: [EventType]

    package init(_ configuration: Configuration) {
        let reach = SourceReach(configuration.sources)
        self.types = configuration.catalogue.types.sorted { $0.name < $1.name }.map { spec in
            let probe = Self.probe(spec.name)
            return EventType(
                spec: spec, senders: reach.sources(of: probe).map(\.name),
                receivers: configuration.routes.filter { $0.isEnabled }.flatMap { Self.receivers(of: spec, in: $0) })
        }
    }

    /// A route that takes the type and nothing else, to ask which sources may feed it.
    private static func probe(_ type: String) -> RouteSpec {
        var route = RouteSpec(
            name: .none, mark: Mark(file: "", line: 1, column: 1), targets: .list([]))
        route.events = [EventPattern(type: type)]
        return route
    }

    private static func receivers(of type: EventTypeSpec, in route: RouteSpec) -> [Receiver] {
        let patterns = route.events.filter { GlobText.matches($0.type, type.name) }
        guard route.events.isEmpty || !patterns.isEmpty else { return [] }
        let pinned = patterns.compactMap(\.version)
        let versions: [Int?] = pinned.isEmpty ? [nil] : pinned.map { $0 }
        let targets: [TargetSpec] =
            switch route.targets {
            case .list(let list): list
            case .cases(let cases): cases.flatMap(\.targets)
            }
        var found: [Receiver] = []
        for target in targets {
            for version in versions {
                let receiver = Receiver(
                    route: route.name, destination: target.destination, version: target.version ?? version)
                if !found.contains(receiver) { found.append(receiver) }
            }
        }
        return found
    }

    /// `hookswitch/catalogue@1`.
    package func json(at now: WallTime) -> JSONValue {
        ["schema": "hookswitch/catalogue@1", "types": .array(self.types.map { $0.json(at: now) })]
    }
}

extension CatalogueReport.EventType {
    package func json(at now: WallTime) -> JSONValue {
        [
            "type": .string(self.spec.name), "summary": .text(self.spec.summary),
            "description": .text(self.spec.description),
            "current": self.spec.current.map { .int($0.number) } ?? .null,
            "senders": .array(self.senders.map { .string($0.text) }),
            "versions": .array(self.spec.versions.map { self.json($0, at: now) }),
            "receivers": .array(self.receivers.map(\.json)),
        ]
    }

    private func json(_ version: EventVersionSpec, at now: WallTime) -> JSONValue {
        [
            "version": .int(version.number), "current": .bool(version.number == self.spec.current?.number),
            "deprecated": .text(version.deprecated.map(CatalogueReport.day)),
            "is_deprecated": .bool(version.isDeprecated(at: now)),
            "sunset": .text(version.sunset.map(CatalogueReport.day)), "schema": .text(version.schema?.path),
            "examples": .int(version.examples.count),
            "receivers": .array(self.receivers(of: version.number).map(\.json)),
        ]
    }
}

extension CatalogueReport.Receiver {
    package var json: JSONValue {
        [
            "route": .string(self.route.text), "destination": .string(self.destination.text),
            "version": self.version.map { .int($0) } ?? .null,
        ]
    }
}

extension CatalogueReport {
    /// `2026-06-30`; with the time of day where it is not midnight.
    package static func day(_ time: WallTime) -> String {
        let text = time.rfc3339
        return text.hasSuffix("T00:00:00.000Z") ? String(text.prefix(10)) : text
    }
}

/// Patterns of event types: `*` stands for any run of characters.
enum GlobText {
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let glob = Array(pattern.utf8)
        let bytes = Array(text.utf8)
        var at = 0
        var place = 0
        var star: (glob: Int, text: Int)?
        while place < bytes.count {
            if at < glob.count, glob[at] == UInt8(ascii: "*") {
                star = (at, place)
                at += 1
            } else if at < glob.count, glob[at] == bytes[place] {
                at += 1
                place += 1
            } else if let back = star {
                at = back.glob + 1
                place = back.text + 1
                star = (back.glob, back.text + 1)
            } else {
                return false
            }
        }
        return glob[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
