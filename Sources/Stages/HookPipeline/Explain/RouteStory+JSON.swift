// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookRoute

extension RouteStory {
    /// `hookswitch/explain@1` of a route; keys are only ever added.
    package var json: JSONValue {
        .object([
            .init("schema", "hookswitch/explain@1"),
            .init("kind", "route"),
            .init("route", .string(self.route.name.text)),
            .init("revision", .string(self.revision.id.text)),
            .init("at", Self.place(self.route.mark)),
            .init("enabled", .bool(self.route.isEnabled)),
            .init("events", .array(self.route.events.map { .string($0.description) })),
            .init(
                "sources",
                .array(
                    self.sources.map {
                        [
                            "name": .string($0.name.text), "path": .string($0.path),
                            "check": .string(SourceWords.check(of: $0)), "at": Self.place($0.mark),
                        ]
                    })),
            .init("conditions", .array((self.route.match.map(ConditionWords.lines) ?? []).map { .string($0) })),
            .init("scripts", .array(self.route.scripts.map(self.json))),
            .init("split", self.splitJSON), .init("enrich", .array(self.route.enrich.map(Self.json))),
            .init("cases", .array(self.ways.filter { $0.caseName != nil }.map(self.json))),
            .init("targets", .array(self.ways.flatMap { way in way.targets.map { self.json($0, way) } })),
            .init("emits", .text(self.route.emit?.text)),
            .init("aggregates", .bool(self.route.aggregate != nil)),
            .init("on_error", .string(self.route.onError.rawValue)),
            .init(
                "tests", .array(self.tests.map { ["name": .string($0.name), "at": Self.place($0.mark)] })),
            .init("table", self.tableJSON),
            .init(
                "text",
                .array(
                    self.sections.map { section in
                        ["title": .string(section.title), "lines": .array(section.lines.map { .string($0) })]
                    })),
        ])
    }

    private static func place(_ mark: Mark) -> JSONValue { .string("\(mark.file):\(mark.line):\(mark.column)") }

    private func json(_ id: ScriptID) -> JSONValue {
        guard let script = self.script(id) else { return .null }
        return [
            "script": .string(script.label), "role": .string(script.role.rawValue),
            "at": .string(self.places.place(of: script)),
        ]
    }

    private func json(_ way: Way) -> JSONValue {
        [
            "name": .text(way.caseName), "at": Self.place(way.mark),
            "conditions": .array((way.condition.map(ConditionWords.lines) ?? []).map { .string($0) }),
            "scripts": .array(way.scripts.map(self.json)),
        ]
    }

    private func json(_ target: TargetSpec, _ way: Way) -> JSONValue {
        let spec = self.revision.configuration.destination(target.destination)
        let words = DestinationWords(spec)
        let credentials = (spec?.auth?.secrets ?? []) + (spec?.sign.map { [$0.secret] } ?? [])
        return .object([
            .init("destination", .string(target.destination.text)),
            .init("case", .text(way.caseName)),
            .init("at", Self.place(target.mark)),
            .init("method", .text(spec?.method)),
            .init("url", .string(words.url)),
            .init("conditions", .array((target.match.map(ConditionWords.lines) ?? []).map { .string($0) })),
            .init("scripts", .array(target.scripts.map(self.json))),
            .init("transform", (target.transform ?? way.transform).map(self.json) ?? .null),
            .init("due", .text(target.due.map(DueWords.text))),
            .init("secrets", .array(credentials.map { .string($0.text) })),
            .init("policy", spec.map { DryRunReport.json($0.policy) } ?? .null),
        ])
    }

    private var tableJSON: JSONValue {
        let own = self.table.routes.first { $0.name == self.route.name }
        return [
            "keys": .array((own?.keys ?? []).map { .string($0) }), "every_event": .bool(own?.isRemainder ?? false),
            "routes": .int(self.table.routes.count), "every_event_routes": .int(self.table.remainder.count),
        ]
    }
}
