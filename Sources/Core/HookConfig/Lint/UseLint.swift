// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Names that are declared and never used, sources that nobody listens to, events that nobody sends.
struct UseLint {
    let configuration: Configuration
    let declared: Declared
    let files: [String: [UInt8]]
    let trees: SourceTrees
    let report: (Diagnostic) -> Void

    func check() {
        guard self.declared.isComplete else { return }
        self.checkDestinations()
        self.checkPolicies()
        self.checkSecrets()
        self.checkLookups()
        self.checkSources()
        self.checkEvents()
    }

    private func reportUnused(_ kind: String, _ name: String, at mark: Mark, _ message: String, _ hint: String) {
        self.report(Diagnostic("config/unused", .warning, at: mark, "\(kind) \(name) \(message)", hint: hint))
    }

    private func checkDestinations() {
        let used = Set(self.configuration.routes.flatMap { $0.allTargets.map(\.destination) })
        let endpoints = Set(self.configuration.subscribers.flatMap(\.endpoints))
        for destination in self.configuration.destinations where !used.contains(destination.name) {
            if endpoints.contains(destination.name) {
                self.reportUnused(
                    "endpoint", destination.name.text, at: destination.mark, self.whyIdle(destination.name).0,
                    self.whyIdle(destination.name).1)
            } else {
                self.reportUnused(
                    "destination", destination.name.text, at: destination.mark, "gets nothing: no route names it",
                    "name it in a route, or remove it")
            }
        }
    }

    /// Why an endpoint gets nothing, and what to do.
    private func whyIdle(_ endpoint: DestinationName) -> (String, String) {
        let isNamed = self.configuration.subscribers.contains { subscriber in
            subscriber.subscriptions.contains { $0.endpoint == endpoint }
        }
        return isNamed
            ? ("gets nothing: no route sends its events to subscribers", "to: {subscribers: all} in a route")
            : ("gets nothing: no subscription names it", "add a subscription, or remove it")
    }

    private func checkPolicies() {
        var used = Set(self.configuration.destinations.map(\.policy.name.text))
        used.formUnion(self.declared.policies.compactMap(\.extends))
        for policy in self.declared.policies
        where policy.spec.name != "standard" && !used.contains(policy.spec.name.text) {
            self.reportUnused(
                "policy", policy.spec.name.text, at: policy.mark, "is used by no destination",
                "name it in a destination, or remove it")
        }
    }

    private func checkSecrets() {
        var used = Set(self.configuration.sources.flatMap(\.verify.secrets))
        used.formUnion(self.configuration.server.adminTokens)
        for destination in self.configuration.destinations { used.formUnion(destination.secrets) }
        for step in self.configuration.routes.flatMap(\.enrich) {
            if case .http(let http) = step.source { used.formUnion(http.auth.map { [$0.secret] } ?? []) }
        }
        let unused = self.configuration.secrets.filter {
            !used.contains($0.name)
        }
        let named = unused.isEmpty ? [] : self.namesInScripts()
        for secret in unused where !named.contains(secret.name.text) {
            self.reportUnused(
                "secret", secret.name.text, at: secret.mark, "is used by nothing",
                "name it where it is needed, or remove it")
        }
    }

    private func checkLookups() {
        guard !self.declared.lookups.isEmpty else { return }
        var named = self.namesInScripts()
        for step in self.configuration.routes.flatMap(\.enrich) {
            if case .table(let table, _) = step.source { named.insert(table.name.text) }
        }
        for lookup in self.declared.lookups where !named.contains(lookup.name) {
            self.reportUnused(
                "look-up", lookup.name, at: lookup.mark, "is used by no route and no script",
                "name it in enrich, read it with lookup(\"\(lookup.name)\", key), or remove it")
        }
    }

    /// Names that stand as text in any Lua: `hmac("erp_key", s)`.
    private func namesInScripts() -> Set<String> {
        var names: Set<String> = []
        for (path, bytes) in self.files where path.hasPrefix("scripts/") && path.hasSuffix(".lua") {
            Self.collectNames(bytes[...], into: &names)
        }
        for spec in self.configuration.scripts {
            switch spec.body {
            case .function: break
            case .expression(let code), .inline(let code): Self.collectNames(Array(code.utf8)[...], into: &names)
            }
        }
        return names
    }

