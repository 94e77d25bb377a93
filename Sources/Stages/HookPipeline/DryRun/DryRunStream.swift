// SPDX-License-Identifier: Apache-2.0
// A dry run of many events: the same stages, but nothing is rendered and nothing explained. One line of JSON an event.
package import HookCore
import HookIngest
import HookRoute
import HookTransform
import HookVerify

package struct DryRunStream {
    /// What a line of the input is, unless it is a saved event.
    package enum Input: Sendable {
        /// The body of a request to a source; its checks are left out.
        case request(source: SourceName, headers: [(name: String, value: String)], query: String)
        /// The body of an event of this type.
        case event(type: String, version: Int?, headers: [(name: String, value: String)])
        case saved
    }

    /// What one line came to.
    package struct Line: Sendable {
        /// From 1.
        package let number: Int
        /// Why there is no event; nil where there is one.
        package let refused: (code: String, detail: String)?
        package let prepared: Prepared?
    }

    package private(set) var events = 0
    package private(set) var refused = 0
    package private(set) var unmatched = 0
    package private(set) var deliveries = 0
    package private(set) var held = 0
    /// Events that each route took.
    package private(set) var routes: [RouteName: Int] = [:]

    private let revision: Revision
    private let table: RouteTable
    private let worker: ScriptWorker
    private let input: Input
    private let headers: HeaderBlock
    private let contentType: String
    private let path: String
    private let now: WallTime

    /// - Parameter only: look at this route alone.
    package init(revision: Revision, environment: Environment, input: Input, only: RouteName? = nil) {
        self.revision = revision
        self.table =
            only.map { name in revision.table(of: revision.configuration.routes.filter { $0.name == name }) }
            ?? revision.routes
        self.worker = ScriptWorker(
            revision.scripts, revision: revision.id, mode: .test, secrets: TestSecrets(for: revision.configuration),
            signals: Signals(), environment: environment)
        self.input = input
        self.now = environment.wall()
        var block = HeaderBlock()
        var path = "/"
        switch input {
        case .request(let source, let headers, _):
            block = HeaderBlock(headers.map { ($0.name, $0.value) })
            path = revision.configuration.source(source)?.path ?? "/"
        case .event(_, _, let headers): block = HeaderBlock(headers.map { ($0.name, $0.value) })
        case .saved: break
        }
        if block.first("content-type") == nil { block.append("content-type".utf8, "application/json".utf8) }
        self.headers = block
        self.contentType = block["content-type"] ?? "application/json"
        self.path = path
    }

    // HOT: once per line.
    /// Carries one line through the stages.
    package mutating func carry(_ bytes: [UInt8]) -> Line {
        self.events += 1
        let verified: Verified
        do throws(VerifyFailure) {
            verified = try self.verified(bytes)
        } catch {
            self.refused += 1
            return Line(number: self.events, refused: (error.code, error.detail), prepared: nil)
        }
        let prepared = Pipeline.prepare(verified, routes: self.table, under: self.revision, with: self.worker)
        _ = self.worker.takeCalls()
        self.count(prepared)
        return Line(number: self.events, refused: nil, prepared: prepared)
    }

    private mutating func count(_ prepared: Prepared) {
        if prepared.isUnmatched { self.unmatched += 1 }
        self.deliveries += prepared.deliveries.count
        self.held += prepared.held.count
        for fate in prepared.fates where fate.kind == .matched { self.routes[fate.route, default: 0] += 1 }
    }

    private func verified(_ bytes: [UInt8]) throws(VerifyFailure) -> Verified {
        // The number of the line makes ids differ, and is the same in the next run.
        let id = EventID(time: self.now, random: UInt64(self.events) << 16)
        switch self.input {
        case .event(let type, let version, _):
            return Verify.trusting(
                Event(
                    id: id, source: Self.source, type: type, version: version, time: self.now, headers: self.headers,
                    contentType: self.contentType, body: bytes,
                    data: try Verify.read(bytes, contentType: self.contentType)))
        case .request(let source, _, let query):
            return try self.admitted(
                Recall.accepted(
                    id: id, source: source, at: self.now, method: "POST", path: self.path, query: query,
                    headers: self.headers, body: bytes))
        case .saved:
            let saved: SavedEvent
            do throws(SavedEvent.Failure) {
                saved = try SavedEvent(parsing: bytes, now: self.now)
            } catch {
                throw VerifyFailure(
                    status: 400, code: "event/unreadable", title: "Not a saved event", detail: error.description)
            }
            switch saved.verdict(in: self.revision).first {
            case .verified(let verified): return verified
            case .refused(let failure): throw failure
            case .batch, .challenge: throw Self.challenge
            }
        }
    }

    private static let source = SourceName("dry-run")

    private func admitted(_ accepted: Accepted) throws(VerifyFailure) -> Verified {
        switch self.revision.verify.admit(accepted).first {
        case .verified(let verified): return verified
        case .refused(let failure): throw failure
        case .batch, .challenge: throw Self.challenge
        }
    }

    private static var challenge: VerifyFailure {
        VerifyFailure(
            status: 200, code: "verify/challenge", title: "A handshake",
            detail: "The request is a provider's handshake.")
    }
}

