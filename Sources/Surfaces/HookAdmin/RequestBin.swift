// SPDX-License-Identifier: Apache-2.0
import HookCore
import Hummingbird
import Logging
import NIOCore

/// An endpoint that accepts anything and answers as it is told: `hookswitch listen`, and the destinations of the demo.
package struct RequestBin: Sendable {
    package struct Received: Sendable {
        package let method: String
        /// Path and query.
        package let target: String
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        /// The first value of a header, by lower-case name.
        package subscript(header: String) -> String? { self.headers.first { $0.name == header }?.value }
    }

    package struct Reply: Sendable {
        package let status: Int
        package let delay: Duration

        package init(status: Int, delay: Duration = .zero) {
            self.status = status
            self.delay = delay
        }
    }

    /// Bodies larger than this are answered 413.
    private static let bodyBytesMax = 16 * 1024 * 1024

    private let host: String
    private let port: Int
    private let reply: @Sendable (Received) async -> Reply

    package init(host: String, port: Int, reply: @escaping @Sendable (Received) async -> Reply) {
        self.host = host
        self.port = port
        self.reply = reply
    }

    /// Serves until the task is cancelled; `started` is called once with the bound port.
    ///
    /// - Errors: ``ListenFailure`` where the address cannot be taken.
    package func run(started: @escaping @Sendable (Int) async -> Void) async throws {
        let reply = self.reply
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            let buffer = try await request.body.collect(upTo: Self.bodyBytesMax)
            let answer = await reply(
                Received(
                    method: request.method.rawValue, target: request.uri.description,
                    headers: request.headers.map { ($0.name.canonicalName, $0.value) },
                    body: Array(buffer.readableBytesView)))
            // Cancelled with the server: then nobody waits for the answer.
            if answer.delay > .zero { try? await Task.sleep(for: answer.delay) }
            return .text("", contentType: "text/plain", status: .init(code: answer.status))
        }
        let application = Application(
            responder: responder,
            configuration: .init(address: .hostname(self.host, port: self.port), serverName: nil),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? 0) },
            logger: Logger(label: "bin") { _ in SwiftLogNoOpLogHandler() })
        do { try await application.run() } catch let error as IOError {
            throw ListenFailure("\(self.host):\(self.port)", error)
        }
    }
}
