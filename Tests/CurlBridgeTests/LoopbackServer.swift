// SPDX-License-Identifier: Apache-2.0
// A peer on 127.0.0.1 that answers with exact bytes, so that tests can be as rude as the internet.
import Foundation
import Glibc
import Synchronization

/// A listener on a free port; each connection has a thread, which answers requests until told to close.
final class LoopbackServer: Sendable {
    enum Reply: Sendable {
        /// These bytes, then the next request on the same connection.
        case keep(String)
        /// These bytes, then the end of the connection.
        case close(String)
        /// These bytes, then nothing until the client goes away.
        case hang(String)
    }

    let port: Int
    private let listener: Int32
    private let requests = Mutex<[String]>([])
    private let accepted = Mutex(0)

    init(_ reply: @escaping @Sendable (String) -> Reply) {
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, size) = (self.listener, length)
        withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else {
                preconditionFailure("an address has bytes")
            }
            precondition(bind(listener, pointer, size) == 0)
            precondition(getsockname(listener, pointer, &length) == 0)
        }
        precondition(listen(self.listener, 1024) == 0)
        self.port = Int(UInt16(bigEndian: address.sin_port))
        run { [self] in
            while true {
                let peer = accept(listener, nil, nil)
                if peer < 0 { return }
                self.accepted.withLock { $0 += 1 }
                run { self.serve(peer, reply) }
            }
        }
    }

    deinit { Glibc.close(self.listener) }

    var seen: [String] { self.requests.withLock { $0 } }
    var connections: Int { self.accepted.withLock { $0 } }
    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(self.port)\(path)" }
    func stop() { shutdown(self.listener, Int32(SHUT_RDWR)) }

    private func serve(_ peer: Int32, _ reply: (String) -> Reply) {
        defer { Glibc.close(peer) }
        while let request = self.read(peer) {
            // A bounded memory: the leak test measures the client, not this.
            self.requests.withLock { seen in
                if seen.count >= 64 { seen.removeFirst() }
                seen.append(request)
            }
            switch reply(request) {
            case .keep(let text): self.write(peer, text)
            case .close(let text):
                self.write(peer, text)
                return
            case .hang(let text):
                self.write(peer, text)
                while recv(peer, UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1), 1, 0) > 0 {}
                return
            }
        }
    }

    private func read(_ peer: Int32) -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.upperBound].lowercased()
                let length =
                    head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
                if bytes.count >= head.utf8.count + length { return text }
            }
            let count = recv(peer, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            bytes += buffer.prefix(count)
        }
    }

    private func write(_ peer: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func run(_ body: @escaping @Sendable () -> Void) {
    var thread: pthread_t = 0
    pthread_create(
        &thread, nil,
        { context in
            guard let context else { preconditionFailure("the body comes with the thread") }
            Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }, Unmanaged.passRetained(Body(body)).toOpaque())
    pthread_detach(thread)
}
