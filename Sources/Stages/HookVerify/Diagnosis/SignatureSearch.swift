// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto

/// Looks for the combination of key, body, template, algorithm and place that explains a signature: what the source says
/// first, then with one thing different, then with two.
struct SignatureSearch {
    /// Bodies above this are searched with one difference only.
    private static let bodyBytesForPairs = 64 * 1024

    private let accepted: Accepted
    private let spec: SignatureSpec
    private let header: (name: String, value: ArraySlice<UInt8>)?
    private let keys: [Variant<[UInt8]>]
    private let bodies: [Variant<[UInt8]>]
    private let plans: [Variant<SignedPlan>]
    private let candidates: [SignatureCandidate]
    private let secrets: [SignatureDiagnosis.Known]

    init(
        _ accepted: Accepted, _ spec: SignatureSpec, path: String, secrets: [SignatureDiagnosis.Known],
        others: [SignatureDiagnosis.Known]
    ) {
        self.accepted = accepted
        self.spec = spec
        self.secrets = secrets
        self.header =
            spec.headers.lazy.compactMap { name in
                accepted.headers.first(name.lowercased()).map { (name, $0) }
            }.first
        self.keys = KeyVariants.all(spec, secrets, others)
        self.bodies = BodyVariants.all(of: accepted.body)
        self.plans = SignedPlan.all(accepted, spec, signature: self.header?.value ?? [], path: path)
        self.candidates = SignatureCandidates.all(in: accepted.headers)
    }

    func report(into diagnosis: inout SignatureDiagnosis, now: WallTime) {
        self.describe(&diagnosis)
        let isSigned = diagnosis.failure?.code != "verify/signature"
        if let found = self.search(beyond: isSigned) {
            diagnosis.mistakes += found
        } else if !isSigned, diagnosis.mistakes.isEmpty {
            diagnosis.mistakes += self.unexplained
        }
        self.checkClock(&diagnosis, now)
    }

    // MARK: What the source says

    private func describe(_ diagnosis: inout SignatureDiagnosis) {
        let names = self.spec.headers.joined(separator: ", ")
        diagnosis.steps.append(
            .init("header", self.header != nil, self.header.map { "\($0.name) is there" } ?? "\(names) is not there"))
        let reader = SignatureReader(layout: self.spec.layout, encoding: self.spec.encoding)
        if let header {
            diagnosis.received = [String(decoding: header.value.prefix(1000), as: UTF8.self)]
            let count = reader.signatures(in: header.value).count
            diagnosis.steps.append(
                .init("layout", count > 0, "\(count) signature\(count == 1 ? "" : "s") written as \(self.layoutText)"))
        }
        let plan = self.plans[0].value
        if self.spec.signed.contains(.timestamp) || self.spec.timestamp != nil {
            diagnosis.steps.append(
                .init("timestamp", !plan.stamp.isEmpty, plan.stamp.isEmpty ? "there is none" : Self.text(plan.stamp)))
            if plan.stamp.isEmpty {
                diagnosis.mistakes.append(
                    .init(
                        "timestamp-missing", "the request carries no timestamp where the source looks for it",
                        hint: "compare timestamp: of the source with the sender's documentation"))
            }
        }
        if self.spec.signed.contains(.id) {
            diagnosis.steps.append(
                .init("id", !plan.id.isEmpty, plan.id.isEmpty ? "there is none" : Self.text(plan.id)))
            if plan.id.isEmpty {
                diagnosis.mistakes.append(
                    .init(
                        "id-missing", "the request carries no \(self.spec.idHeaders.joined(separator: " or "))",
                        hint: "compare id_header: of the source with the sender's documentation"))
            }
        }
        let message = plan.message(self.accepted.body, method: self.accepted.method)
        diagnosis.signed = message
        if let algorithm = self.spec.algorithm.mac {
            diagnosis.expectedPrefixes = self.keys.filter { $0.mistake == nil || $0.mistake?.code == "old-secret" }.map
            { key in
                let text = self.encode(MAC(algorithm, key: key.value).code(message))
                return String(text.prefix(SignatureDiagnosis.shownCharacters))
            }
        }
        let isBroken = self.keys.allSatisfy { $0.mistake != nil } && self.secrets.contains { !$0.values.isEmpty }
        if isBroken {
            diagnosis.mistakes.append(
                .init(
                    "secret-malformed",
                    "the secret does not have the form that key: \(self.spec.keyDecoding.rawValue) says",
                    hint: "compare key: of the source with the sender's documentation"))
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(100), as: UTF8.self) }

