// SPDX-License-Identifier: Apache-2.0
// Providers as data: the same YAML that a source may write itself, read by the same declarations. Facts after each
// provider's own documentation; event types keep the provider's words behind a prefix.

internal import HookCore
internal import YAMLBridge

enum Presets {
    /// Parsed once; a fault in the text is a fault of ours, found by the first test that runs.
    static let all: [(name: String, node: YAMLNode)] = {
        do {
            let tree = try YAMLReader.read(Array(Self.text.utf8), file: "presets")
            return tree?.entries?.compactMap { entry in entry.key.raw.map { ($0, entry.value) } } ?? []
        } catch {
            preconditionFailure("the built-in presets cannot be read: \(error)")
        }
    }()

    static func preset(_ name: String) -> YAMLNode? { self.all.first { $0.name == name }?.node }

    static let text = #"""
        github:
          verify: {hmac: {header: X-Hub-Signature-256, prefix: "sha256="}}
          event:
            type: {header: X-GitHub-Event, prefix: "github."}
            id: {header: X-GitHub-Delivery}
          dedupe: {key: id}

        gitlab:
          verify: {token: {header: X-Gitlab-Token}}
          event:
            type: {header: X-Gitlab-Event, prefix: "gitlab.", normalise: true}   # "Push Hook" is gitlab.push.hook
            id: {header: X-Gitlab-Event-UUID}
          dedupe: {key: id}

        # The key is the whole whsec_ text, not decoded; v0 entries are for tests and are skipped.
        stripe:
          verify:
            hmac:
              header: Stripe-Signature
              list: {separator: ",", joiner: "=", key: v1}
              signed: "{timestamp}.{body}"
              timestamp: {entry: t, unit: s, tolerance: 5m}
          event:
            type: {data: type, prefix: "stripe."}
            id: {data: id}
          dedupe: {key: id}

        slack:
          verify:
            hmac:
              header: X-Slack-Signature
              prefix: "v0="
              signed: "v0:{timestamp}:{body}"
              timestamp: {header: X-Slack-Request-Timestamp, unit: s, tolerance: 5m}
          challenge: {field: type, equals: url_verification, answer: challenge}
          event:
            type: {data: event.type, prefix: "slack.", default: unknown}
            id: {data: event_id}
          dedupe: {key: id}

        shopify:
          verify: {hmac: {header: X-Shopify-Hmac-SHA256, encoding: base64}}
          event:
            type: {header: X-Shopify-Topic, prefix: "shopify.", normalise: true}   # shopify.orders.create
            id: {header: X-Shopify-Webhook-Id}
          dedupe: {key: id}

        standard-webhooks:
          verify:
            hmac:
              headers: [webhook-signature, svix-signature]
              list: {separator: " ", joiner: ",", key: v1}
              encoding: base64
              key: whsec
              signed: "{id}.{timestamp}.{body}"
              timestamp: {header: webhook-timestamp, unit: s, tolerance: 5m}
              id_header: [webhook-id, svix-id]
          event:
            type: {data: type}
            id: {header: webhook-id}
          dedupe: {key: id}

        # Standard Webhooks under the header names of Svix.
        svix:
          verify:
            hmac:
              headers: [svix-signature]
              list: {separator: " ", joiner: ",", key: v1}
              encoding: base64
              key: whsec
              signed: "{id}.{timestamp}.{body}"
              timestamp: {header: svix-timestamp, unit: s, tolerance: 5m}
              id_header: svix-id
          event:
            type: {data: type}
            id: {header: svix-id}
          dedupe: {key: id}

