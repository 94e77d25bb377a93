// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore

/// One HTTP exchange over a connection of its own.
enum HTTP {
    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: self.body, as: UTF8.self) }
        var json: JSONValue {
            get throws {
                do { return try JSONValue(parsing: self.body) } catch { throw TestFailure("no JSON: \(self.text)") }
            }
        }
    }

    static func get(_ address: String, _ target: String, _ headers: [(String, String)] = []) throws -> Answer {
        try self.exchange(address, "GET", target, headers, [])
    }

    static func post(
        _ address: String, _ target: String, _ headers: [(String, String)] = [], _ body: String = ""
    ) throws -> Answer {
        try self.exchange(address, "POST", target, headers, Array(body.utf8))
    }

    static func send(
        _ address: String, _ method: String, _ target: String, _ headers: [(String, String)], _ body: [UInt8]
    ) throws -> Answer {
        try self.exchange(address, method, target, headers, body)
    }

    private static func exchange(
        _ address: String, _ method: String, _ target: String, _ headers: [(String, String)], _ body: [UInt8]
    ) throws -> Answer {
        let socket = try Socket(to: address)
        var lines = ["\(method) \(target) HTTP/1.1", "connection: close", "content-length: \(body.count)"]
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { lines.append("host: \(address)") }
        lines += headers.map { "\($0.0): \($0.1)" }
        try socket.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        guard let message = try socket.message(), let first = message.head.first else {
            throw TestFailure("\(method) \(target): the connection was closed without an answer")
        }
        let fields = message.head.dropFirst().compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return Answer(
            status: Int(first.split(separator: " ")[1]) ?? 0, headers: Dictionary(fields) { $1 }, body: message.body)
    }
}
