// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What may have been signed around the body: parts in an order, with the values that stand for them.
struct SignedPlan: Sendable {
    var parts: [SignatureSpec.Part]
    var stamp: [UInt8]
    var id: [UInt8]
    var path: [UInt8]

    func message(_ body: [UInt8], method: String) -> [UInt8] {
        self.parts.reduce(into: []) { message, part in
            switch part {
            case .literal(let text): message += text.utf8
            case .body: message += body
            case .timestamp: message += self.stamp
            case .id: message += self.id
            case .method: message += method.utf8
            case .path: message += self.path
            }
        }
    }
}

extension SignedPlan {
    /// The plan of the source, then others that senders use.
    static func all(_ accepted: Accepted, _ spec: SignatureSpec, signature: ArraySlice<UInt8>, path: String)
        -> [Variant<SignedPlan>]
    {
        let said = SignedPlan(
            parts: spec.signed, stamp: Self.stamp(accepted, spec, signature) ?? [], id: Self.id(accepted, spec) ?? [],
            path: Array(accepted.path.utf8))
        var all = [Variant(asSaid: said)]
        for parts in Self.templates where parts != spec.signed {
            var plan = said
            plan.parts = parts
            if plan.stamp.isEmpty, parts.contains(.timestamp) { plan.stamp = Self.stamps(accepted).first?.value ?? [] }
            if plan.id.isEmpty, parts.contains(.id) { plan.id = Self.ids(accepted).first?.value ?? [] }
            let isOrder = Self.set(of: parts) == Self.set(of: spec.signed)
            all.append(
                Variant(
                    plan, isOrder ? "signed-order" : "signed-parts",
                    "what is signed is \"\(Self.text(parts))\", the source says \"\(Self.text(spec.signed))\"",
                    hint: "signed: \"\(Self.text(parts))\""))
        }
        if spec.signed.contains(.timestamp) {
            for (name, value) in Self.stamps(accepted) where value != said.stamp {
                var plan = said
                plan.stamp = value
                all.append(
                    Variant(
                        plan, "timestamp-header", "the timestamp that is signed stands in \(name)",
                        hint: "timestamp: {header: \(name)}"))
            }
        }
        if spec.signed.contains(.id) {
            for (name, value) in Self.ids(accepted) where value != said.id {
                var plan = said
                plan.id = value
                all.append(
                    Variant(plan, "id-header", "the id that is signed stands in \(name)", hint: "id_header: \(name)"))
            }
        }
        return spec.signed.contains(.path) ? all + Self.withPaths(said, accepted, path) : all
    }

    static func stamp(_ accepted: Accepted, _ spec: SignatureSpec, _ signature: ArraySlice<UInt8>) -> [UInt8]? {
        switch spec.timestamp?.place {
        case .header(let name): accepted.headers.first(name.lowercased()).map(Array.init)
        case .entry(let key):
            SignatureReader(layout: spec.layout, encoding: spec.encoding).entry(key, in: signature).map(Array.init)
        case nil: nil
        }
    }

    static func id(_ accepted: Accepted, _ spec: SignatureSpec) -> [UInt8]? {
        spec.idHeaders.lazy.compactMap { accepted.headers.first($0.lowercased()) }.first.map(Array.init)
    }

    static func text(_ parts: [SignatureSpec.Part]) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .body: "{body}"
            case .timestamp: "{timestamp}"
            case .id: "{id}"
            case .method: "{method}"
            case .path: "{path}"
            }
        }.joined()
    }

    private static let templates: [[SignatureSpec.Part]] = {
        let dot = SignatureSpec.Part.literal(".")
        let colon = SignatureSpec.Part.literal(":")
        return [
            [.body], [.timestamp, dot, .body], [.timestamp, colon, .body], [.timestamp, .body], [.body, .timestamp],
            [.body, dot, .timestamp], [.literal("v0:"), .timestamp, colon, .body], [.id, dot, .timestamp, dot, .body],
            [.timestamp, dot, .id, dot, .body], [.id, .timestamp, .body], [.timestamp, .id, .body],
            [.id, dot, .body], [.timestamp, .literal("|"), .body], [.method, .path, .body],
        ]
    }()

    private static func set(of parts: [SignatureSpec.Part]) -> Set<String> {
        Set(parts.compactMap { if case .literal = $0 { nil } else { Self.text([$0]) } })
    }

    /// Values that look like a time, in headers that are called so.
    private static func stamps(_ accepted: Accepted) -> [(name: String, value: [UInt8])] {
        Self.headers(accepted).filter { name, value in
            let isNamed = name.contains("timestamp") || name.contains("time") || name == "date"
            return isNamed && !value.isEmpty && value.count <= 40
        }
    }

    private static func ids(_ accepted: Accepted) -> [(name: String, value: [UInt8])] {
        Self.headers(accepted).filter { name, value in
            (name.hasSuffix("-id") || name.hasSuffix("delivery")) && !value.isEmpty && value.count <= 256
        }
    }

    private static func headers(_ accepted: Accepted) -> [(name: String, value: [UInt8])] {
        accepted.headers.fields.prefix(200).map { field in
            (
                String(decoding: accepted.headers.bytes[field.name], as: UTF8.self).lowercased(),
                Array(accepted.headers.bytes[field.value])
            )
        }
    }

    /// A proxy rewrites the path, and some senders sign the whole URL.
    private static func withPaths(_ said: SignedPlan, _ accepted: Accepted, _ path: String) -> [Variant<SignedPlan>] {
        let query = accepted.query.isEmpty ? "" : "?" + accepted.query
        let original = ["x-original-uri", "x-forwarded-uri", "x-original-url", "x-forwarded-path"].compactMap {
            accepted.headers[$0]
        }
        let prefix = accepted.headers["x-forwarded-prefix"].map { [$0 + accepted.path] } ?? []
        let paths = [accepted.path + query, path, path + query] + original + prefix
        let hosts = ["x-forwarded-host", "x-original-host", "host"].compactMap { accepted.headers[$0] }
        let urls = hosts.flatMap { host in
            ["https", "http"].flatMap { scheme in ([accepted.path] + paths).map { "\(scheme)://\(host)\($0)" } }
        }
        let slash = accepted.path.hasSuffix("/") ? String(accepted.path.dropLast()) : accepted.path + "/"
        return (paths + [slash] + urls).filter { $0 != accepted.path }.map { text in
            var plan = said
            plan.path = Array(text.utf8)
            return Variant(
                plan, "url", "the sender signed \"\(text)\", here the request came to \"\(accepted.path)\"",
                hint: "a proxy rewrites the URL, or the sender was told another one: let it pass the path on unchanged")
        }
    }
}