        generic:
          verify: {hmac: {header: X-Signature-256}}
        """#
}

extension Presets {
    /// The source with its preset's settings under its own keys.
    ///
    /// The source's `secret` goes into the preset's check. A check of another kind, a place in `event:`, or any other
    /// key that the source writes replaces the preset's as a whole; a check of the same kind is laid over it key
    /// by key.
    static func applied(to source: YAMLNode, _ checker: Checker) -> YAMLNode {
        guard let name = source.value(of: "preset")?.raw, let preset = self.preset(name) else { return source }
        guard let own = source.entries, let given = preset.entries else { return source }
        let at = source.entry(of: "preset")?.key ?? source
        var entries = own
        for entry in given {
            guard let key = entry.key.raw else { continue }
            let value = Self.moved(entry.value, to: at)
            guard let place = entries.firstIndex(where: { $0.key.raw == key }) else {
                entries.append(YAMLNode.Entry(key: Self.moved(entry.key, to: at), value: value))
                continue
            }
            let merged =
                switch key {
                case "event": Self.merge(value, under: entries[place].value, levels: 1)
                case "verify": Self.mergeCheck(value, under: entries[place].value)
                default: entries[place].value
                }
            entries[place] = YAMLNode.Entry(key: entries[place].key, value: merged)
        }
        let secret = own.first { $0.key.raw == "secret" || $0.key.raw == "secrets" }
        return YAMLNode(.mapping(entries.map { Self.withSecret(secret, $0, at: at) }), mark: source.mark)
    }

    /// A check of the same kind is laid over the preset's; another kind replaces it.
    private static func mergeCheck(_ preset: YAMLNode, under own: YAMLNode) -> YAMLNode {
        guard let kind = preset.entries?.first?.key.raw, own.entry(of: kind) != nil else { return own }
        return self.merge(preset, under: own, levels: 2)
    }

    private static func merge(_ preset: YAMLNode, under own: YAMLNode, levels: Int) -> YAMLNode {
        guard levels > 0, let given = preset.entries, var entries = own.entries else { return own }
        for entry in given {
            if let place = entries.firstIndex(where: { $0.key.raw == entry.key.raw }) {
                let value = Self.merge(entry.value, under: entries[place].value, levels: levels - 1)
                entries[place] = YAMLNode.Entry(key: entries[place].key, value: value)
            } else {
                entries.append(entry)
            }
        }
        return YAMLNode(.mapping(entries), mark: own.mark)
    }

    /// Puts the source's secret into the check.
    private static func withSecret(_ secret: YAMLNode.Entry?, _ entry: YAMLNode.Entry, at: YAMLNode) -> YAMLNode.Entry {
        guard let secret, entry.key.raw == "verify", let kinds = entry.value.entries, let kind = kinds.first,
            let fields = kind.value.entries,
            !fields.contains(where: { $0.key.raw == "secret" || $0.key.raw == "secrets" })
        else { return entry }
        let filled = YAMLNode(.mapping(fields + [secret]), mark: kind.value.mark)
        let check = YAMLNode(
            .mapping([YAMLNode.Entry(key: kind.key, value: filled)] + kinds.dropFirst()), mark: entry.value.mark)
        return YAMLNode.Entry(key: entry.key, value: check)
    }

    /// The node with every mark at the `preset:` key: findings point into the user's file.
    private static func moved(_ node: YAMLNode, to place: YAMLNode) -> YAMLNode {
        switch node.content {
        case .scalar: YAMLNode(node.content, mark: place.mark)
        case .sequence(let items): YAMLNode(.sequence(items.map { self.moved($0, to: place) }), mark: place.mark)
        case .mapping(let entries):
            YAMLNode(
                .mapping(
                    entries.map { .init(key: self.moved($0.key, to: place), value: self.moved($0.value, to: place)) }),
                mark: place.mark)
        }
    }
}

extension Shape {
    static var preset: Shape<String> {
        let names = Presets.all.map(\.name)
        return Shape<String>(
            "one of \(names.joined(separator: ", "))", example: "github",
            schema: ["enum": .array(names.map { .string($0) })]
        ) { node, checker in
            if let text = node.raw, names.contains(text) { return text }
            checker.report(
                "source/preset", at: node.at, "no preset is called \(node.found)",
                near: node.raw.flatMap { NearestName.to($0, among: names) },
                instead: "presets: \(names.joined(separator: ", "))")
            return nil
        }
    }
}
