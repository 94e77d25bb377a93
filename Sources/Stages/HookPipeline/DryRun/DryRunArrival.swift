// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookIngest
package import HookVerify

/// An event that does not reach stage 3.
package struct DryRunEnd: Sendable {
    package enum Kind: Sendable {
        /// Stage 1 or 2 refuses it, as the sender would hear.
        case refused(stage: Stage, VerifyFailure)
        /// It is a provider's handshake; this is the answer.
        case challenge(ChallengeReply)
    }

    package enum Stage: String, Sendable { case ingest, verify }

    package let kind: Kind
    package let id: EventID
    package let source: SourceName
    package let bytes: Int
    package let contentType: String
    package let revision: RevisionID
}

/// What was done to know the sender.
package enum SourceCheck: Sendable {
    /// The event was given by its type: it came from no source.
    case none
    /// The source's checks were left out; its name for them.
    case skipped(String)
    /// They passed, with a request signed by a test key.
    case passed(String)
}

/// Stages 1 and 2 of a dry run.
struct DryRunArrival {
    enum Outcome {
        case verified(Verified, SourceCheck)
        case ended(DryRunEnd)
    }

    let revision: Revision
    let environment: Environment

    func arrive(_ body: [UInt8], _ input: DryRun.Input) throws(DryRun.Failure) -> Outcome {
        let now = self.environment.wall()
        switch input {
        case .event(let type, let version, let headers, let query):
            let event = try self.event(body, type: type, version: version, headers, query, at: now)
            return .verified(Verify.trusting(event), .none)
        case .request(let name, let headers, let query, let signs):
            let source = try self.source(name)
            let accepted = Recall.accepted(
                id: EventID(time: now, random: self.environment.random()), source: name, at: now, method: "POST",
                path: source.path, query: query, headers: Self.block(headers), body: body)
            return self.check(accepted, source, signs: signs)
        case .saved(let saved, let name, let signs):
            if let name { return self.check(saved.accepted(as: name), try self.source(name), signs: signs) }
            guard saved.hasRequest, let source = self.revision.configuration.source(saved.event.source) else {
                return .verified(Verify.trusting(saved.event), .none)
            }
            return self.check(saved.accepted(as: source.name), source, signs: signs)
        }
    }

    private func source(_ name: SourceName) throws(DryRun.Failure) -> SourceSpec {
        guard let source = self.revision.configuration.source(name) else { throw .unknownSource(name) }
        return source
    }

    /// JSON unless a content type says something else.
    private static func block(_ headers: [(name: String, value: String)]) -> HeaderBlock {
        var block = HeaderBlock(headers.map { ($0.name, $0.value) })
        if block.first("content-type") == nil { block.append("content-type".utf8, "application/json".utf8) }
        return block
    }

    private func event(
        _ body: [UInt8], type: String, version: Int?, _ headers: [(name: String, value: String)], _ query: String,
        at now: WallTime
    ) throws(DryRun.Failure) -> Event {
        let block = Self.block(headers)
        let contentType = block["content-type"] ?? "application/json"
        do throws(VerifyFailure) {
            return Event(
                id: EventID(time: now, random: self.environment.random()), source: SourceName("dry-run"), type: type,
                version: version, time: now, query: query, headers: block, contentType: contentType, body: body,
                data: try Verify.read(body, contentType: contentType))
        } catch {
            throw .unreadable(error)
        }
    }

    /// What the source does with the request. Nobody is at the other end, so lists of addresses are left out.
    private func check(_ accepted: Accepted, _ source: SourceSpec, signs: Bool) -> Outcome {
        let ingest = self.revision.configuration.server.ingest
        if let refusal = Recall.refusal(ofBody: accepted.body.count, source: source, limits: ingest) {
            let failure = VerifyFailure(
                status: refusal.status, code: refusal.code, title: "Not taken in", detail: refusal.detail)
            return .ended(self.end(.refused(stage: .ingest, failure), accepted))
        }
        var open = source
        open.allowedAddresses = []
        let verify = Verify(
            sources: [open], secrets: TestSecrets(), jsonDepthMax: ingest.jsonDepthMax,
            bodyBytesMax: ingest.bodyBytesMax, catalogue: self.revision.configuration.catalogue)
        let request = signs ? self.signed(accepted, source) : accepted
        let words = SourceWords.check(of: source)
        switch signs ? verify.check(request, now: self.environment.wall()).first : verify.admit(request).first {
        case .verified(let verified): return .verified(verified, signs ? .passed(words) : .skipped(words))
        case .challenge(let reply): return .ended(self.end(.challenge(reply), accepted))
        case .refused(let failure): return .ended(self.end(.refused(stage: .verify, failure), accepted))
        case .batch: preconditionFailure("the first of several was asked for")
        }
    }

    private func end(_ kind: DryRunEnd.Kind, _ accepted: Accepted) -> DryRunEnd {
        DryRunEnd(
            kind: kind, id: accepted.id, source: accepted.source, bytes: accepted.body.count,
            contentType: accepted.headers["content-type"] ?? "application/octet-stream", revision: self.revision.id)
    }

    private func signed(_ accepted: Accepted, _ source: SourceSpec) -> Accepted {
        let request = TestSignature.Request(
            method: accepted.method, path: source.path, headers: accepted.headers.pairs, body: accepted.body)
        let secret = source.verify.secrets.first.flatMap { TestSecrets().values(of: $0).first }
        var headers = accepted.headers
        // A request that was saved has the signature of its time; the new one counts. Where it cannot be signed it goes
        // unsigned, and stage 2 says so.
        let made =
            (try? TestSignature.sign(request, spec: source, secret: secret, now: self.environment.wall())) ?? []
        for (name, _) in made { headers = headers.removing(name.lowercased()) }
        for (name, value) in made { headers.append(name.utf8, value.utf8) }
        return Recall.accepted(
            id: accepted.id, source: accepted.source, at: accepted.receivedAt, method: accepted.method,
            path: accepted.path, query: accepted.query, headers: headers, body: accepted.body)
    }
}
