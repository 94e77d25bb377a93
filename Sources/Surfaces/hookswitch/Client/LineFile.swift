// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookCore

/// The lines of a file, or of stdin for `-`, one after the other in bounded memory.
struct LineFile {
    /// Longest line: the largest body that a source may take, its escapes and the request around it.
    static let lineBytesMax = 64 * 1024 * 1024

    /// Gives every line without its end; blank ones are left out. Stops where `body` throws.
    ///
    /// - Errors: ``FileFailure``; `EFBIG` for a line that is too long.
    static func forEach(of path: String, _ body: (_ number: Int, _ line: [UInt8]) throws -> Void) throws {
        let file = unsafe path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileFailure("open", path, code: errno) }
        defer { close(file) }
        var pending: [UInt8] = []
        var number = 0
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure("read", path, code: errno) }
            if count == 0 { break }
            var start = 0
            while let end = chunk[start..<count].firstIndex(of: 0x0A) {
                let line = pending + chunk[start..<end]
                pending = []
                start = end + 1
                number += 1
                if line.contains(where: { $0 > 0x20 }) { try body(number, line) }
            }
            pending.append(contentsOf: chunk[start..<count])
            guard pending.count <= self.lineBytesMax else { throw FileFailure("read", path, code: EFBIG) }
        }
        if pending.contains(where: { $0 > 0x20 }) { try body(number + 1, pending) }
    }
}
