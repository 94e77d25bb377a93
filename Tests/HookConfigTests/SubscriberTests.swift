// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

/// `subscribers:` in route files, and what a target `{subscribers: …}` becomes.
@Suite struct SubscriberTests {
    static let base = """
        sources: {shop: {path: /in/shop, verify: none, event: {type: {data: type}}}}
        destinations: {chat: {url: "https://chat.example/x"}}
        subscribers:
          acme:
            endpoints:
              main: {url: "https://hooks.acme.example/in", timeout: 3s}
              audit: {url: "https://audit.acme.example/in", allow_ips: 10.0.0.0/8}
            subscriptions:
              - {events: ["order.*"], version: 1, to: main}
              - {events: [order.paid, order.created@2], to: audit, match: {data.total: {gt: 5}}}
          beta:
            endpoints: {hook: {url: "https://beta.example/hook"}}
            subscriptions: [{events: invoice.sent, to: hook}]

        """

    private func targets(_ route: String) -> [String] {
        let loaded = load(Self.base + "routes:\n  r: \(route)\n")
        #expect(loaded.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
        guard let route = loaded.configuration.route("r") else { return [] }
        return route.allTargets.map { target in
            let types = target.match.map { Self.types($0) } ?? []
            return "\(target.destination)" + (target.version.map { "@\($0)" } ?? "")
                + (types.isEmpty ? "" : " \(types.joined(separator: ","))")
        }
    }

    /// What a target asks of the event's type.
    private static func types(_ condition: Condition) -> [String] {
        switch condition {
        case .and(let parts), .or(let parts): parts.flatMap(self.types)
        case .field(let path, let test, _) where path.root == .type: self.words(test)
        default: []
        }
    }

    private static func words(_ test: ValueTest) -> [String] {
        switch test {
        case .equals(.string(let text)), .glob(let text): [text]
        case .anyOf(let tests): tests.flatMap(self.words)
        default: ["?"]
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let route: String
        let targets: [String]
        var testDescription: String { self.route }
    }

    @Test(arguments: [
        Case(
            route: "{event: order.created, to: {subscribers: all}}",
            targets: ["acme/main@1", "acme/audit@2"]),
        Case(route: "{event: order.shipped, to: {subscribers: all}}", targets: ["acme/main@1"]),
        Case(
            route: "{event: [order.created, order.paid], to: {subscribers: all}}",
            targets: ["acme/main@1", "acme/audit order.paid", "acme/audit@2 order.created"]),
        Case(
            route: "{event: ['order.*', invoice.sent], to: {subscribers: all}}",
            targets: [
                "acme/main@1 order.*", "acme/audit order.paid", "acme/audit@2 order.created",
                "beta/hook invoice.sent",
            ]),
        Case(route: "{to: {subscribers: beta}}", targets: ["beta/hook invoice.sent"]),
        Case(
            route: "{event: order.created@2, to: [chat, {subscribers: [acme, beta]}]}",
            targets: ["chat", "acme/main@1", "acme/audit@2"]),
        Case(
            route: "{event: order.shipped, switch: [{case: all, else: true, to: {subscribers: all}}]}",
            targets: ["acme/main@1"]),
    ])
    func `a target is made for each subscription that may take what the route takes`(_ one: Case) {
        #expect(self.targets(one.route) == one.targets)
    }

    @Test func `an endpoint is a destination that only public addresses may have`() throws {
        let configuration = load(Self.base + "routes: {r: {to: {subscribers: all}}}").configuration
        let main = try #require(configuration.destination("acme/main"))
        #expect(main.egress == .publicOnly(except: []))
        #expect(main.policy.timeout == .seconds(3))
        let audit = try #require(configuration.destination("acme/audit"))
        #expect(audit.egress == .publicOnly(except: [try #require(CIDR("10.0.0.0/8"))]))
        #expect(configuration.destination("chat")?.egress == .anywhere)
        #expect(configuration.subscribers.map(\.name) == ["acme", "beta"])
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let yaml: String
        let codes: [String]
        var testDescription: String { self.yaml }
    }

    @Test(arguments: [
        Fault(
            yaml: "{endpoints: {main: {url: 'https://a.example/'}}, subscriptions: []}", codes: ["config/empty-list"]),
        Fault(yaml: "{subscriptions: [{events: a, to: main}]}", codes: ["config/missing-key"]),
        Fault(
            yaml: "{endpoints: {main: {url: 'https://a.example/'}}, subscriptions: [{events: a, to: mian}]}",
            codes: ["subscriber/unknown-endpoint"]),
        Fault(
            yaml:
                "{endpoints: {main: {url: 'https://a.example/'}}, subscriptions: [{events: a@1, version: 2, to: main}]}",
            codes: ["config/conflict"]),
        Fault(
            yaml: "{endpoints: {Main: {url: 'https://a.example/'}}, subscriptions: [{events: a, to: Main}]}",
            codes: ["config/name"]),
        Fault(
            yaml: "{endpoints: {main: {url: 'ftp://a.example/'}}, subscriptions: [{events: a, to: main}]}",
            codes: ["destination/url"]),
        Fault(
            yaml:
                "{endpoints: {main: {url: 'https://a.example/', allow_ips: 10.0.0}}, subscriptions: [{events: a, to: main}]}",
            codes: ["config/address"]),
        Fault(
            yaml: "{endpoints: {main: {url: 'https://a.example/'}}, subscriptions: [{events: '', to: main}]}",
            codes: ["route/event"]),
    ])
    func `a fault is found`(_ fault: Fault) {
        let loaded = load(
            """
            sources: {shop: {path: /in/shop, verify: none}}
            subscribers: {zeta: \(fault.yaml)}
            routes: {r: {to: {subscribers: all}}}
            """)
        #expect(loaded.diagnostics.filter { $0.severity == .error }.map(\.code) == fault.codes)
    }

    @Test func `an endpoint that gets nothing is said`() {
        let files = project([
            "routes/main.yaml": "version: 1\n" + Self.base
                + "routes: {r: {event: order.created, to: {subscribers: all}}}"
        ])
        let findings = ProjectLint.findings(files, ConfigLoader.load(files)).filter { $0.code == "config/unused" }
        #expect(
            findings.map(\.message) == [
                "destination chat gets nothing: no route names it",
                "endpoint beta/hook gets nothing: no route sends its events to subscribers",
            ])
    }

