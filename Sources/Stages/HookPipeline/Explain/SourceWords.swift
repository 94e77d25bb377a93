// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// A source in words.
package enum SourceWords {
    /// How it knows its sender: `hmac sha256 over body in X-Hub-Signature-256`.
    package static func check(of source: SourceSpec) -> String {
        switch source.verify {
        case .none: return "no check (verify: none)"
        case .token(let token): return "token in \(token.header)"
        case .basic(let username, _): return "basic credentials of \(username)"
        case .signature(let spec):
            let name = spec.algorithm == .ed25519 ? "ed25519" : "hmac \(spec.algorithm.rawValue)"
            let parts = spec.signed.compactMap { part -> String? in
                switch part {
                case .literal: nil
                case .body: "body"
                case .timestamp: "timestamp"
                case .id: "id"
                case .method: "method"
                case .path: "path"
                }
            }
            return "\(name) over \(PolicyWords.list(parts)) in \(PolicyWords.list(spec.headers, "or"))"
        }
    }

    /// What the duplicates of it are told by; nil where it keeps no keys.
    package static func dedupe(of source: SourceSpec) -> String? {
        source.dedupe.map { spec in
            let key =
                switch spec.key {
                case .eventID: "id"
                case .value(let place): self.text(place)
                }
            return "\(key) within \(DurationWords.text(spec.within))"
        }
    }

    /// `header X-GitHub-Event`, `data.type`.
    package static func text(_ place: ValueSource) -> String {
        switch place {
        case .header(let name, let prefix): "\(self.prefix(prefix))header \(name)"
        case .query(let name): "query parameter \(name)"
        case .data(let path, let prefix): "\(self.prefix(prefix))\(FieldPath(.data, path))"
        case .constant(let text): "\"\(text)\""
        }
    }

    private static func prefix(_ text: String) -> String { text.isEmpty ? "" : "\"\(text)\" and " }
}
