// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A `sources:` entry while it is read.
struct SourceDraft: Sendable {
    var path: String?
    var preset: String?
    var verify: VerifySpec?
    var challenge: ChallengeSpec?
    var event = EventMappingSpec()
    var dedupe = DedupeDraft()
    var allowed: [CIDR] = []
    var limits = SourceLimits()
    var accepts: [BodyKind] = []
    var consent: WebhookConsent?
    var batch = BatchRule.auto
    var validate = SourceSpec.Validation.off

    static let section = Section<SourceDraft>(
        title: "a source", summary: "Where events come in, how they are verified, and how a request becomes an event.",
        fields: [
            Field("preset", .preset, \.preset, "A provider whose settings hold where this source says nothing."),
            Field("path", .ingestPath, \.path, isRequired: true, "Path of the ingest listener, matched exactly."),
            Field("secret", .handedOn(.secret), "Name of the secret for the preset's check.") { _, _ in },
            Field("secrets", .handedOn(.list(of: .secret)), "Names of several secrets for the preset's check.") {
                _, _ in
            },
            Field("verify", .verify, \.verify, "How a request is verified; \"none\" must be written."),
            Field("challenge", .section(ChallengeDraft.section, from: ChallengeDraft()), "A provider's handshake.") {
                $0.challenge = $1.spec
            },
            Field("allow_ips", .oneOrMore(.addressBlock), \.allowed, default: "everywhere", "Addresses that may send."),
            Field("limits", .section(SourceLimits.section, from: SourceLimits()), \.limits, "Limits of this source."),
            Field(
                "accept", .oneOrMore(.bodyKind), \.accepts, default: "every kind",
                "Kinds of bodies that are taken; others are answered with 415."),
            Field(
                "event", .eventMapping, \.event,
                "How a request becomes an event: places in it, or cloudevents for the attributes of CloudEvents."),
            Field(
                "webhook", .section(WebhookDraft.section, from: WebhookDraft()),
                "Who is told, on asking by OPTIONS, that CloudEvents may be sent here."
            ) { $0.consent = $1.spec },
            Field(
                "dedupe", .dedupe, \.dedupe, default: "off; by id with a preset that has one",
                "Answers the second event with one key as a duplicate."),
            Field(
                "batch", .word, \.batch, default: "auto",
                "auto: a CloudEvents batch or NDJSON, told by its content type, becomes one event for each element or line."
            ),
            Field("description", .text, "Free text for people.") { _, _ in },
            Field(
                "validate", .word, \.validate, default: "off",
                "What happens to an event that breaks the schema of its version: 422, kept aside until released, or nothing."
            ),
            .later("renamed_from", .text, .noEffectYet, "Its name before; counters move along."),
        ])

    static func read(_ name: String, _ entry: YAMLNode.Entry, _ checker: Checker) -> SourceSpec? {
        let node = Presets.applied(to: entry.value, checker)
        var draft = SourceDraft()
        guard Self.section.read(node, into: &draft, checker), let path = draft.path else { return nil }
        Self.checkSecretKeys(node, draft, checker)
        guard let verify = draft.verify else {
            // A check that is there but wrong has been reported already; so has an unknown preset.
            if node.entry(of: "verify") == nil && node.entry(of: "preset") == nil {
                checker.report(
                    "source/no-verify", at: entry.key.at, "source \"\(name)\" does not say how requests are verified",
                    hint: "verify: {hmac: …}, a preset, or \"verify: none\" where anybody may send")
            }
            return nil
        }
        var spec = SourceSpec(name: SourceName(name), path: path, verify: verify, mark: entry.key.at)
        spec.preset = draft.preset
        spec.challenge = draft.challenge
        spec.event = draft.event
        // A preset knows for how long its provider repeats events; shorter would let them in twice.
        let redelivery = draft.preset.flatMap { Presets.redelivery[$0]?.time } ?? .zero
        spec.dedupe = draft.dedupe.spec(within: max(checker.dedupeWithin, redelivery))
        if entry.value.value(of: "dedupe")?.entry(of: "within") != nil { checker.ownWindows.insert(spec.name) }
        spec.allowedAddresses = draft.allowed
        spec.bodyBytesMax = draft.limits.body
        spec.duplicateKeys = draft.limits.duplicateKeys
        spec.decodedBytesMax = draft.limits.decoded
        spec.decodedRatioMax = draft.limits.ratio
        spec.accepts = draft.accepts
        spec.webhookConsent = draft.consent
        spec.batch = draft.batch
        spec.validate = draft.validate
        if case .eventID = spec.dedupe?.key, spec.event.id == nil, !spec.event.wantsCloudEvents {
            checker.report(
                "source/dedupe", at: node.value(of: "dedupe")?.at, "the source has no id to deduplicate by",
                hint: "event: {id: {header: …}}")
        }
        return spec
    }

    private static func checkSecretKeys(_ node: YAMLNode, _ draft: SourceDraft, _ checker: Checker) {
        guard let entry = node.entry(of: "secret") ?? node.entry(of: "secrets"), node.entry(of: "preset") == nil else {
            return
        }
        checker.report(
            "config/conflict", at: entry.key.at, "\"\(entry.key.raw ?? "")\" stands here only beside a preset",
            hint: "write it inside the check: verify: {hmac: {secret: …}}")
    }
}

