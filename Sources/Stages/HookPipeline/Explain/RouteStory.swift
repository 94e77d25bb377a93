// SPDX-License-Identifier: Apache-2.0
// A route in words: what it takes, from where, what runs, where it goes and what happens when that fails.
package import HookCore
import HookRoute

package struct RouteStory: Sendable {
    /// A heading with its lines, for people.
    package struct Section: Sendable, Equatable {
        package let title: String
        package let lines: [String]
    }

    /// One way that an event can take through the route.
    struct Way: Sendable {
        /// The `switch` case; nil for the targets of the route itself.
        let caseName: String?
        let mark: Mark
        let condition: Condition?
        let scripts: [ScriptID]
        let targets: [TargetSpec]
        let transform: ScriptID?
    }

    let revision: Revision
    let route: RouteSpec
    let sources: [SourceSpec]
    let ways: [Way]
    /// Tests in which the route made a delivery.
    let tests: [(name: String, mark: Mark)]
    let table: TableStatistics
    let places: ScriptPlaces

    /// Nil where the revision has no such route. Runs the project's tests to see which of them the route takes part in.
    package init?(_ name: RouteName, in revision: Revision) {
        guard let route = revision.configuration.route(name) else { return nil }
        self.revision = revision
        self.route = route
        self.sources = SourceReach(revision.configuration.sources).sources(of: route)
        self.places = ScriptPlaces(revision.files)
        self.table = revision.routes.statistics
        let runner = RouteTestRunner(revision: revision)
        self.tests = runner.runAll().filter { $0.routesHit.contains(name) }.map { ($0.name, $0.mark) }
        switch route.targets {
        case .list(let targets):
            self.ways = [
                Way(
                    caseName: nil, mark: route.mark, condition: nil, scripts: [], targets: targets,
                    transform: route.transform)
            ]
        case .cases(let cases):
            self.ways = cases.map {
                Way(
                    caseName: $0.name, mark: $0.mark, condition: $0.match, scripts: $0.scripts, targets: $0.targets,
                    transform: $0.transform ?? route.transform)
            }
        }
    }

    // MARK: Sections

    package var head: String {
        "\(self.route.name)  \(self.route.mark.file):\(self.route.mark.line)"
            + (self.route.isEnabled ? "" : "  (switched off: enabled: false)")
    }

    package var sections: [Section] {
        [
            Section(title: "takes", lines: self.takes), Section(title: "from", lines: self.from),
            Section(title: "when", lines: self.when),
        ] + self.viewSections + self.collects + self.ways.map(self.section) + self.emits
            + [
                Section(title: "on error", lines: [Self.words(self.route.onError)]),
                Section(title: "tests", lines: self.testLines), Section(title: "table", lines: self.tableLines),
            ]
    }

    private var collects: [Section] {
        guard let aggregate = self.route.aggregate else { return [] }
        let lines = WindowWords.lines(of: aggregate) { id in
            self.script(id).map { "\($0.label) (\(self.places.place(of: $0)))" } ?? "a script"
        }
        return [Section(title: "collects", lines: lines)]
    }

    private var emits: [Section] {
        guard let emit = self.route.emit else { return [] }
        let takers = self.revision.configuration.routes.filter { $0.isEnabled && $0.mayTake(emit) }
        let words =
            takers.isEmpty
            ? "no route of this project takes it" : "taken by \(takers.map(\.name.text).joined(separator: ", "))"
        return [Section(title: "emits", lines: ["\(emit.text): \(words)"])]
    }

    private var takes: [String] {
        if self.route.events.isEmpty { return ["events of every type"] }
        return self.route.events.map { pattern in
            let version = pattern.version.map { ", version \($0)" } ?? ""
            return pattern.type.contains("*")
                ? "events whose type looks like \(pattern.type)\(version)" : "events of type \(pattern.type)\(version)"
        } + self.conversionLines
    }

    private var from: [String] {
        if self.sources.isEmpty { return ["no source of this project makes such an event; tests and dry runs can"] }
        return self.sources.map { source in
            "\(source.name): POST \(source.path), \(SourceWords.check(of: source))"
                + (SourceWords.dedupe(of: source).map { ", duplicates told by \($0)" } ?? "")
        }
    }

    private var when: [String] {
        let asked = self.route.hasViews ? [] : self.route.scripts.map(self.asks)
        let lines = (self.route.match.map(ConditionWords.lines) ?? []) + asked
        return lines.isEmpty ? ["always: it has no condition of its own"] : lines
    }

    func asks(_ id: ScriptID) -> String {
        guard let script = self.script(id) else { return "a script says yes" }
        switch script.body {
        case .expression(let text): return "Lua says yes to: \(text) (\(self.places.place(of: script)))"
        case .inline: return "the Lua at \(self.places.place(of: script)) says yes"
        case .function: return "\(script.label) says yes (\(self.places.place(of: script)))"
        }
    }

    func script(_ id: ScriptID) -> ScriptSpec? {
        let scripts = self.revision.configuration.scripts
        return scripts.indices.contains(id.index) ? scripts[id.index] : nil
    }

    private func section(_ way: Way) -> Section {
        guard let name = way.caseName else {
            if way.targets.isEmpty { return Section(title: "sends to", lines: ["nothing by itself"]) }
            return Section(title: "sends to", lines: way.targets.flatMap { self.lines(of: $0, way) })
        }
        let conditions = (way.condition.map(ConditionWords.lines) ?? []) + way.scripts.map(self.asks)
        return Section(
            title: "case \(name)",
            lines: [conditions.isEmpty ? "otherwise" : name == self.ways.first?.caseName ? "if:" : "else if:"]
                + conditions.map { "  \($0)" }
                + way.targets.flatMap { self.lines(of: $0, way) })
    }

    private func lines(of target: TargetSpec, _ way: Way) -> [String] {
        let words = DestinationWords(self.revision.configuration.destination(target.destination))
        let conditions = (target.match.map(ConditionWords.lines) ?? []) + target.scripts.map(self.asks)
        let body: String
        if let script = (target.transform ?? way.transform).flatMap(self.script) {
            body = "body made by \(script.label) (\(self.places.place(of: script)))"
        } else {
            body = "body as it came in"
        }
        let version = target.version.map { ["    at version \($0), whatever the route sees"] } ?? []
        return ["→ \(target.destination): \(words.address)"] + version + conditions.map { "    only if \($0)" }
            + (target.due.map { ["    \(DueWords.text($0))"] } ?? []) + ["    \(body)"]
            + (OutputWords(target.output).lines + words.lines).map { "    \($0)" }
    }

    static func words(_ onError: RouteSpec.OnError) -> String {
        switch onError {
        case .hold: "hold: the event of a script that fails is kept for this route, listed, and can be run again"
        case .drop: "drop: the event of a script that fails is dropped for this route, and counted"
        case .pass: "pass: a condition that fails counts as yes; past a transform that fails goes the event itself"
        }
    }

    private var testLines: [String] {
        if self.tests.isEmpty { return ["none sends anything through it: hookswitch new test writes one"] }
        return self.tests.map { "\($0.name)  \($0.mark.file):\($0.mark.line)" }
    }

    private var tableLines: [String] {
        guard let own = self.table.routes.first(where: { $0.name == self.route.name }) else {
            return ["not in the table: the route is switched off"]
        }
        let total = self.table.routes.count
        if own.isRemainder {
            return ["found by nothing: its conditions are checked for every event, whatever else the event holds"]
        }
        let same = self.table.routes.count { !$0.isRemainder && $0.keys == own.keys } - 1
        return [
            "found by \(PolicyWords.list(Array(Set(own.keys)).sorted(), "or")): other events do not cost it a look",
            "of \(total) routes \(same) more hang on the same, \(self.table.remainder.count) are checked for every event",
        ]
    }
}