    /// Whatever stands between two quotes and could be a name.
    private static func collectNames(_ code: ArraySlice<UInt8>, into names: inout Set<String>) {
        for part in code.split(whereSeparator: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") })
        where part.count <= 100 {
            let text = String(decoding: part, as: UTF8.self)
            if NameRule.isName(text) { names.insert(text) }
        }
    }

    // MARK: Sources and events

    /// Said only where every route names its sources.
    private func checkSources() {
        let routes = self.configuration.routes
        guard !routes.isEmpty, routes.allSatisfy({ !$0.sources.isEmpty }) else { return }
        let used = Set(routes.flatMap(\.sources))
        for source in self.configuration.sources where !used.contains(source.name) {
            self.report(
                Diagnostic(
                    "source/unrouted", .warning, at: source.mark, "no route takes events of source \(source.name)",
                    hint: "name it in a route's source:, or remove it"))
        }
    }

    /// Said only where the types that each source can send are known.
    private func checkEvents() {
        guard !self.configuration.sources.isEmpty else { return }
        let types = Dictionary(
            self.configuration.sources.map { ($0.name, TypeSpace($0)) }, uniquingKeysWith: { first, _ in first })
        let everything = Array(types.values)
        var known: [String: Bool] = [:]
        for route in self.configuration.routes where !route.events.isEmpty {
            let spaces = route.sources.isEmpty ? everything : route.sources.compactMap { types[$0] }
            for pattern in route.events {
                let key = route.sources.isEmpty ? pattern.type : ""
                let isEmitted = self.configuration.routes.contains {
                    $0.emit.map { Glob(pattern: pattern.type).matches($0.type) } ?? false
                }
                if isEmitted { continue }
                let isSent =
                    known[key].flatMap { key.isEmpty ? nil : $0 } ?? spaces.contains { $0.mayHold(pattern.type) }
                if !key.isEmpty { known[key] = isSent }
                if !isSent { self.reportUnsent(pattern, route, spaces) }
            }
        }
    }

    private func reportUnsent(_ pattern: EventPattern, _ route: RouteSpec, _ spaces: [TypeSpace]) {
        let bytes = self.files[route.mark.file]
        let mark = self.trees.node(["event"], below: route.mark)?.at.narrowed(to: pattern.type, in: bytes) ?? route.mark
        let words = spaces.map(\.words)
        let near =
            NearestName.to(pattern.type, among: spaces.compactMap(\.constant)) ?? self.nearPrefix(pattern.type, spaces)
        let list = Set(words).sorted().prefix(4).joined(separator: ", ")
        self.report(
            Diagnostic(
                "route/unsent-event", .warning, at: mark, "no source sends events of type \"\(pattern.type)\"",
                hint: near.map { "did you mean \"\($0)\"?" } ?? "its sources send \(list)",
                notes: [Diagnostic.Note("route \(route.name)")], fix: near.map { Diagnostic.Fix(at: mark, $0) }))
    }

    /// `gihub.release` with a source that sends `github.…`.
    private func nearPrefix(_ type: String, _ spaces: [TypeSpace]) -> String? {
        guard let dot = type.firstIndex(of: ".") else { return nil }
        let prefixes = spaces.compactMap(\.prefix).filter { $0.hasSuffix(".") }.map { String($0.dropLast()) }
        return NearestName.to(String(type[..<dot]), among: prefixes).map { $0 + type[dot...] }
    }
}

/// The event types that a source can send.
private struct TypeSpace {
    /// Every type begins with it; nil where there is only ``constant``.
    var prefix: String?
    var constant: String?
    /// The type of events whose type is missing.
    var fallback: String?

    init(_ source: SourceSpec) {
        switch source.event.type {
        case nil: self.constant = source.name.text
        case .constant(let text): self.constant = text
        case .header(_, let prefix), .data(_, let prefix): self.prefix = prefix
        case .query: self.prefix = ""
        }
        self.fallback = source.event.typeDefault
    }

    func mayHold(_ pattern: String) -> Bool {
        if let constant, Glob(pattern: pattern).matches(constant) { return true }
        if let fallback, Glob(pattern: pattern).matches(fallback) { return true }
        guard let prefix else { return false }
        // The literal start of the pattern and the prefix agree as far as both go.
        let start = Array(pattern.utf8.prefix { $0 != UInt8(ascii: "*") })
        let isWhole = start.count == pattern.utf8.count
        let common = min(start.count, prefix.utf8.count)
        guard start.prefix(common).elementsEqual(prefix.utf8.prefix(common)) else { return false }
        return !isWhole || start.count >= prefix.utf8.count
    }

    var words: String { self.constant.map { "\"\($0)\"" } ?? "\"\(self.prefix ?? "")…\"" }
}

extension Glob {
    /// Of an event pattern: `*` any run of characters, nothing is escaped.
    init(pattern: String) { self.init(pattern.replacingBackslashes) }
}

extension String {
    fileprivate var replacingBackslashes: String {
        String(decoding: self.utf8.flatMap { $0 == UInt8(ascii: "\\") ? [$0, $0] : [$0] }, as: UTF8.self)
    }
}

extension DestinationSpec {
    /// Secrets that it signs in or signs with.
    var secrets: [SecretName] {
        var names: [SecretName] = []
        switch self.auth {
        case nil: break
        case .bearer(let name), .basic(_, let name), .header(_, let name): names.append(name)
        }
        switch self.sign {
        case nil: break
        case .standardWebhooks(let name), .hmac(_, let name, _, _, _): names.append(name)
        }
        return names
    }
}
