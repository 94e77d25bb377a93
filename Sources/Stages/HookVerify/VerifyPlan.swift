// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats

/// The checks of one source, compiled: header names in lower case, literals as bytes, keys prepared.
struct VerifyPlan: Sendable {
    enum Check: Sendable {
        case none
        case signature(SignatureCheck)
        case credentials(CredentialCheck)
    }

    private let allowed: AddressGate
    private let check: Check
    private let rules: BodyRules
    private let challenge: ChallengeSpec?
    private let mapping: EventMapping
    private let validation: EventValidation
    private let batch: BatchRule

    init(
        source: SourceSpec, secrets: any SecretReading, jsonDepthMax: Int, bodyBytesMax: Int, catalogue: CatalogueSpec
    ) {
        self.allowed = AddressGate(source.allowedAddresses)
        self.rules = BodyRules(
            json: JSONLimits(depthMax: jsonDepthMax, duplicateKeys: source.duplicateKeys),
            cloudEvents: source.event.cloudEventUse, accepts: source.accepts,
            coding: CodingLimits(
                bytesMax: source.decodedBytesMax ?? source.bodyBytesMax ?? bodyBytesMax,
                ratioMax: source.decodedRatioMax))
        self.challenge = source.challenge
        self.mapping = EventMapping(source: source)
        self.validation = EventValidation(source.validate, catalogue)
        self.batch = source.batch
        self.check =
            switch source.verify {
            case .none: .none
            case .signature(let spec): .signature(SignatureCheck(spec, secrets: secrets))
            case .token(let spec): .credentials(CredentialCheck(spec, secrets: secrets))
            case .basic(let username, let password):
                .credentials(CredentialCheck(username: username, password: password, secrets: secrets))
            }
    }

    func check(_ accepted: Accepted, now: WallTime) throws(VerifyFailure) -> VerifyVerdict {
        guard self.allowed.admits(accepted.peer) else { throw .address }
        switch self.check {
        case .none: break
        case .signature(let check): try check.check(accepted, now: now)
        case .credentials(let check): try check.check(accepted)
        }
        return try self.read(accepted)
    }

    /// What follows once the sender is known: body, handshake, mapping.
    ///
    /// - Parameter validates: against the schemas of the catalogue, where the source says so.
    func read(_ accepted: Accepted, validates: Bool = true) throws(VerifyFailure) -> VerifyVerdict {
        // HOT: one look at the content type.
        if let batch = try BatchReading(accepted, self.rules, self.batch) {
            return try self.read(batch, validates: validates)
        }
        let reading = try BodyReading(accepted, self.rules)
        if let data = reading.data, let reply = self.handshake(data) { return .challenge(reply) }
        let verified = try self.mapping.event(of: accepted, reading)
        return .verified(validates ? try self.validation.judged(verified) : verified)
    }

    private func read(_ batch: BatchReading, validates: Bool) throws(VerifyFailure) -> VerifyVerdict {
        var events: [Verified] = []
        var failures: [(element: BatchReading.Element, failure: VerifyFailure)] = []
        let elements = try batch.elements()
        for element in elements {
            do throws(VerifyFailure) {
                let (accepted, reading) = try batch.read(element)
                let verified = try self.mapping.event(of: accepted, reading, place: element.place)
                events.append(validates ? try self.validation.judged(verified) : verified)
            } catch {
                failures.append((element, error))
            }
        }
        guard failures.isEmpty else { throw .batch(failures, of: elements.count) }
        return .batch(events)
    }

    private func handshake(_ data: JSONDocument) -> ChallengeReply? {
        guard case .echo(let field, let value, let answer)? = self.challenge, let asked = data.find(field),
            data.nodes[asked].kind == .string, data.stringBytes(of: asked).elementsEqual(value.utf8),
            let place = data.find(answer), data.nodes[place].kind == .string
        else { return nil }
        return ChallengeReply(status: 200, contentType: "text/plain; charset=utf-8", body: data.stringBytes(of: place))
    }
}

/// The addresses that a source accepts; an empty list accepts all.
struct AddressGate: Sendable {
    private let blocks: [CIDR]

    init(_ blocks: [CIDR]) { self.blocks = blocks }

    /// A peer without an address passes only where there is no list.
    func admits(_ peer: CIDR?) -> Bool {
        if self.blocks.isEmpty { return true }
        guard let peer else { return false }
        return self.blocks.contains { $0.contains(peer) }
    }
}