/// A destination in words.
struct DestinationWords {
    private let spec: DestinationSpec?

    init(_ spec: DestinationSpec?) { self.spec = spec }

    /// `POST https://host/path/{data.id}`
    var address: String {
        guard let spec = self.spec else { return "no such destination" }
        return "\(spec.method) \(self.url)"
    }

    var url: String {
        guard let spec = self.spec else { return "" }
        let query = spec.query.map { "\($0.name)=\(Self.text($0.value))" }.joined(separator: "&")
        let path = Self.text(spec.url.path)
        return spec.url.origin + path + (query.isEmpty ? "" : (path.contains("?") ? "&" : "?") + query)
    }

    static func text(_ template: Template) -> String {
        template.parts.map { part in
            switch part {
            case .literal(let text): text
            case .field(let path): "{\(path)}"
            }
        }.joined()
    }

    /// Secrets by name only.
    var lines: [String] {
        guard let spec = self.spec else { return [] }
        let policy = PolicyWords(spec.policy)
        let times = policy.attempts.prefix(6).map(DurationWords.text)
        let more = policy.attempts.count > times.count ? ", …" : ""
        let packs = spec.gzipBytesMin.map { "bodies of \($0) bytes and more go out as gzip" }
        return [self.auth, self.sign, packs].compactMap(\.self) + [
            "policy \(spec.policy.name): \(policy.retries)",
            "if nothing answers, attempts at \(times.joined(separator: ", "))\(more) after the event came in",
            "\(policy.outcomes); \(policy.limits)",
        ]
    }

    private var auth: String? {
        switch self.spec?.auth {
        case .bearer(let name): "signs in with bearer token \(name)"
        case .basic(let username, let password): "signs in as \(username) with password \(password)"
        case .header(let header, let name): "signs in with \(name) in header \(header)"
        case nil: nil
        }
    }

    private var sign: String? {
        switch self.spec?.sign {
        case .standardWebhooks(let name): "signed with \(name) after Standard Webhooks, in webhook-signature"
        case .hmac(let algorithm, let name, let header, _, _):
            "signed with \(name), \(algorithm.rawValue) over the body, in \(header)"
        case nil: nil
        }
    }
}
