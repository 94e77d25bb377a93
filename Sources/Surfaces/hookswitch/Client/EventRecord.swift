// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookCrypto
import HookPipeline

/// All that a running router knows of one event: itself, the configuration that routed it, what became of it.
struct EventRecord {
    /// Deliveries whose attempts are asked for; an event rarely has more.
    private static let deliveriesMax = 50

    let saved: SavedEvent
    let revision: RevisionID
    let gitCommit: String?
    let activatedAt: String?
    /// Whether that configuration is the one that runs.
    let isRunning: Bool
    let files: ProjectFiles
    /// As the API has them.
    let event: JSONValue
    let deliveries: [JSONValue]

    /// - Throws: an exit code, after saying what is missing.
    init(_ id: EventID, from client: ServerClient) async throws {
        let event = try await client.get("/api/v1/events/\(id)")
        if event["body"] == .null, event["body_base64"] == nil {
            throw Console.fail(
                "the payload of \(id) is gone, so nothing can be routed again",
                hint: "retention.payload says how long it is kept", .findings)
        }
        do throws(SavedEvent.Failure) {
            self.saved = try SavedEvent(parsing: event.encoded(), now: HookCore.Environment.live.wall())
        } catch {
            throw Console.fail("the router's answer cannot be used: \(error)", .internalError)
        }
        self.event = event
        self.revision = RevisionID(event["revision"]?.stringValue ?? "")
        let kept = try await client.get("/api/v1/config/revisions/\(self.revision)")
        self.gitCommit = kept["git_commit"]?.stringValue
        self.activatedAt = kept["activated_at"]?.stringValue
        self.files = try Self.files(kept)
        let running = try await client.get("/api/v1/config")["revision"]?.stringValue
        self.isRunning = running == self.revision.text
        var deliveries: [JSONValue] = []
        for row in (event["deliveries_list"]?.arrayValue ?? []) {
            guard deliveries.count < Self.deliveriesMax, let id = row["id"]?.stringValue else {
                deliveries.append(row)
                continue
            }
            deliveries.append(try await client.get("/api/v1/deliveries/\(id)"))
        }
        self.deliveries = deliveries
    }

    /// The files in an answer of `/api/v1/config/revisions/{id}`.
    static func files(_ answer: JSONValue) throws -> ProjectFiles {
        let files = (answer["files"]?.arrayValue ?? []).compactMap { file -> ProjectFiles.File? in
            guard let path = file["path"]?.stringValue else { return nil }
            if let text = file["body"]?.stringValue { return ProjectFiles.File(path: path, bytes: Array(text.utf8)) }
            let coded = file["body_base64"]?.stringValue.map { Array($0.utf8) }
            return coded.flatMap { Base64.decode($0) }.map { ProjectFiles.File(path: path, bytes: $0) }
        }
        guard !files.isEmpty else { throw Console.fail("the router sent no files of the revision", .internalError) }
        return ProjectFiles(files)
    }

    /// Routes whose fate is another one now, with both: a script that is not what it was, or a repair since.
    func differences(_ report: DryRunReport) -> [(route: String, then: String, now: String)] {
        let text = { (kind: String?, reason: String?) in [kind, reason].compactMap(\.self).joined(separator: ": ") }
        let stored = (self.event["fates"]?.arrayValue ?? []).map {
            ($0["route"]?.stringValue ?? "", text($0["fate"]?.stringValue, $0["reason"]?.stringValue))
        }
        let then = Dictionary(stored) { $1 }
        let now = Dictionary(report.prepared.fates.map { ($0.route.text, text($0.kind.rawValue, $0.reason)) }) { $1 }
        return Set(then.keys).union(now.keys).sorted().compactMap { route in
            then[route] == now[route] ? nil : (route, then[route] ?? "nothing", now[route] ?? "nothing")
        }
    }

    /// `hookswitch/explain@1` of an event.
    func json(_ report: DryRunReport) -> JSONValue {
        .object([
            .init("schema", "hookswitch/explain@1"),
            .init("kind", "event"),
            .init("event", self.saved.json),
            .init(
                "revision",
                [
                    "id": .string(self.revision.text), "git_commit": .text(self.gitCommit),
                    "activated_at": .text(self.activatedAt), "running": .bool(self.isRunning),
                ]),
            .init("fates", self.event["fates"] ?? []),
            .init("routes", .array(report.routesJSON)),
            .init("deliveries", .array(self.deliveries)),
            .init("held", self.event["held_list"] ?? []),
            .init(
                "differs",
                .array(
                    self.differences(report).map {
                        ["route": .string($0.route), "then": .string($0.then), "now": .string($0.now)]
                    })),
        ])
    }
}
