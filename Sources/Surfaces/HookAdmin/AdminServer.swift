// SPDX-License-Identifier: Apache-2.0
// The admin listener: API, metrics, health. It only asks and repairs; events never pass through it.
import HookCore
package import HookPipeline
import HookTelemetry
import Hummingbird
import Logging
import NIOCore
import Synchronization

package struct AdminServer: Sendable {
    /// Why the listener does not start.
    package enum Failure: Error, CustomStringConvertible {
        case needsTokens(String)
        case badAddress(String)

        package var description: String {
            switch self {
            case .needsTokens(let address):
                "the admin listener at \(address) is not on loopback and no tokens are configured"
            case .badAddress(let address): "\"\(address)\" is no HOST:PORT"
            }
        }
    }

    private let router: RouterProcess
    private let host: String
    private let port: Int
    private let gate: AdminGate

    /// Checks the address; nothing is opened yet.
    package init(router: RouterProcess, listen: String) throws {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]) else {
            throw Failure.badAddress(listen)
        }
        let host = String(listen[..<colon]).trimmingBrackets
        let tokens = router.revision.configuration.server.adminTokens
        guard !tokens.isEmpty || AdminGate.isLoopback(host) else { throw Failure.needsTokens(listen) }
        self.router = router
        self.host = host
        self.port = Int(port)
        self.gate = AdminGate(tokens: tokens, secrets: { router.revision.secrets })
    }

    /// Serves until the task is cancelled; `started` is called once with the bound `HOST:PORT`.
    ///
    /// - Errors: ``ListenFailure`` where the address cannot be taken.
    package func run(started: @escaping @Sendable (String) async -> Void) async throws {
        let routes = Hummingbird.Router(context: BasicRequestContext.self)
        routes.add(middleware: ProblemMiddleware(gate: self.gate))
        AdminRoutes(router: self.router).add(to: routes)
        let host = self.host
        // What is worth a line the routes log themselves; the library would report its own shutdown as an error.
        let signals = self.router.signals
        var logger = Logger(label: "admin") { _ in SignalsLogHandler(signals: signals) }
        logger.logLevel = .critical
        let application = Application(
            router: routes,
            configuration: .init(
                address: .hostname(host, port: self.port), serverName: "hookswitch"),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                await started(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
            },
            logger: logger)
        do { try await application.run() } catch let error as IOError {
            throw ListenFailure("\(self.host):\(self.port)", error)
        }
    }
}

extension String {
    /// `[::1]` → `::1`.
    fileprivate var trimmingBrackets: String {
        self.hasPrefix("[") && self.hasSuffix("]") ? String(self.dropFirst().dropLast()) : self
    }
}

/// Asks the gate, and turns every failure into a problem document.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    let gate: AdminGate

    @concurrent func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            try self.gate.check(
                AdminGate.Asked(
                    path: request.uri.path, changesSomething: request.method != .get && request.method != .head,
                    host: request.head.authority, origin: request.headers[.origin],
                    authorization: request.headers[.authorization]))
            return try await next(request, context)
        } catch let problem as AdminProblem {
            return .problem(problem)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            return .problem(.notFound("There is no such path: \(request.uri.path)"))
        }
    }
}

extension Response {
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.cacheControl] = "no-store"
        return Response(
            status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: value.encoded() + [0x0A])))
    }

    static func problem(_ problem: AdminProblem) -> Response {
        Response(
            status: .init(code: problem.status), headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: ByteBuffer(bytes: problem.json.encoded())))
    }

    static func text(_ text: String, contentType: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: contentType], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