/// `limits:` of a source.
struct SourceLimits: Sendable {
    var body: Int?
    var duplicateKeys = JSONLimits.DuplicateKeys.refuse
    var decoded: Int?
    var ratio = 100

    static let section = Section<SourceLimits>(
        title: "limits of a source", summary: "What a request of this source may cost.",
        fields: [
            Field("body", .bytes(1...1024 * 1024 * 1024), \.body, default: "1MiB", "Largest body."),
            Field(
                "decoded", .bytes(1...1024 * 1024 * 1024), \.decoded, default: "that of body",
                "Largest body once its content coding is undone."),
            Field(
                "ratio", .integer(1...10_000, example: "100"), \.ratio, default: "100",
                "How many times larger than its coded form a body may be, beyond 64 KiB."),
            Field(
                "duplicate_keys", .choice(["refuse", "last"]), default: "refuse",
                "A key twice in one JSON object: refused, or the last one wins."
            ) {
                $0.duplicateKeys = $1 == "last" ? .last : .refuse
            },
            .later("rate", .rate, .noEffectYet, "Requests a second, minute or hour."),
        ])
}

/// `challenge:`.
struct ChallengeDraft: Sendable {
    var field: [String] = []
    var equals = ""
    var answer: [String] = []

    var spec: ChallengeSpec { .echo(field: self.field, equals: self.equals, answer: self.answer) }

    static let section = Section<ChallengeDraft>(
        title: "a challenge",
        summary: "A signed JSON body in which a field has a value is answered with the text at another field.",
        fields: [
            Field("field", .dataKeys, \.field, isRequired: true, "Path in the body that tells a challenge."),
            Field("equals", .text, \.equals, isRequired: true, "Its value."),
            Field("answer", .dataKeys, \.answer, isRequired: true, "Path in the body to the text of the answer."),
        ])
}

/// `dedupe:` while it is read.
struct DedupeDraft: Sendable {
    var key: DedupeSpec.Key?
    var within: Duration?

    func spec(within fallback: Duration) -> DedupeSpec? {
        self.key.map { DedupeSpec(key: $0, within: self.within ?? fallback) }
    }

    static let section = Section<DedupeDraft>(
        title: "a deduplication",
        summary: "The second event with one key inside the window is answered as a duplicate.",
        fields: [
            Field("key", .dedupeKey, \.key, isRequired: true, "id, or where the key is taken from."),
            Field(
                "within", .duration(.seconds(1) ... .seconds(90 * 86_400)), \.within,
                default: "retention.dedupe, and with a preset as long as its provider repeats events", "Window."),
        ])
}

extension Shape {
    /// A value that is read elsewhere: here it only has a description.
    static func handedOn<Item>(_ shape: Shape<Item>) -> Shape<Item> {
        Shape<Item>(shape.expects, example: shape.example, schema: shape.schema) { _, _ in nil }
    }

    static var dedupe: Shape<DedupeDraft> {
        let section = Shape<DedupeDraft>.section(DedupeDraft.section, from: DedupeDraft())
        return Shape<DedupeDraft>(
            "a deduplication, or off", example: "{key: id, within: 24h}",
            schema: ["anyOf": [["enum": ["off"]], section.schema]],
            sections: section.sections
        ) { node, checker in node.raw == "off" ? DedupeDraft() : section.read(node, checker) }
    }

    static var dedupeKey: Shape<DedupeSpec.Key> {
        Shape<DedupeSpec.Key>(
            "id, or a place in the request", example: "id", schema: ["anyOf": [["enum": ["id"]], ["type": "object"]]]
        ) {
            node, checker in
            node.raw == "id" ? .eventID : Shape<MappedValue>.place.read(node, checker)?.source.map { .value($0) }
        }
    }

    /// Begins with `/`, without a query; never one of the listener's own paths.
    static var ingestPath: Shape<String> {
        Shape<String>("a path", example: "/in/github", schema: ["type": "string", "pattern": "^/[^?#{} ]*$"]) {
            node, checker in
            let forbidden = "?#{}\\%".utf8
            guard case .string(let text) = node.scalar, text.utf8.first == UInt8(ascii: "/"),
                text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !forbidden.contains($0) })
            else {
                checker.reportType(node, expected: "a path that begins with /", example: "/in/github")
                return nil
            }
            guard text != "/livez" else {
                checker.report(
                    "source/path", at: node.at, "/livez belongs to the listener itself", hint: "for example /in/github")
                return nil
            }
            return text
        }
    }

    /// Keys below the body: `data.a.b` or `a.b`.
    static var dataKeys: Shape<[String]> {
        Shape<[String]>("a path in the body", example: "type", schema: ["type": "string"]) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            do throws(PathFailure) {
                return try PathParser.segments(text)
            } catch {
                checker.report("match/path", error, in: node)
                return nil
            }
        }
    }
}
