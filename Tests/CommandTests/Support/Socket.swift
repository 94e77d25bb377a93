// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A blocking TCP connection on this machine, with a time limit on every read.
final class Socket {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(owning descriptor: Int32) { self.descriptor = descriptor }

    convenience init(to address: String) throws {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            throw TestFailure("no address: \(address)")
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.init(owning: descriptor)
        var limit = timeval(tv_sec: Int(ChildProcess.patience), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var target = Self.loopback(port)
        let code = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw TestFailure("\(address) does not answer: \(errno)") }
    }

    deinit { close(self.descriptor) }

    static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw TestFailure("the connection is closed: \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// One HTTP message: its head lines and its body, by `content-length` or chunks. Nil at the end of the stream.
    func message() throws -> (head: [String], body: [UInt8])? {
        guard let head = try self.upTo([0x0D, 0x0A, 0x0D, 0x0A]) else { return nil }
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
        let value = { (name: String) -> String? in
            lines.dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }
        if value("transfer-encoding")?.lowercased() == "chunked" { return (lines, try self.chunks()) }
        return (lines, try self.exactly(Int(value("content-length") ?? "0") ?? 0))
    }

    private func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while let line = try self.upTo([0x0D, 0x0A]) {
            let size = Int(String(decoding: line, as: UTF8.self), radix: 16) ?? 0
            body += try self.exactly(size)
            _ = try self.exactly(2)
            if size == 0 { break }
        }
        return body
    }

    private func upTo(_ mark: [UInt8]) throws -> [UInt8]? {
        while true {
            if let range = Data(self.pending).range(of: Data(mark)) {
                let found = Array(self.pending[..<range.lowerBound])
                self.pending.removeFirst(range.upperBound)
                return found
            }
            if try !self.fill() { return nil }
        }
    }

    private func exactly(_ count: Int) throws -> [UInt8] {
        while self.pending.count < count {
            if try !self.fill() { throw TestFailure("the stream ended inside a body") }
        }
        let found = Array(self.pending[..<count])
        self.pending.removeFirst(count)
        return found
    }

    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        if count < 0 { throw TestFailure("nothing to read: \(errno)") }
        self.pending += buffer[..<count]
        return count > 0
    }
}
