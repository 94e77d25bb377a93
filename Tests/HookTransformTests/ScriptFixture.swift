// SPDX-License-Identifier: Apache-2.0
import HookCore
import Synchronization
import Testing

@testable import HookTransform

/// Script files, one use each, and a worker for them.
struct ScriptFixture {
    static let mark = Mark(file: "routes/x.yaml", line: 3, column: 7)
    static let sha = RevisionID("abcdef012345")

    let set: ScriptSet
    let signals: Signals
    let log = LogCollector()

    /// A worker for one function `f` of `scripts/t.lua`.
    init(_ source: String, role: ScriptSpec.Role = .transform, limits: ScriptLimits = ScriptLimits()) throws {
        let spec = ScriptSpec(role: role, body: .function(file: "t.lua", name: "f"), mark: Self.mark)
        try self.init(["t.lua": source], [spec], limits: limits)
    }

    init(_ files: [String: String], _ scripts: [ScriptSpec], limits: ScriptLimits = ScriptLimits()) throws {
        // Scripts that fail on purpose are what is tested here.
        let (set, diagnostics) = ScriptSet.compile(
            files: Self.project(files), scripts: scripts, limits: limits, lint: .off)
        self.set = try #require(set, "\(diagnostics)")
        let log = self.log
        self.signals = Signals { log.add($0) }
    }

    static func project(_ files: [String: String], routes: String = "") -> ProjectFiles {
        ProjectFiles(
            files.map { .init(path: "scripts/\($0.key)", bytes: Array($0.value.utf8)) }
                + [.init(path: "routes/x.yaml", bytes: Array(routes.utf8))])
    }

    func worker(mode: ScriptMode = .live, secrets: [String: String] = [:]) -> ScriptWorker {
        ScriptWorker(
            self.set, revision: Self.sha, mode: mode, secrets: FixedSecrets(values: secrets), signals: self.signals,
            environment: .live)
    }

    func transform(_ event: Event, _ worker: ScriptWorker? = nil) throws(ScriptFailure) -> TransformResult {
        try (worker ?? self.worker()).transform(ScriptID(0), event: event, route: "r", destination: "d")
    }
}

struct FixedSecrets: SecretReading {
    let values: [String: String]

    func values(of name: SecretName) -> [Secret] {
        self.values[name.text].map { [Secret(Array($0.utf8))] } ?? []
    }
}

/// Keeps log records.
final class LogCollector: Sendable {
    private let records = Mutex<[LogRecord]>([])

    func add(_ record: LogRecord) { self.records.withLock { $0.append(record) } }
    var all: [LogRecord] { self.records.withLock { $0 } }
    var text: String { self.all.map { "\($0.message) \($0.fields)" }.joined(separator: "\n") }
}

extension Event {
    /// An event with this JSON body.
    static func made(
        _ body: String, type: String = "t", id: UInt64 = 1, version: Int? = nil, subject: String? = nil,
        query: String = "",
        headers: [(String, String)] = [("X-A", "1")], contentType: String = "application/json"
    ) -> Event {
        let bytes = Array(body.utf8)
        // A body that is no JSON is what some tests are about.
        let data = try? JSONDocument(parsing: bytes)
        return Event(
            id: EventID(time: WallTime(milliseconds: 1_767_225_600_123), random: id), source: "s", type: type,
            version: version,
            time: WallTime(milliseconds: 1_767_225_600_123), subject: subject, senderID: "sender-1", query: query,
            headers: HeaderBlock(headers), contentType: contentType, body: bytes, data: data)
    }
}

extension TransformResult {
    /// The body as text; nil for other results.
    var text: String? {
        if case .body(let bytes, _, _) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}
