// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A blocking TCP client, for what must be seen on a real socket.
struct RawClient {
    let descriptor: Int32

    init(port: UInt16) {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // struct sockaddr_in, byte by byte: family, port, 127.0.0.1, padding.
        let address: [UInt8] =
            [UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 255), 127, 0, 0, 1] + [UInt8](repeating: 0, count: 8)
        address.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            _ = Glibc.connect(self.descriptor, start, socklen_t(bytes.count))
        }
        // A hanging server ends the test instead of hanging it.
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func finishSending() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// Everything until the server closes, read on a thread of its own: a blocked thread of the pool would stop others.
    func readToEnd() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.readBlocking()) }
        }
    }

    /// What the next packet brings.
    func readPart() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var part = [UInt8](repeating: 0, count: 4096)
                let count = recv(self.descriptor, &part, part.count, 0)
                continuation.resume(returning: String(decoding: part[..<max(0, count)], as: UTF8.self))
            }
        }
    }

    private func readBlocking() -> String {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(self.descriptor, &part, part.count, 0)
            if count <= 0 { break }
            all += part[..<count]
        }
        Glibc.close(self.descriptor)
        return String(decoding: all, as: UTF8.self)
    }
}
