// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc

/// Reads lines of any file in pieces, so that its size does not matter.
enum LineReader {
    private static let pieceBytes = 1024 * 1024
    /// A longer line is no line.
    private static let lineBytesMax = 64 * 1024 * 1024

    /// - Parameter path: `-` is stdin.
    /// - Throws: an exit code where the file cannot be read, and whatever `body` throws.
    static func read(_ path: String, _ body: ([UInt8]) throws -> Void) throws {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw self.unreadable(path) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var piece = [UInt8](repeating: 0, count: self.pieceBytes)
        var open: [UInt8] = []
        while true {
            let size = piece.count
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, size) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw self.unreadable(path) }
            if count == 0 { break }
            var start = 0
            while let end = piece[start..<count].firstIndex(of: 0x0A) {
                open.append(contentsOf: piece[start..<end])
                try body(open)
                open.removeAll(keepingCapacity: true)
                start = end + 1
            }
            open.append(contentsOf: piece[start..<count])
            if open.count > self.lineBytesMax { throw Console.fail("\(path) has a line over 64 MiB", .unreadable) }
        }
        if !open.isEmpty { try body(open) }
    }

    private static func unreadable(_ path: String) -> ExitCode {
        Console.fail("\(path) cannot be read: \(unsafe String(cString: strerror(errno)))", .unreadable)
    }
}