    private var layoutText: String { "\"\(self.wantedPrefix)\" and \(self.spec.encoding.rawValue)" }

    /// What stands directly before a signature.
    private var wantedPrefix: String {
        switch self.spec.layout {
        case .single(let prefix): prefix
        case .list(_, let joiner, let key): key + String(UnicodeScalar(joiner))
        }
    }

    private func encode(_ bytes: [UInt8]) -> String {
        switch self.spec.encoding {
        case .hex: Hex.text(bytes)
        case .base64: Base64.text(bytes)
        case .base64url: Base64.text(bytes, .url)
        }
    }

    private var unexplained: [SignatureDiagnosis.Mistake] {
        if self.header == nil && self.candidates.isEmpty {
            return [
                .init(
                    "header-missing",
                    "no header holds a signature: the source looks for \(self.spec.headers.joined(separator: ", "))",
                    hint: "is the sender's secret set? A proxy may also drop the header")
            ]
        }
        var mistakes: [SignatureDiagnosis.Mistake] = []
        if self.header == nil {
            mistakes.append(
                .init(
                    "header-missing", "\(self.spec.headers.joined(separator: ", ")) is not there",
                    hint:
                        "headers that may hold a signature: \(Set(self.candidates.map(\.header)).sorted().joined(separator: ", "))"
                ))
        }
        mistakes.append(
            .init(
                "unexplained", "none of the usual mistakes explains the signature",
                hint:
                    "most likely the secret is another one, or the body was changed on the way; send a new request and compare the first characters"
            ))
        return mistakes
    }

    // MARK: The search

    /// The mistakes of the nearest combination that gives a signature of the request; nil where there is none.
    ///
    /// - Parameter isSigned: the signature passes; only what will fail next is looked for.
    private func search(beyond isSigned: Bool) -> [SignatureDiagnosis.Mistake]? {
        let others = SignatureSpec.Algorithm.allCases.filter { $0 != self.spec.algorithm && $0.mac != nil }
        let algorithms =
            [Variant(asSaid: self.spec.algorithm)]
            + (self.spec.algorithm.mac == nil
                ? []
                : others.map {
                    Variant(
                        $0, "algorithm", "the hash is \($0.rawValue), the source says \(self.spec.algorithm.rawValue)",
                        hint: "algorithm: \($0.rawValue)")
                })
        let most = isSigned ? 1 : self.accepted.body.count > Self.bodyBytesForPairs ? 1 : 2
        for differences in 0...most {
            if let found = self.best(algorithms, differences: differences) { return found }
        }
        return nil
    }

    private func best(
        _ algorithms: [Variant<SignatureSpec.Algorithm>], differences: Int
    ) -> [SignatureDiagnosis.Mistake]? {
        var best: [SignatureDiagnosis.Mistake]?
        for algorithm in algorithms where algorithm.count <= differences {
            for plan in self.plans where algorithm.count + plan.count <= differences {
                for body in self.bodies where algorithm.count + plan.count + body.count <= differences {
                    let missing = differences - algorithm.count - plan.count - body.count
                    let message = plan.value.message(body.value, method: self.accepted.method)
                    for key in self.keys where key.count == missing {
                        guard let candidate = self.match(algorithm.value, key.value, message) else { continue }
                        let mistakes =
                            [key.mistake, body.mistake, plan.mistake, algorithm.mistake].compactMap { $0 }
                            + self.mistakes(of: candidate)
                        if mistakes.count < best?.count ?? .max { best = mistakes }
                    }
                }
            }
        }
        return best
    }