extension DryRunStream.Line {
    /// Appends `{"event":…,"line":…,"type":…,"routes":[…],"deliveries":…}` and a line feed; `held`, `refused` and
    /// `reason` where there is something to say.
    package func append(to output: inout [UInt8]) {
        if let prepared = self.prepared {
            output.append(contentsOf: #"{"event":""#.utf8)
            output.append(contentsOf: prepared.event.id.description.utf8)
            output.append(contentsOf: #"","line":"#.utf8)
            JSONWriter.append(Int64(self.number), to: &output)
            output.append(contentsOf: #","type":"#.utf8)
            JSONWriter.append(prepared.event.type, to: &output)
            output.append(contentsOf: #","routes":"#.utf8)
            Self.append(prepared.fates.lazy.filter { $0.kind == .matched }.map(\.route), to: &output)
            output.append(contentsOf: #","deliveries":"#.utf8)
            JSONWriter.append(Int64(prepared.deliveries.count), to: &output)
            if !prepared.held.isEmpty {
                output.append(contentsOf: #","held":"#.utf8)
                Self.append(prepared.held.lazy.map(\.route), to: &output)
            }
            output.append(contentsOf: "}\n".utf8)
        } else {
            output.append(contentsOf: #"{"event":null,"line":"#.utf8)
            JSONWriter.append(Int64(self.number), to: &output)
            output.append(contentsOf: #","type":null,"routes":[],"deliveries":0,"refused":"#.utf8)
            JSONWriter.append(self.refused?.code ?? "", to: &output)
            output.append(contentsOf: #","reason":"#.utf8)
            JSONWriter.append(self.refused?.detail ?? "", to: &output)
            output.append(contentsOf: "}\n".utf8)
        }
    }

    private static func append(_ names: some Sequence<RouteName>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for name in names {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONWriter.append(name.text, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}

extension DryRunStream {
    /// `hookswitch/dry-run-summary@1`: what all lines came to.
    package func json(took: Duration) -> JSONValue {
        let seconds = max(took.inSeconds, 1e-9)
        return [
            "schema": "hookswitch/dry-run-summary@1", "events": .int(self.events), "refused": .int(self.refused),
            "unmatched": .int(self.unmatched), "held": .int(self.held), "deliveries": .int(self.deliveries), "sent": 0,
            "routes": .array(
                self.routes.sorted { ($1.value, $0.key.text) < ($0.value, $1.key.text) }.map {
                    ["name": .string($0.key.text), "events": .int($0.value)]
                }),
            "took_ms": .int(took.milliseconds), "events_s": .int(Int(Double(self.events) / seconds)),
        ]
    }
}
