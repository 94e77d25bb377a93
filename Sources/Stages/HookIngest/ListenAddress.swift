// SPDX-License-Identifier: Apache-2.0
import HookCore
import NIOCore

/// `host:port` of a listener.
struct ListenAddress: Equatable {
    /// The text is no address to listen at.
    struct Malformed: Error, CustomStringConvertible {
        let text: String
        var description: String { "‘\(self.text)’ is not HOST:PORT, [IPv6]:PORT or :PORT" }
    }

    let host: String
    let port: Int

    init(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), let port = Self.port(bytes[(colon + 1)...]) else {
            throw Malformed(text: text)
        }
        var host = bytes[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(UInt8(ascii: ":")) {
            throw Malformed(text: text)
        }
        self.host = host.isEmpty ? "::" : String(decoding: host, as: UTF8.self)
        self.port = port
    }

    private static func port(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...5).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        let port = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return port <= 65_535 ? port : nil
    }

    static func text(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "" }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// How often deadlines are looked at: a quarter of the shortest, between 10 ms and half a second.
enum SweepPace {
    static func pause(_ limits: IngestLimits) -> TimeAmount {
        let shortest = min(limits.headerTimeout, limits.bodyTimeout, limits.idleTimeout).milliseconds
        return .milliseconds(min(max(shortest / 4, 10), 500))
    }
}
