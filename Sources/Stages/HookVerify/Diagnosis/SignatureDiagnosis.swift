// SPDX-License-Identifier: Apache-2.0
// Why a request does not pass its source's check, in words: the check itself says no more than that it failed, since a
// forger would listen. Here a person with the secret at hand asks, so the usual mistakes are tried one by one.
package import HookCore

/// What became of one request, and what is wrong with it.
package struct SignatureDiagnosis: Sendable {
    /// A mistake that explains the failure, or will cause the next one.
    package struct Mistake: Sendable, Equatable {
        /// Stable, such as `body-reserialised`.
        package let code: String
        package let message: String
        package let hint: String

        package init(_ code: String, _ message: String, hint: String) {
            self.code = code
            self.message = message
            self.hint = hint
        }
    }

    /// One thing that was looked at.
    package struct Step: Sendable, Equatable {
        package let name: String
        package let isFine: Bool
        package let detail: String

        init(_ name: String, _ isFine: Bool, _ detail: String) {
            self.name = name
            self.isFine = isFine
            self.detail = detail
        }
    }

    /// Nil where the request passes.
    package internal(set) var failure: VerifyFailure?
    package internal(set) var steps: [Step] = []
    /// What is signed, for signature checks.
    package internal(set) var signed: [UInt8]?
    /// Signatures of the request as they are written.
    package internal(set) var received: [String] = []
    /// The first characters of what would have passed, one for each key. Too few to forge with.
    package internal(set) var expectedPrefixes: [String] = []
    package internal(set) var mistakes: [Mistake] = []

    package var isValid: Bool { self.failure == nil }

    /// Characters of an expected signature that are shown: enough to see whether two differ, 24 to 36 bits of at least 128.
    package static let shownCharacters = 6
}

extension SignatureDiagnosis {
    /// A secret of the project with its values, newest first.
    package struct Known: Sendable {
        package let name: SecretName
        package let values: [Secret]

        package init(name: SecretName, values: [Secret]) {
            self.name = name
            self.values = values
        }
    }

    /// Runs the source's own check, then looks for what would have passed.
    ///
    /// - Parameter others: secrets of the project that the source does not name.
    /// - Complexity: at most some thousand digests of the body; of bodies above 64 KiB, some hundred.
    package init(_ accepted: Accepted, _ source: SourceSpec, secrets: [Known], others: [Known], now: WallTime) {
        let reading = KnownSecrets(secrets)
        switch Verify(sources: [source], secrets: reading).check(accepted, now: now) {
        case .batch, .verified: break
        case .challenge: self.steps.append(Step("handshake", true, "the request is a handshake and would be answered"))
        case .refused(let failure): self.failure = failure
        }
        self.noteSecrets(secrets)
        self.noteLength(accepted)
        switch source.verify {
        case .none: self.steps.append(Step("check", true, "the source takes requests of everybody"))
        case .signature(let spec):
            let search = SignatureSearch(accepted, spec, path: source.path, secrets: secrets, others: others)
            search.report(into: &self, now: now)
        case .token(let spec):
            CredentialSearch(accepted, header: spec.header, scheme: spec.scheme, user: nil, secrets, others)
                .report(into: &self)
        case .basic(let user, _):
            CredentialSearch(accepted, header: "Authorization", scheme: "Basic", user: user, secrets, others)
                .report(into: &self)
        }
        if let failure, !failure.code.hasPrefix("verify/"), self.mistakes.isEmpty {
            self.mistakes.append(
                Mistake("not-an-event", "the signature is fine; then: \(failure.detail)", hint: "see \(failure.code)"))
        }
    }

    private mutating func noteSecrets(_ secrets: [Known]) {
        for secret in secrets {
            let count = secret.values.filter { !$0.reveal().isEmpty }.count
            self.steps.append(
                Step(
                    "secret", count > 0,
                    count > 0
                        ? "\(secret.name): \(count) value\(count == 1 ? "" : "s")" : "\(secret.name): cannot be read"))
            if count == 0 {
                self.mistakes.append(
                    Mistake(
                        "secret-missing", "the secret \(secret.name) has no value here",
                        hint: "set its variable or file, or give it with --secret-file"))
            }
        }
    }

    /// An editor that saved the request may have added or cut something.
    private mutating func noteLength(_ accepted: Accepted) {
        guard let text = accepted.headers["content-length"], let length = Int(text), length != accepted.body.count
        else {
            return
        }
        self.steps.append(
            Step("length", false, "content-length says \(length) bytes, the body has \(accepted.body.count)"))
    }
}

/// The secrets that were handed over, as the check asks for them.
private struct KnownSecrets: SecretReading {
    private let known: [SecretName: [Secret]]

    init(_ secrets: [SignatureDiagnosis.Known]) {
        self.known = Dictionary(secrets.map { ($0.name, $0.values) }, uniquingKeysWith: { first, _ in first })
    }

    func values(of name: SecretName) -> [Secret] { self.known[name] ?? [] }
}
