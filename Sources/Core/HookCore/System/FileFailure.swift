// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A system call on a file that failed: which one, on what, and why.
package struct FileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let call: String
    package let path: String
    /// `errno` of the call.
    package let code: Int32

    package init(_ call: String, _ path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    /// The system's own words for the code, e.g. `No such file or directory`.
    package var reason: String {
        var buffer = [CChar](repeating: 0, count: 256)
        let result = unsafe buffer.withUnsafeMutableBufferPointer { room in
            guard let base = room.baseAddress else { return EINVAL }
            return unsafe strerror_r(self.code, base, room.count)
        }
        guard result == 0 else { return "error \(self.code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var description: String { "\(self.path): \(self.reason) (\(self.call))" }

    /// Nothing stands at the path.
    package var isMissing: Bool { self.code == ENOENT || self.code == ENOTDIR }
}
