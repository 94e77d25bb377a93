// SPDX-License-Identifier: Apache-2.0
import Glibc

enum JSONBytes {
    /// HOT: whether two runs of bytes are the same.
    @inline(__always)
    static func areEqual(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        unsafe memcmp(one, other, count) == 0
    }
}
