// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

/// Converters that are needed and not there, and versions that nobody has declared.
@Suite struct VersionLintTests {
    private static func project(
        convert: String, routes: String, versions: String = "1: {}, 2: {}, 3: {current: true}", more: String = ""
    ) -> ProjectFiles {
        let text = """
            version: 1
            events:
              order.created:
                versions: {\(versions)}
            \(convert.isEmpty ? "" : "    convert: [\(convert)]")
              order.paid: {versions: {1: {current: true}}}
            sources: {shop: {path: /in/shop, verify: none, event: {type: {data: type}}}}
            destinations: {chat: {url: "https://chat.example/x"}}
            \(more)
            routes:
              \(routes)
            """
        let script = "function f(data, ctx) return data end\n"
        return HookConfigTests.project(["routes/main.yaml": text, "scripts/c.lua": script])
    }

    private static func findings(_ files: ProjectFiles) -> [String] {
        let loaded = ConfigLoader.load(files)
        return (loaded.findings + ProjectLint.findings(files, loaded)).filter { $0.code.hasPrefix("version/") }.map {
            "\($0.code) \($0.severity == .error ? "" : "warning ")\($0.mark?.line ?? 0):\($0.mark?.column ?? 0) \($0.message)"
        }
    }

    private static func step(_ from: Int, _ to: Int) -> String { "{from: \(from), to: \(to), script: c.lua#f}" }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let convert: [(Int, Int)]
        let route: String
        var more = ""
        let findings: [String]
        var testDescription: String { self.name }
    }

    static let subscribers = """
        subscribers:
          acme:
            endpoints: {main: {url: "https://acme.example/in"}}
            subscriptions:
              - {events: "order.*", version: 1, to: main}
        """

    @Test(arguments: [
        Case(
            name: "every version leads there", convert: [(1, 2), (2, 3)],
            route: "r: {event: order.created@3, to: chat}", findings: []),
        Case(
            name: "one does not", convert: [(1, 2)], route: "r: {event: order.created@2, to: chat}",
            findings: [
                "version/no-converter 11:14 no converter leads from order.created@3 to version 2, which the route names"
            ]),
        Case(
            name: "a list of events", convert: [(2, 3)], route: "r: {event: [order.paid, order.created@3], to: chat}",
            findings: [
                "version/no-converter 11:27 no converter leads from order.created@1 to version 3, which the route names"
            ]),
        Case(
            name: "what is taken as it comes needs nothing", convert: [],
            route: "r: {event: [order.created@1, order.created@2, order.created@3], to: chat}", findings: []),
        Case(
            name: "a version as a condition converts nothing", convert: [],
            route: "r: {event: order.created, match: {version: 2}, to: chat}", findings: []),
        Case(
            name: "a pattern with a star", convert: [(1, 2), (3, 2)], route: "r: {event: \"order.*@2\", to: chat}",
            findings: []),
        Case(
            name: "a subscriber behind a pinned route", convert: [(1, 3), (2, 3)],
            route: "r: {event: order.created@3, to: {subscribers: all}}", more: Self.subscribers,
            findings: [
                "version/no-converter 13:38 no converter leads from order.created@3 to version 1, which acme pins"
            ]),
        Case(
            name: "a subscriber behind a route that sees all versions", convert: [(2, 1), (3, 2)],
            route: "r: {event: order.created, to: {subscribers: all}}", more: Self.subscribers, findings: []),
        Case(
            name: "a subscriber that no route sends to needs nothing", convert: [],
            route: "r: {event: order.created, to: chat}", more: Self.subscribers, findings: []),
        Case(
            name: "a version that the type lacks", convert: [(2, 1), (3, 2)],
            route: "r: {event: order.created, to: {subscribers: all}}",
            more: Self.subscribers.replacing("version: 1", with: "version: 7"),
            findings: ["version/unknown 13:38 the catalogue has no version 7 of order.*"]),
        Case(
            name: "a version that one of the types lacks", convert: [(1, 2), (3, 2)],
            route: "r: {event: order.created, to: {subscribers: all}}",
            more: Self.subscribers.replacing("version: 1", with: "version: 2"),
            findings: ["version/unknown warning 13:38 order.paid has no version 2: it goes out as the route sees it"]),
        Case(
            name: "a type that is not in the catalogue", convert: [],
            route: "r: {event: invoice.sent, to: {subscribers: all}}",
            more: Self.subscribers.replacing("order.*", with: "invoice.sent"),
            findings: [
                "version/unknown 13:43 the catalogue has no type invoice.sent, and so no version 1 of it"
            ]),
        Case(
            name: "a round trip needs both ways", convert: [(1, 2)], route: "r: {event: order.created, to: chat}",
            more: "tests: {t: {round_trip: {event: order.created, from: 1, via: 2, data: {}}}}",
            findings: [
                "version/no-converter 9:25 no converter leads from order.created@2 to version 1, which the test needs"
            ]),
        Case(
            name: "a round trip over a version that is not there", convert: [],
            route: "r: {event: order.created, to: chat}",
            more: "tests: {t: {round_trip: {event: order.created, from: 1, via: 8, data: {}}}}",
            findings: ["version/unknown 9:62 order.created has no version 8"]),
    ])
    func `what is missing is said where it is needed`(_ one: Case) {
        let files = Self.project(
            convert: one.convert.map { Self.step($0.0, $0.1) }.joined(separator: ", "), routes: one.route,
            more: one.more)
        #expect(Self.findings(files) == one.findings)
    }

    @Test func `the hint says which converter would help`() throws {
        let files = Self.project(convert: Self.step(1, 2), routes: "r: {event: order.created@2, to: chat}")
        let loaded = ConfigLoader.load(files)
        let finding = try #require(ProjectLint.findings(files, loaded).first { $0.code == "version/no-converter" })
        #expect(
            finding.hint
                == "add {from: 3, to: 2, script: FILE.lua#FUNCTION} below convert: of order.created; or take only what "
                + "comes in version 2: match: {version: 2}")
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let convert: String
        let codes: [String]
        var testDescription: String { self.convert }
    }

    @Test(arguments: [
        Fault(convert: "{from: 1, to: 1, script: c.lua#f}", codes: ["version/converter"]),
        Fault(
            convert: "{from: 1, to: 2, script: c.lua#f}, {from: 1, to: 2, script: c.lua#g}",
            codes: ["version/converter"]),
        Fault(convert: "{from: 1, to: 9, script: c.lua#f}", codes: ["version/unknown"]),
        Fault(convert: "{from: 8, to: 9, script: c.lua#f}", codes: ["version/unknown", "version/unknown"]),
        Fault(convert: "{from: 1, script: c.lua#f}", codes: ["config/missing-key"]),
        Fault(convert: "{from: 1, to: 2, script: c.lua}", codes: ["route/script", "config/type"]),
    ])
    func `a converter that cannot be one is refused`(_ fault: Fault) {
        let files = Self.project(convert: fault.convert, routes: "r: {to: chat}")
        let errors = ConfigLoader.load(files).findings.filter { $0.severity == .error }
        #expect(errors.map(\.code).allSatisfy(fault.codes.contains) && !errors.isEmpty, "\(errors.map(\.code))")
    }

    @Test func `converters are scripts of a role of their own`() throws {
        let files = Self.project(convert: Self.step(1, 2), routes: "r: {to: chat, transform: c.lua#f}")
        let configuration = ConfigLoader.load(files).configuration
        let converter = try #require(configuration.catalogue.type("order.created")?.converters.first)
        #expect(configuration.scripts[converter.script.index].role == .convert)
        let transform = try #require(configuration.route("r")?.transform)
        #expect(transform != converter.script && configuration.scripts[transform.index].role == .transform)
    }

    @Test(arguments: [
        ("X-Event-Version", ["X-Event-Version"]), ("false", []), ("\"\"", []),
    ])
    func `the header of versions has a name, or none`(_ value: String, _ names: [String]) {
        let loaded = load("defaults: {version_header: \(value)}\n")
        #expect(loaded.diagnostics.isEmpty)
        #expect((loaded.configuration.defaults.versionHeader.map { [$0] } ?? []) == names)
    }

    @Test(arguments: ["Webhook-Id", "\"a b\"", "12"])
    func `the header of versions is none that says something else`(_ value: String) {
        #expect(!load("defaults: {version_header: \(value)}\n").diagnostics.isEmpty)
    }
}
