// SPDX-License-Identifier: Apache-2.0
import HookAdmin
import HookCore

/// How the demo's endpoints behave: mostly well, sometimes busy, and one of them is picky.
struct DemoEndpoints: Sendable {
    let ledger: DemoLedger
    let style: Style

    /// The path's first segment names the destination.
    func reply(to received: RequestBin.Received) -> RequestBin.Reply {
        let destination = received.target.split(separator: "/").first.map(String.init) ?? "?"
        let delivery = received["webhook-id"] ?? ""
        let status = self.status(for: destination, delivery)
        self.ledger.answered(delivery, status: status)
        let code = status < 300 ? self.style.green("\(status)") : self.style.red("\(status)")
        let body = Printable.text(String(decoding: received.body.prefix(90), as: UTF8.self))
        Console.out("  → \(destination.padded(13)) \(code)  \(self.style.dim(body))")
        return RequestBin.Reply(status: status, delay: .milliseconds(5))
    }

    /// Chance without a source of chance: the id of the delivery decides, and each attempt moves it on.
    private func status(for destination: String, _ delivery: String) -> Int {
        let answers = self.ledger.count.answers
        let dice = (delivery.utf8.reduce(7) { ($0 * 31 + Int($1)) & 0xFFFF } + answers * 37) % 100
        if destination == "fraud" && dice < 40 { return 422 }
        return dice < 20 ? 503 : 200
    }
}
