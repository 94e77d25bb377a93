// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookAdmin
import HookCore
import HookDeliver
import HookPipeline
import HookTelemetry
import HookVerify
import Synchronization

/// One run of the demo: endpoints, router and senders, all on this machine.
struct DemoRun: Sendable {
    let folder: String
    let length: Duration?
    let rate: Int
    let ingest: String
    let admin: String
    let style: Style

    private let ledger = DemoLedger()

    init(folder: String, length: Duration?, rate: Int, ingest: String, admin: String, style: Style) {
        self.folder = folder
        self.length = length
        self.rate = rate
        self.ingest = ingest
        self.admin = admin
        self.style = style
    }

    func run() async throws {
        let endpoints = DemoEndpoints(ledger: self.ledger, style: self.style)
        let bin = RequestBin(host: "127.0.0.1", port: 0) { endpoints.reply(to: $0) }
        let ports = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bin.run { ports.continuation.yield($0) } }
            for await port in ports.stream {
                try await self.runRouter(binPort: port)
                break
            }
            group.cancelAll()
        }
    }

    private func runRouter(binPort: Int) async throws {
        var options = RouterOptions(projectFolder: self.folder)
        options.ingestListen = self.ingest
        options.secretOverride = TestSecrets()
        options.adjust = {
            $0.pointDestinations(atBin: binPort)
            Self.hastenRetries(of: &$0)
        }
        let server = try await RouterServer.start(
            options, adminListen: self.admin, signals: Signals(), messageStyle: self.style)
        let source = server.router
        try await server.run(
            ending: { await self.send(through: source) },
            ready: { self.introduce($0, source.revision) },
            stopping: { await self.summarise(source) })
    }

    /// Retries come fast enough to be watched.
    private static func hastenRetries(of configuration: inout Configuration) {
        for place in configuration.destinations.indices {
            configuration.destinations[place].policy.retry.schedule = .exponential(
                first: .milliseconds(300), factor: 2, max: .seconds(2))
            configuration.destinations[place].policy.retry.jitter = .equal
        }
    }

    private func introduce(_ ready: RouterServer.Ready, _ revision: Revision) {
        let token =
            TestSecrets().values(of: "shop_token").first.map { String(decoding: $0.reveal(), as: UTF8.self) } ?? ""
        let path = revision.configuration.source("shop")?.path ?? "/in/shop"
        Console.out(
            """
            \(self.style.bold("hookswitch demo"))  ingest → verify → route → transform → store → deliver
            webhooks  http://\(ready.ingest)   \(self.style.dim("admin http://\(ready.admin), HOOKSWITCH_SERVER for other commands"))

            Send an event of your own from another terminal (the token is a demo key):
              curl -i http://\(ready.ingest)\(path) \\
                -H 'Authorization: Bearer \(token)' -H 'Content-Type: application/json' \\
                -d '{"type":"order.created","id":"MINE-1","customer_id":"C-9","total_cents":2500,"currency":"EUR","shipping":{"country":"DE"},"lines":[]}'
              HOOKSWITCH_SERVER=http://\(ready.admin) hookswitch events list

            """)
    }

    /// Sends until the time is over or the task is cancelled.
    private func send(through router: RouterProcess) async {
        let clock = ContinuousClock()
        let end = self.length.map { clock.now + $0 }
        while !Task.isCancelled {
            if let end, clock.now >= end { return }
            await self.sendOne(DemoTraffic.request(self.ledger.sent() - 1), to: router)
            // Cancelled: the loop ends by itself.
            try? await Task.sleep(for: .milliseconds(1000 / self.rate))
        }
    }

    private func sendOne(_ request: DemoTraffic.Request, to router: RouterProcess) async {
        guard let source = router.revision.configuration.source(request.source) else { return }
        do {
            let signature = try TestSignature.sign(
                TestSignature.Request(path: source.path, headers: request.headers, body: request.body),
                spec: source, secret: source.verify.secrets.first.flatMap { TestSecrets().values(of: $0).first },
                now: Environment.live.wall())
            Console.out(self.style.bold("← \(request.label)"))
            let answer = try await Egress.fetch(
                OutboundRequest(
                    method: "POST", url: "http://\(router.ingestAddress)\(source.path)",
                    headers: request.headers + signature, body: request.body, signedWith: nil))
            // A refusal has another form; then there is no id to remember.
            let id = (try? JSONValue(parsing: answer.body))?["id"]?.stringValue
            if let id, answer.status == 202 { self.ledger.accepted(id) }
            let code = answer.status < 300 ? self.style.green("\(answer.status)") : self.style.red("\(answer.status)")
            Console.out("    \(code) \(self.style.dim(id ?? ""))")
        } catch {
            Console.note("the demo's sender: \(error)")
        }
    }

    /// Lets retries finish for a moment, then compares what senders were told with what the store knows.
    private func summarise(_ router: RouterProcess) async {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(8)
        var summary = await self.count(router)
        while summary.pending > 0 && clock.now < deadline {
            // Nothing cancels this: the summary is the point.
            try? await Task.sleep(for: .milliseconds(100))
            summary = await self.count(router)
        }
        let seen = self.ledger.count
        let retries = seen.answers - summary.delivered - summary.dead
        Console.out(
            """

            \(self.style.bold("Summary"))
              events        \(seen.accepted.count)
              deliveries    \(summary.delivered + summary.dead + summary.pending) (\(summary.delivered) delivered, \(summary.pending) still pending)
              retries       \(max(0, retries))
              dead letters  \(summary.dead)
              lost          \(summary.lost)
            """)
    }

    private struct Summary {
        var delivered = 0
        var dead = 0
        var pending = 0
        var lost = 0
    }

    private func count(_ router: RouterProcess) async -> Summary {
        var summary = Summary()
        var delivered: [DeliveryID] = []
        for text in self.ledger.count.accepted {
            // An event that the store does not know is lost, and so is one that it cannot read.
            guard let id = EventID(text), let event = try? await router.store.event(id) else {
                summary.lost += 1
                continue
            }
            for delivery in event.deliveries {
                switch delivery.state {
                case .pending: summary.pending += 1
                case .dead, .dropped: summary.dead += 1
                default: delivered.append(delivery.id)
                }
            }
        }
        // The endpoints must have seen what the store calls delivered; they are asked last, since they saw it first.
        let seen = self.ledger.count.delivered
        summary.delivered = delivered.count
        summary.lost += delivered.count { !seen.contains($0.description) }
        return summary
    }
}
