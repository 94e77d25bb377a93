// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import HookTransform
import HookVerify
import Testing

@testable import HookPipeline

/// Stages 3 and 4 over versions: what routes see, what subscribers get, and how often converters run.
@Suite struct VersionPathTests {
    private struct Made {
        let prepared: Prepared
        let calls: [ScriptCall]

        /// `destination @version body`
        var deliveries: [String] {
            self.prepared.deliveries.map { delivery in
                let body = delivery.body ?? self.prepared.event.body
                return "\(delivery.destination) @\(delivery.version.map(String.init) ?? "none") "
                    + String(decoding: body, as: UTF8.self)
            }
        }

        var converters: [String] { self.calls.filter { $0.conversion != nil }.map(\.script) }
    }

    private static func prepare(_ event: Event, under revision: Revision) -> Made {
        let worker = revision.makeWorker(environment: .live, signals: Signals(), mode: .test)
        let prepared = Pipeline.prepare(
            Verify.trusting(event), routes: revision.routes, under: revision, with: worker)
        return Made(prepared: prepared, calls: worker.takeCalls())
    }

    @Test func `one event reaches everybody in the version that they named, each conversion once`() throws {
        let made = Self.prepare(
            try VersionProject.event(1, #"{"id":"A","type":"order.created","price":"12"}"#),
            under: try VersionProject.revision())
        #expect(
            made.deliveries == [
                #"archive @1 {"id":"A","type":"order.created","price":"12"}"#,
                #"acme/main @1 {"id":"A","type":"order.created","price":"12"}"#,
                #"globex/hook @2 {"id":"A","price":12,"type":"order.created"}"#,
                #"erp @3 {"cents":1200,"order":"A","version":3}"#,
            ])
        #expect(made.converters == ["orders.lua#up2", "orders.lua#up3"])
        #expect(made.prepared.deliveries[0].body == nil, "what nobody changed is stored once")
        #expect(made.prepared.held.isEmpty)
    }

    @Test func `the newest version goes down a chain for old subscribers`() throws {
        let made = Self.prepare(
            try VersionProject.event(3, #"{"id":"A","type":"order.created","cents":1200}"#),
            under: try VersionProject.revision())
        #expect(
            made.deliveries == [
                #"erp @3 {"cents":1200,"order":"A","version":3}"#,
                #"archive @3 {"id":"A","type":"order.created","cents":1200}"#,
                #"acme/main @1 {"id":"A","price":"12","type":"order.created"}"#,
                #"globex/hook @2 {"id":"A","price":12,"type":"order.created"}"#,
            ])
        #expect(made.converters == ["orders.lua#down2", "orders.lua#down1"])
    }

    @Test func `the header says the version that goes out`() throws {
        let event = try VersionProject.event(1, #"{"id":"A","type":"order.created","price":"12"}"#)
        func headers(_ edits: [(old: String, new: String)]) throws -> [String] {
            Self.prepare(event, under: try VersionProject.revision(edits)).prepared.deliveries.map { delivery in
                (delivery.request?.headers ?? []).map { "\($0.name): \($0.value)" }.joined(separator: ", ")
            }
        }
        #expect(
            try headers([]) == [
                "X-Webhook-Version: 1", "X-Webhook-Version: 1", "X-Webhook-Version: 2", "X-Webhook-Version: 3",
            ])
        let renamed = try headers([("events:\n", "defaults: {version_header: X-Event-Version}\nevents:\n")])
        #expect(renamed.last == "X-Event-Version: 3")
        #expect(try headers([("events:\n", "defaults: {version_header: false}\nevents:\n")]) == ["", "", "", ""])
    }

