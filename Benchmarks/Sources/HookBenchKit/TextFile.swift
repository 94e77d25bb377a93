// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads whole files, without Foundation.
package enum TextFile {
    /// The bytes; nil where the file cannot be read.
    package static func bytes(_ path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "rb") else { return nil }
        defer { unsafe _ = fclose(file) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            if count == 0 { return result }
            result.append(contentsOf: chunk[..<count])
        }
    }

    /// The lines that are not empty.
    package static func lines(_ path: String) -> [[UInt8]]? {
        self.bytes(path)?.split(separator: 0x0A).map { Array($0) }
    }
}
