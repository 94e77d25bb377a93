// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A recording endpoint: keeps every request, answers as its script says.
final class Sink: Sendable {
    struct Received: Sendable {
        let path: String
        let headers: [String: String]
        let body: [UInt8]
        var text: String { String(decoding: self.body, as: UTF8.self) }
    }

    private struct State {
        var received: [Received] = []
        var answers: [String: [Int]] = [:]
        var bodies: [String: String] = [:]
        /// Paths whose requests wait for ``open(_:)`` before they are answered.
        var closed: Set<String> = []
    }

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    init() throws {
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Socket.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.listener
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard code else { throw TestFailure("no port: \(errno)") }
        self.port = UInt16(bigEndian: address.sin_port)
        Thread { [self] in self.accept() }.start()
    }

    /// The base of destination URLs.
    var url: String { "http://127.0.0.1:\(self.port)" }

    /// The statuses of the next requests to a path; 200 after that.
    func script(_ path: String, _ answers: [Int]) { self.state.withLock { $0.answers[path] = answers } }

    /// The body of every answer of a path; "ok" where there is none.
    func say(_ path: String, _ body: String) { self.state.withLock { $0.bodies[path] = body } }

    /// Requests to the path hang until it is opened.
    func shut(_ path: String) { self.state.withLock { _ = $0.closed.insert(path) } }
    func open(_ path: String) { self.state.withLock { _ = $0.closed.remove(path) } }

    func received(_ path: String) -> [Received] { self.state.withLock { $0.received.filter { $0.path == path } } }

    /// Waits for that many requests to a path.
    @discardableResult
    func wait(_ path: String, _ count: Int = 1) throws -> [Received] {
        try eventually("\(count) requests to \(path)") {
            let found = self.received(path)
            return found.count >= count ? found : nil
        }
    }

    /// Frees the port.
    func close() { shutdown(self.listener, Int32(SHUT_RDWR)) }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(self.listener, nil, nil)
            if descriptor < 0 && errno == EINTR { continue }
            if descriptor < 0 { break }
            Thread { self.serve(descriptor) }.start()
        }
        Glibc.close(self.listener)
    }

    private func serve(_ descriptor: Int32) {
        let socket = Socket(owning: descriptor)
        // The router closes idle connections: then there is nothing to answer.
        while let message = try? socket.message() {
            let target = message.head[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
            let path = String(target.prefix { $0 != "?" })
            let headers = message.head.dropFirst().map { line -> (String, String) in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (parts[0].lowercased(), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
            }
            let status = self.state.withLock { state in
                state.received.append(Received(path: path, headers: Dictionary(headers) { $1 }, body: message.body))
                var answers = state.answers[path] ?? []
                defer { state.answers[path] = answers }
                return answers.isEmpty ? 200 : answers.removeFirst()
            }
            while self.state.withLock({ $0.closed.contains(path) }) { usleep(5000) }
            let body = self.state.withLock { $0.bodies[path] } ?? "ok"
            let answer = "HTTP/1.1 \(status) -\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            guard (try? socket.write(Array(answer.utf8))) != nil else { return }
        }
    }
}
