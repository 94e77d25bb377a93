// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore

/// Where results and messages go: results to stdout, everything said to a person to stderr (clig.dev).
enum Console {
    static func out(_ text: String) { self.write(Array(text.utf8) + [0x0A], to: STDOUT_FILENO) }
    static func out(bytes: [UInt8]) { self.write(bytes, to: STDOUT_FILENO) }
    static func out(_ value: JSONValue, _ layout: JSONValue.Layout = .compact) {
        self.write(self.withoutControls(value.encoded(layout)) + [0x0A], to: STDOUT_FILENO)
    }

    /// JSON may hold DEL and the C1 controls as they are; a terminal would obey them. In UTF-8 they are 7F and C2 80 to
    /// C2 9F, and stand in strings only.
    private static func withoutControls(_ json: [UInt8]) -> [UInt8] {
        guard json.contains(0x7F) || json.contains(0xC2) else { return json }
        var output: [UInt8] = []
        output.reserveCapacity(json.count + 16)
        var at = 0
        while at < json.count {
            if json[at] == 0x7F {
                output.append(contentsOf: "\\u007f".utf8)
            } else if json[at] == 0xC2, at + 1 < json.count, json[at + 1] < 0xA0 {
                at += 1
                output.append(contentsOf: "\\u00\(String(json[at], radix: 16))".utf8)
            } else {
                output.append(json[at])
            }
            at += 1
        }
        return output
    }

    static func note(_ text: String) { self.write(Array(text.utf8) + [0x0A], to: STDERR_FILENO) }

    /// Says what is wrong and ends with the code.
    static func fail(_ message: String, hint: String? = nil, _ code: ExitCode) -> ExitCode {
        self.note("error: \(message)")
        if let hint { self.note("hint: \(hint)") }
        return code
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            // Nobody reads any more: there is nobody to tell either.
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }

    /// Everything on stdin.
    static func readInput() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let size = buffer.count
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, size) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// Replaces a file, or writes to stdout for `-`.
    static func writeFile(_ bytes: [UInt8], to path: String) throws {
        if path == "-" {
            self.out(bytes: bytes)
            return
        }
        do throws(FileFailure) {
            try FileSystem.writeAtomically(bytes, to: path)
        } catch {
            throw self.fail("\(path) cannot be written: \(error.reason)", .tryAgain)
        }
    }

    /// A file, or stdin for `-`.
    static func readFile(_ path: String) throws -> [UInt8] {
        if path == "-" { return self.readInput() }
        do throws(FileFailure) {
            return try FileSystem.read(path)
        } catch {
            throw self.fail("\(path) cannot be read: \(error.reason)", .unreadable)
        }
    }
}
