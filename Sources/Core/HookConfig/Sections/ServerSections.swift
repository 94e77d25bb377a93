// SPDX-License-Identifier: Apache-2.0
// `hookswitch.yaml`, and `defaults:` of the route files.

internal import HookCore
internal import YAMLBridge

extension ServerSpec {
    static let section = Section<ServerSpec>(
        title: "hookswitch.yaml", summary: "Settings of the process. A change needs a restart.",
        fields: [
            Field("version", .integer(1...1), default: "1", "Version of the format.") { _, _ in },
            Field("listen", .section(Self.listen, from: ServerSpec()), "Where the listeners stand.") {
                $0.ingestListen = $1.ingestListen
                $0.adminListen = $1.adminListen
            },
            Field("store", .section(Self.store, from: ServerSpec()), "Where events are stored.") {
                $0.storePath = $1.storePath
                $0.storeReserveBytes = $1.storeReserveBytes
            },
            Field("retention", .section(Self.kept, from: Retention()), \.retention, "How long things are kept."),
            Field(
                "tokens", .list(of: .secret), \.adminTokens,
                "Secrets whose values are bearer tokens of the admin API."),
            Field(
                "shutdown_grace", .duration(.zero ... .seconds(3600)), \.shutdownGrace, default: "10s",
                "Time for work in flight at the end."),
            Field(
                "limits", .section(IngestLimits.section, from: IngestLimits()), \.ingest,
                "Limits of the ingest listener."),
            .later("tracing", .anything, .noEffectYet, "Where traces go."),
        ])

    private static let listen = Section<ServerSpec>(
        title: "listeners", summary: "Addresses, host:port.",
        fields: [
            Field(
                "ingest", .socketAddress, \.ingestListen, default: "127.0.0.1:8080",
                "Where events come in; 0.0.0.0:8080 for everybody."),
            Field(
                "admin", .socketAddress, \.adminListen, default: "127.0.0.1:8081",
                "API and metrics; off loopback only with tokens."),
        ])

    private static let store = Section<ServerSpec>(
        title: "a store", summary: "Where events are stored.",
        fields: [
            Field("sqlite", .text, \.storePath, default: ".hookswitch/store.db", "File, relative to the project."),
            Field(
                "reserve", .bytes(0...16 * 1024 * 1024 * 1024), \.storeReserveBytes, default: "32MiB",
                "Disk kept free for finishing work."),
        ])

    private static let kept = Section<Retention>(
        title: "retention", summary: "How long things are kept.",
        fields: [
            Field(
                "payload", .duration(.seconds(60) ... .seconds(3650 * 86_400)), \.payload, default: "7d",
                "Bodies of finished events and deliveries."),
            Field(
                "event", .duration(.seconds(60) ... .seconds(3650 * 86_400)), \.event, default: "30d",
                "Rows of finished events, deliveries and attempts."),
            Field(
                "dedupe", .duration(.seconds(1) ... .seconds(365 * 86_400)), \.dedupe, default: "1d",
                "Deduplication keys, where a source does not say."),
        ])
}

extension IngestLimits {
    static let section = Section<IngestLimits>(
        title: "limits", summary: "What a sender may cost.",
        fields: [
            Field(
                "header", .bytes(1024...1024 * 1024), \.headerBytesMax, default: "64KiB", "Largest header of a request."
            ),
            Field(
                "header_fields", .integer(1...10_000, example: "100"), \.headerFieldsMax, default: "100",
                "Most header fields."),
            Field(
                "body", .bytes(1...1024 * 1024 * 1024), \.bodyBytesMax, default: "1MiB",
                "Largest body; a source may say otherwise."),
            Field(
                "bodies", .bytes(1024 * 1024...64 * 1024 * 1024 * 1024), \.bodiesBytesMax, default: "128MiB",
                "Bodies of all requests that are not answered yet; beyond it senders are told to come again."),
            Field(
                "connections", .integer(1...1_000_000, example: "4096"), \.connectionsMax, default: "4096",
                "Most connections at once."),
            Field(
                "header_timeout", .duration(.milliseconds(100) ... .seconds(3600)), \.headerTimeout, default: "10s",
                "First byte to end of header."),
            Field(
                "body_timeout", .duration(.milliseconds(100) ... .seconds(3600)), \.bodyTimeout, default: "1m",
                "End of header to end of body."),
            Field(
                "idle_timeout", .duration(.milliseconds(100) ... .seconds(86_400)), \.idleTimeout, default: "75s",
                "Between requests of one connection."),
            Field(
                "body_rate", .bytes(0...1024 * 1024 * 1024), \.bodyRateMin, default: "512B",
                "Fewest body bytes a second, after five seconds."),
            Field(
                "json_depth", .integer(1...1000, example: "64"), \.jsonDepthMax, default: "64",
                "Deepest nesting of a JSON body."),
        ])
}

extension DefaultsSpec {
    static let section = Section<DefaultsSpec>(
        title: "defaults", summary: "What holds for the whole project.",
        fields: [
            Field(
                "unrouted", .word, \.unrouted, default: "keep",
                "What becomes of an event that no route matches: keep, drop or reject."),
            Field(
                "version_header", .versionHeader, \.versionHeader, default: "X-Webhook-Version",
                "The header that says the version of a delivered event that the catalogue has; false for none."),
            Field("reload", .section(Self.reload, from: DefaultsSpec()), "How a reload is checked.") {
                $0.testsOnReload = $1.testsOnReload
            },
        ])

    private static let reload = Section<DefaultsSpec>(
        title: "reload settings", summary: "How a reload is checked.",
        fields: [Field("tests", .word, \.testsOnReload, default: "off", "required: a failing test refuses the reload.")]
    )
}

extension Shape {
    /// `127.0.0.1:8080`, `[::1]:0`.
    static var socketAddress: Shape<String> {
        Shape<String>.parsed("an address (host:port)", example: "127.0.0.1:8080", pattern: "^.+:[0-9]{1,5}$") { text in
            guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
            let host = text.utf8[..<colon]
            let digits = text.utf8[text.utf8.index(after: colon)...]
            let isBracketed = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
            guard !host.isEmpty, isBracketed || !host.contains(UInt8(ascii: ":")), (1...5).contains(digits.count),
                digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = Int(String(digits) ?? ""), port <= 65_535
            else { return nil }
            return text
        }
    }
}
