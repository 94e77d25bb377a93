// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookDeliver
import HookPipeline
import HookTelemetry

/// The router's condition at one moment, for `status`, `/readyz` and `/metrics`.
struct StatusReport {
    struct Check {
        let name: String
        let isGood: Bool
        let detail: String
    }

    struct Readiness {
        let checks: [Check]
        var isReady: Bool {
            self.checks.allSatisfy(\.isGood) || self.checks.filter { !$0.isGood }.allSatisfy { $0.name == "config" }
        }

        var json: JSONValue {
            [
                "schema": "hookswitch/readiness@1",
                "ready": .bool(self.isReady),
                "checks": .array(
                    self.checks.map {
                        ["name": .string($0.name), "ok": .bool($0.isGood), "detail": .string($0.detail)]
                    }),
            ]
        }
    }

    let router: RouterProcess

    /// Ready = accepts and can store. A refused reload is shown and does not make the process unready: the last good
    /// revision works.
    func readiness() async -> Readiness {
        let failing = self.router.store.failing
        let config = await self.router.reloader.status
        let isRefused = config.lastResult == .refused
        let refusal = config.diagnostics.first { $0.severity == .error }?.message ?? Self.words(config.testFailures)
        return Readiness(checks: [
            Check(name: "ingest", isGood: true, detail: self.router.ingestAddress),
            Check(name: "store", isGood: failing == nil, detail: failing?.description ?? "writes succeed"),
            Check(
                name: "config", isGood: !isRefused && !config.isFallback,
                detail: isRefused
                    ? "last reload refused: \(refusal)"
                    : "revision \(config.revision)"),
        ])
    }

    /// `test "a big order" failed at routes/x.test.yaml:8:40: …, and 2 more tests`.
    private static func words(_ failed: [RouteTestResult]) -> String {
        guard let first = failed.first else { return "" }
        let rest = failed.count == 1 ? "" : ", and \(failed.count - 1) more test\(failed.count == 2 ? "" : "s")"
        return "test \"\(first.name)\" failed at \(first.sentences.first ?? "")\(rest)"
    }

    func json() async throws -> JSONValue {
        let status = try await self.router.store.status()
        let config = await self.router.reloader.status
        let uptime = self.router.environment.wall() - self.router.startedAt
        return [
            "schema": "hookswitch/status@1",
            "version": .string(HookswitchVersion.text),
            "revision": .string(config.revision.text),
            "git_commit": .text(config.gitCommit),
            "started_at": .string(self.router.startedAt.rfc3339),
            "uptime_seconds": .int(uptime.milliseconds / 1000),
            "ingest": .string(self.router.ingestAddress),
            "events": .int(status.events),
            "held": .int(status.held),
            "store_bytes": .int(status.bytes),
            "oldest_pending": .text(status.oldestPending?.rfc3339),
            "queues": .array(
                self.router.deliver.snapshot.queues.map {
                    [
                        "destination": .string($0.destination.text), "waiting": .int(status.waiting($0)),
                        "in_flight": .int($0.inFlight), "parked": .int($0.parked),
                        "scheduled": .int(status.scheduled[$0.destination] ?? 0),
                    ]
                }),
            "deliveries": .array(
                status.deliveries.map {
                    [
                        "destination": .string($0.destination.text), "state": .string($0.state.rawValue),
                        "reason": .text($0.reason), "count": .int($0.count),
                    ]
                }),
            "config": config.json,
        ]
    }

    func metrics() async throws -> String {
        var page = MetricsPage()
        page.add(self.router.signals)
        page.add(.buildInfo, [HookswitchVersion.text], 1)
        let config = await self.router.reloader.status
        page.add(.configInfo, [config.revision.text, config.gitCommit ?? ""], 1)
        let status = try await self.router.store.status()
        page.add(.storeBytes, [], Double(status.bytes))
        let age = status.oldestPending.map { (self.router.environment.wall() - $0).inSeconds } ?? 0
        page.add(.queueOldestAge, [], max(0, age))
        let windows = try await self.router.store.windowCounts()
        for count in windows.routes { page.add(.windowsOpen, [count.route.text], Double(count.open)) }
        let windowAge = windows.oldest.map { (self.router.environment.wall() - $0).inSeconds } ?? 0
        page.add(.windowsOldestAge, [], max(0, windowAge))
        for entry in status.deliveries where entry.state == .dead {
            page.add(.deadLetters, [entry.destination.text, entry.reason ?? ""], Double(entry.count))
        }
        for queue in self.router.deliver.snapshot.queues {
            let scheduled = status.scheduled[queue.destination] ?? 0
            page.add(.queueDepth, [queue.destination.text, "waiting"], Double(status.waiting(queue)))
            page.add(.queueDepth, [queue.destination.text, "scheduled"], Double(scheduled))
            page.add(.queueDepth, [queue.destination.text, "in_flight"], Double(queue.inFlight))
            page.add(.queueDepth, [queue.destination.text, "parked"], Double(queue.parked))
        }
        return page.text + ProcessMetrics.text()
    }
}

extension StoreStatus {
    /// Deliveries of a queue that may be sent, without those that begin later. Queue and store are not of one moment.
    fileprivate func waiting(_ queue: DeliverSnapshot.Queue) -> Int {
        max(0, queue.waiting - (self.scheduled[queue.destination] ?? 0))
    }
}