    @Test func `a test may name an endpoint, and a misspelt one is found`() {
        let tests = """
            tests:
              good: {event: {type: order.created, data: {}}, expect: {deliveries: [{to: acme/main}]}}
              bad: {event: {type: order.created, data: {}}, expect: {deliveries: [{to: acme/mian}, {to: acne/main}]}}
              answers:
                event: {type: order.created, data: {}}
                responses: {acme/main: [503, 200], acme/nobody: 200}
                expect: {attempts: {acme/main: [0s, 5s]}, dead_letters: []}
            """
        let loaded = load(Self.base + "routes: {r: {to: {subscribers: all}}}\n" + tests)
        let errors = loaded.diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.code) == ["test/unknown-name", "test/unknown-name", "test/unknown-name"])
        #expect(
            errors.map(\.message) == [
                "no endpoint is called \"acme/mian\"", "no subscriber is called \"acne\"",
                "no endpoint is called \"acme/nobody\"",
            ])
        #expect(errors[0].hint == "did you mean \"acme/main\"?")
    }

    @Test func `what was read before stays right when subscribers change`() {
        func files(_ version: Int) -> ProjectFiles {
            project([
                "routes/a.yaml": "version: 1\n"
                    + Self.base.replacing("version: 1", with: "version: \(version)"),
                "routes/b.yaml": "version: 1\nroutes: {r: {event: order.shipped, to: {subscribers: all}}}\n",
            ])
        }
        let first = ConfigLoader.load(files(1))
        let second = ConfigLoader.load(files(3), after: first.memory)
        #expect(first.configuration.route("r")?.allTargets.map(\.version) == [1])
        #expect(second.configuration.route("r")?.allTargets.map(\.version) == [3])
    }
}
