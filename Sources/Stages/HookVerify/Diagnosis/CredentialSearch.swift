// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// Looks for the mistake behind a refused token or password. Nothing that was presented is shown: it may be a secret of
/// something else.
struct CredentialSearch {
    private let accepted: Accepted
    private let header: String
    private let scheme: String
    /// For HTTP basic.
    private let user: String?
    private let secrets: [SignatureDiagnosis.Known]
    private let others: [SignatureDiagnosis.Known]

    init(
        _ accepted: Accepted, header: String, scheme: String, user: String?, _ secrets: [SignatureDiagnosis.Known],
        _ others: [SignatureDiagnosis.Known]
    ) {
        self.accepted = accepted
        self.header = header
        self.scheme = scheme.hasSuffix(" ") ? String(scheme.dropLast()) : scheme
        self.user = user
        self.secrets = secrets
        self.others = others
    }

    func report(into diagnosis: inout SignatureDiagnosis) {
        let value = self.accepted.headers.first(self.header.lowercased()).map(Array.init)
        diagnosis.steps.append(
            .init("header", value != nil, "\(self.header) is \(value == nil ? "not there" : "there")"))
        guard let value else {
            diagnosis.mistakes.append(self.missing)
            return
        }
        guard let presented = self.presented(value) else {
            diagnosis.steps.append(.init("scheme", false, "it does not begin with \"\(self.scheme) \""))
            let isBare = self.known(value) != nil
            diagnosis.mistakes.append(
                .init(
                    "scheme",
                    isBare
                        ? "the token stands there without \"\(self.scheme) \" before it"
                        : "the header does not begin with \"\(self.scheme) \"",
                    hint: isBare
                        ? "remove scheme: from the source, or send \"\(self.scheme) TOKEN\""
                        : "compare scheme: of the source with what is sent"))
            return
        }
        guard diagnosis.failure != nil else {
            if let old = self.secrets.first(where: { $0.values.dropFirst().contains { $0.reveal() == presented } }) {
                diagnosis.mistakes.append(
                    .init(
                        "old-secret", "it is the previous value of \(old.name)",
                        hint: "the sender has not taken the new one yet; it passes while \"previous\" is set"))
            }
            return
        }
        guard diagnosis.failure?.code == "verify/credentials" else { return }
        diagnosis.mistakes.append(self.explain(presented))
    }

    private var missing: SignatureDiagnosis.Mistake {
        for field in self.accepted.headers.fields.prefix(200) {
            let name = String(decoding: self.accepted.headers.bytes[field.name], as: UTF8.self)
            let value = Array(self.accepted.headers.bytes[field.value])
            if self.known(value) != nil || self.presented(value).map({ self.known($0) != nil }) == true {
                return .init(
                    "header-name", "the token stands in \(name), the source looks in \(self.header)",
                    hint: "header: \(name)")
            }
        }
        return .init(
            "header-missing", "\(self.header) is not there",
            hint: "is the sender's token set? A proxy may also drop the header")
    }

    /// What stands behind the scheme; nil where another one, or none, stands there.
    private func presented(_ value: [UInt8]) -> [UInt8]? {
        guard !self.scheme.isEmpty else { return value }
        let text = String(decoding: value, as: UTF8.self)
        guard text.lowercased().hasPrefix(self.scheme.lowercased() + " ") else { return nil }
        let rest = Array(text.utf8.dropFirst(self.scheme.utf8.count + 1))
        guard let user else { return rest }
        guard let decoded = Base64.decode(rest) else { return [] }
        let prefix = Array(user.utf8) + [UInt8(ascii: ":")]
        return decoded.starts(with: prefix) ? Array(decoded.dropFirst(prefix.count)) : decoded
    }

    /// The secret whose value these bytes are.
    private func known(_ bytes: [UInt8]) -> SecretName? {
        (self.secrets + self.others).first { $0.values.contains { constantTimeEqual($0.reveal(), bytes) } }?.name
    }

    private func explain(_ presented: [UInt8]) -> SignatureDiagnosis.Mistake {
        if let user, !presented.isEmpty, let colon = presented.firstIndex(of: UInt8(ascii: ":")),
            self.known(Array(presented[(colon + 1)...])) != nil
        {
            return .init(
                "username", "the user name is not \"\(user)\"",
                hint: "compare username: of the source with the sender's")
        }
        if let name = self.known(presented) {
            return .init(
                "other-secret", "it is the value of the secret \(name), which belongs to something else",
                hint: "send it to the source of that secret, or name that secret here")
        }
        let trimmed = Self.trimmed(presented)
        for secret in self.secrets {
            for value in secret.values where Self.trimmed(value.reveal()) == trimmed {
                return .init(
                    "white-space", "the values differ in the white space around them only",
                    hint: "a file that holds a secret must not end with a line break: printf %s, not echo")
            }
            for value in secret.values where value.reveal().count == presented.count {
                let same = String(decoding: value.reveal(), as: UTF8.self).lowercased()
                if same == String(decoding: presented, as: UTF8.self).lowercased() {
                    return .init(
                        "case", "the values differ in upper and lower case only", hint: "compare the two values")
                }
            }
        }
        return .init(
            "unexplained", "the value is another one (\(presented.count) bytes)",
            hint: "most likely one of the two sides has an old value; set it anew on both")
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == 0x0A || byte == 0x0D || byte == 0x20 || byte == 0x09 }
        return Array(bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