    /// The candidate that this key and message give; the one with the fewest mistakes of place and spelling.
    private func match(_ algorithm: SignatureSpec.Algorithm, _ key: [UInt8], _ message: [UInt8]) -> SignatureCandidate?
    {
        let hits: [SignatureCandidate]
        if let hash = algorithm.mac {
            let code = MAC(hash, key: key).code(message)
            hits = self.candidates.filter { constantTimeEqual($0.bytes, code) }
        } else {
            guard key.count == 32 else { return nil }
            hits = self.candidates.filter {
                $0.bytes.count == 64 && Ed25519.isValid(signature: $0.bytes, message: message, publicKey: key)
            }
        }
        return hits.min { self.mistakes(of: $0).count < self.mistakes(of: $1).count }
    }

    private func mistakes(of candidate: SignatureCandidate) -> [SignatureDiagnosis.Mistake] {
        var mistakes: [SignatureDiagnosis.Mistake] = []
        if candidate.header != self.header?.name.lowercased() {
            let wanted = self.spec.headers.joined(separator: ", ")
            mistakes.append(
                .init(
                    "header-name", "the signature stands in \(candidate.header), the source looks in \(wanted)",
                    hint: "header: \(candidate.header)"))
        }
        if candidate.prefix != self.wantedPrefix {
            mistakes.append(
                .init(
                    "prefix",
                    "before the signature stands \"\(candidate.prefix)\", the source wants \"\(self.wantedPrefix)\"",
                    hint: "upper and lower case count; compare prefix: or list: of the source"))
        }
        if candidate.encoding != self.spec.encoding {
            mistakes.append(
                .init(
                    "encoding",
                    "the signature is written as \(candidate.encoding.rawValue), the source says \(self.spec.encoding.rawValue)",
                    hint: "encoding: \(candidate.encoding.rawValue)"))
        }
        return mistakes
    }

    // MARK: Time

    private func checkClock(_ diagnosis: inout SignatureDiagnosis, _ now: WallTime) {
        guard let timestamp = self.spec.timestamp else { return }
        let stamp = self.plans[0].value.stamp
        guard !stamp.isEmpty else { return }
        let tolerance = UInt64(clamping: timestamp.tolerance.milliseconds)
        if let age = StampText.age(of: stamp[...], unit: timestamp.unit, now: now), age <= tolerance {
            diagnosis.steps.append(.init("clock", true, "\(age / 1000) s from now, \(tolerance / 1000) s are allowed"))
            return
        }
        for unit in SignatureSpec.Timestamp.Unit.allCases where unit != timestamp.unit {
            // The year 2001 to 2286 in one unit is never that in another.
            guard let age = StampText.age(of: stamp[...], unit: unit, now: now), age < 20 * 365 * 86_400_000 else {
                continue
            }
            diagnosis.mistakes.append(
                .init(
                    "timestamp-unit",
                    "the timestamp \(Self.text(stamp)) is in \(unit.rawValue), the source says \(timestamp.unit.rawValue)",
                    hint: "unit: \(unit.rawValue)"))
            return
        }
        guard let age = StampText.age(of: stamp[...], unit: timestamp.unit, now: now) else {
            diagnosis.mistakes.append(
                .init(
                    "timestamp-malformed",
                    "the timestamp \"\(Self.text(stamp))\" is no time in \(timestamp.unit.rawValue)",
                    hint: "compare timestamp: of the source with the sender's documentation"))
            return
        }
        diagnosis.steps.append(.init("clock", false, "\(age / 1000) s from now, \(tolerance / 1000) s are allowed"))
        diagnosis.mistakes.append(
            .init(
                "clock", "it was signed \(age / 1000) s away from now, and \(tolerance / 1000) s are allowed",
                hint:
                    "a recorded request: give its time with --at; else set the clocks (NTP), or look for a queue on the way"
            ))
    }
}

extension Variant {
    /// Differences from what the source says.
    fileprivate var count: Int { self.mistake == nil ? 0 : 1 }
}