    @Test func `an event without a version, or of a type without one, is what it was`() throws {
        let revision = try VersionProject.revision()
        let plain = Self.prepare(try VersionProject.event(nil, #"{"id":"A"}"#), under: revision)
        #expect(plain.deliveries == [#"archive @none {"id":"A"}"#])
        #expect(plain.prepared.deliveries[0].request == nil && plain.converters.isEmpty)
        let other = Self.prepare(try VersionProject.event(2, "{}", type: "order.paid"), under: revision)
        #expect(other.deliveries == ["archive @2 {}"] && other.prepared.deliveries[0].request == nil)
    }

    @Test func `a converter that fails holds the event for the routes that need it, and no others`() throws {
        let made = Self.prepare(
            try VersionProject.event(2, #"{"id":"A","type":"order.created","price":null}"#),
            under: try VersionProject.revision())
        #expect(
            made.deliveries == [
                #"archive @2 {"id":"A","type":"order.created","price":null}"#,
                #"acme/main @1 {"id":"A","price":"null","type":"order.created"}"#,
                #"globex/hook @2 {"id":"A","type":"order.created","price":null}"#,
            ])
        #expect(made.prepared.held.map { "\($0.route) \($0.failure.script)" } == ["to-erp orders.lua#up3"])
    }

    @Test func `a converter that fails on the way out holds the event for that subscriber alone`() throws {
        let revision = try VersionProject.revision([("price = tostring(data.price)", "price = data.price.text")])
        let made = Self.prepare(
            try VersionProject.event(2, #"{"id":"A","type":"order.created","price":7}"#), under: revision)
        #expect(made.prepared.held.map { "\($0.route) \($0.destination?.text ?? "")" } == ["to-subscribers acme/main"])
        #expect(made.deliveries.map { $0.split(separator: " ")[0] } == ["archive", "globex/hook", "erp"])
        #expect(made.prepared.fates.allSatisfy { $0.kind == .matched })
    }

    @Test func `what a transform makes for a subscriber is converted from the version of the route`() throws {
        let revision = try VersionProject.revision([
            (
                "to-subscribers: {event: order.created@2, to: {subscribers: all}}",
                "to-subscribers: {event: order.created@2, lua: \"event.data.price = 1 return event.data\", "
                    + "to: {subscribers: all}}"
            )
        ])
        let made = Self.prepare(
            try VersionProject.event(1, #"{"id":"A","type":"order.created","price":"12"}"#), under: revision)
        #expect(
            made.deliveries.filter { $0.contains("/") } == [
                #"acme/main @1 {"id":"A","price":"1","type":"order.created"}"#,
                #"globex/hook @2 {"id":"A","price":1,"type":"order.created"}"#,
            ])
    }

    @Test func `a converter that reads what its version lacks is found by check`() throws {
        let files = VersionProject.files([("price = math.tointeger(data.price)", "price = math.tointeger(data.prise)")])
        let compiler = RevisionCompiler(environment: .live, projectFolder: "/nowhere", secretOverride: TestSecrets())
        let outcome = compiler.compile(
            ProjectFiles(files.map { ProjectFiles.File(path: $0.path, bytes: Array($0.text.utf8)) }))
        let finding = try #require(outcome.diagnostics.first { $0.code == "schema/unknown-path" })
        #expect(finding.mark?.file == "scripts/orders.lua" && finding.mark?.line == 3)
        #expect(finding.message == "the schema of order.created@1 has no \"prise\" here")
        #expect(finding.hint == "did you mean \"price\"?")
        let wrong = VersionProject.files([("function down1(data)", "function down1()")])
        let parameters = compiler.compile(
            ProjectFiles(wrong.map { ProjectFiles.File(path: $0.path, bytes: Array($0.text.utf8)) })
        ).diagnostics.first { $0.code == "script/parameters" }
        #expect(
            parameters?.message == "down1 takes no parameters; a converter is called as down1(data, ctx)")
    }

    @Test func `each step is held against its schema in tests, and live where the type asks`() throws {
        let wrong = (old: "price = math.tointeger(data.price)", new: "price = data.price")
        let event = try VersionProject.event(1, #"{"id":"A","type":"order.created","price":"12"}"#)
        func held(_ edits: [(old: String, new: String)], _ mode: ScriptMode) throws -> [String] {
            let revision = try VersionProject.revision(edits)
            let worker = revision.makeWorker(environment: .live, signals: Signals(), mode: mode)
            return Pipeline.prepare(Verify.trusting(event), routes: revision.routes, under: revision, with: worker).held
                .map { "\($0.route) \($0.failure.code)" }
        }
        let both = ["to-erp convert/invalid-step", "to-subscribers convert/invalid-step"]
        #expect(try held([wrong], .test).sorted() == both)
        #expect(try held([wrong], .live).allSatisfy { !$0.hasSuffix("convert/invalid-step") })
        let asked = (old: "    link: https://docs.example/orders\n", new: "    validate_conversions: true\n")
        #expect(try held([wrong, asked], .live).sorted() == both)
        #expect(try held([asked], .live) == [])
    }

    @Test func `a changed converter is a change of every route that may meet it`() throws {
        let old = try VersionProject.revision()
        let new = try VersionProject.revision([
            ("price = math.tointeger(data.price)", "price = math.tointeger(data.price) + 1")
        ])
        let same = BehaviourDiff(from: old, to: try VersionProject.revision())
        #expect(same.old.own.match(Verify.trusting(try VersionProject.event(1, "{}"))).hits.isEmpty)
        let diff = BehaviourDiff(from: old, to: new)
        #expect(!diff.old.own.match(Verify.trusting(try VersionProject.event(1, "{}"))).hits.isEmpty)
    }
}

extension RouteTable {
    fileprivate func match(_ verified: Verified) -> Routed {
        struct Yes: ConditionScripts {
            mutating func verdict(of: ScriptID, for: Event, route: RouteName) throws(ScriptFailure) -> ConditionVerdict
            {
                .holds
            }
        }
        var scripts = Yes()
        return self.match(verified, scripts: &scripts)
    }
}
