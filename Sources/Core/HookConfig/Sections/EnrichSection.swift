// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A step of `enrich:` while it is read.
struct EnrichDraft: Sendable {
    var lookup: LookupName?
    var key: FieldPath?
    var http = HTTPLookupSpec(url: URLTemplate(origin: "", path: Template(parts: [])))
    var url: URLTemplate?
    var into: FieldPath?
    var fallback: JSONValue?
    var onError: EnrichSpec.OnError?

    /// What goes with an address only.
    private static let httpKeys = ["query", "headers", "auth", "cache", "timeout", "tls"]

    static let section = Section<EnrichDraft>(
        title: "an enrichment",
        summary:
            "Puts a row of a look-up, or the JSON answer of a peer, into the data that the rest of the route sees.",
        fields: [
            Field(
                "lookup",
                Shape<String>.reference(.lookups, code: "lookup/unknown").map { LookupName($0) }, \.lookup,
                "Name of a table below lookups:."),
            Field("key", .path, \.key, "Path whose value is looked up in the table."),
            Field(
                "url", .destinationURL, \.url,
                "Address of a GET; the host is literal, path and query may hold {path}. The sender never waits for it."),
            Field("query", .map(of: .template, keys: "names"), "Query parameters of the GET, percent-encoded.") {
                draft, items in
                draft.http.query = items.map { ($0.name, $0.value) }
            },
            Field("headers", .map(of: .template, keys: "header names"), "Headers of the GET.") { draft, items in
                draft.http.headers = items.map { ($0.name, $0.value) }
            },
            Field("auth", .destinationAuth, \.http.auth, "How the GET signs in."),
            Field("into", .dataPath, \.into, isRequired: true, "Path below data where it goes."),
            Field("default", .json, \.fallback, "What goes there where there is no such row or thing."),
            Field(
                "on_error", .word, \.onError, default: "skip for lookup, hold for url",
                "Where there is nothing to put in: hold the event, skip the step, or retry (then hold)."),
            Field(
                "cache", .duration(.zero ... .seconds(86_400)), \.http.cache, default: "5m",
                "How long an answer is used again; 404 and 410 at most 30 s."),
            Field(
                "timeout", .duration(.milliseconds(50) ... .seconds(60)), \.http.timeout, default: "5s",
                "The whole GET, to the last byte of the answer."),
            Field("tls", .section(TLSDraft.section, from: TLSDraft()), "TLS settings of the GET.") {
                $0.http.verifiesTLS = $1.verifies
            },
        ])

    static func read(_ node: YAMLNode, _ checker: Checker) -> EnrichSpec? {
        var draft = EnrichDraft()
        guard Self.section.read(node, into: &draft, checker), let into = draft.into else { return nil }
        if let auth = node.value(of: "headers") { DestinationDraft.checkHeaders(auth, checker) }
        guard !into.keys.isEmpty else {
            checker.report(
                "match/path", at: node.value(of: "into")?.at ?? node.at, "into needs a key below data",
                hint: "for example data.customer")
            return nil
        }
        let hasTable = node.entry(of: "lookup") != nil
        let hasAddress = node.entry(of: "url") != nil
        if hasTable == hasAddress {
            checker.report(
                "config/conflict", at: node.entry(of: "url")?.key.at ?? node.at,
                "an enrichment has either \"lookup\" or \"url\"",
                hint: hasTable ? "keep one" : "lookup: TABLE with key: PATH, or url: ADDRESS")
            return nil
        }
        let strays = hasTable ? Self.httpKeys : ["key"]
        if let stray = strays.compactMap({ node.entry(of: $0)?.key }).first {
            checker.report(
                "config/conflict", at: stray.at,
                "\"\(stray.raw ?? "")\" does not go with \"\(hasTable ? "lookup" : "url")\"", hint: "remove it")
        }
        return draft.spec(into: into.keys, node, checker)
    }

    /// The table is bound when all of them have been read.
    private func spec(into: [String], _ node: YAMLNode, _ checker: Checker) -> EnrichSpec? {
        let source: EnrichSpec.Source
        if let url = self.url {
            var http = self.http
            http.url = url
            source = .http(http)
        } else {
            guard node.entry(of: "url") == nil else { return nil }
            guard let name = self.lookup else { return nil }
            guard let key = self.key else {
                if node.entry(of: "key") == nil {
                    checker.report(
                        "config/missing-key", at: node.at, "an enrichment with \"lookup\" needs the key \"key\"",
                        hint: "key: data.country")
                }
                return nil
            }
            source = .table(LookupTable(name: name, rows: []), key: key)
        }
        let isTable = if case .table = source { true } else { false }
        return EnrichSpec(
            source: source, into: into, fallback: self.fallback?.encoded(),
            onError: self.onError ?? (isTable ? .skip : .hold), mark: node.at)
    }
}

extension EnrichSpec {
    /// The same step with the table of its name.
    func bound(to tables: [LookupName: LookupTable]) -> EnrichSpec {
        guard case .table(let empty, let key) = self.source, let table = tables[empty.name] else { return self }
        return EnrichSpec(
            source: .table(table, key: key), into: self.into, fallback: self.fallback, onError: self.onError,
            mark: self.mark)
    }
}

extension Shape {
    static var enrichments: Shape<[EnrichSpec]> {
        let section = EnrichDraft.section
        return Shape<EnrichSpec>(
            section.title, example: "{lookup: countries, key: data.country, into: data.region}", schema: section.schema,
            sections: [section.note]
        ) { node, checker in EnrichDraft.read(node, checker) }.inOneOrMore
    }

    private var inOneOrMore: Shape<[Value]> { Shape<[Value]>.oneOrMore(self) }
}
