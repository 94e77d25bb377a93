// SPDX-License-Identifier: Apache-2.0
// What a condition needs of an event before it can hold, as keys that the event's values can be looked up by.

import HookCore

/// One thing that a value can be found by: a class of comparison on a path, and the bytes it takes.
enum AccessKey {
    /// A 64-bit hash of path, class and bytes. Two keys with one hash only cost a needless check.
    case hash(UInt64, Probe)
    /// A number between the two, both included, on a path.
    case interval(path: UInt32, low: Double, high: Double)

    /// How values of a path have to be looked up for a key.
    struct Probe: Hashable {
        let path: UInt32
        let kind: KeyHash.Class
        /// Bytes of beginnings and ends, bits of address blocks; 0 for other classes.
        var length: UInt32 = 0

        /// Every value of the path finds it, or every text.
        var isCertain: Bool {
            switch self.kind {
            case .reached, .anyText: true
            default: false
            }
        }

        /// All in one number. Beginnings of more than 2^24 bytes would share theirs, which only blurs a guess.
        var packed: UInt64 {
            UInt64(self.path) << 32 | UInt64(self.kind.rawValue) << 24 | UInt64(min(self.length, 0xFF_FFFF))
        }
    }
}

/// Which keys find a condition.
indirect enum Access {
    /// Nothing finds it: it can hold for an event that has none of its values.
    case none
    case key(AccessKey)
    /// One of the parts holds when the condition does, so the keys of all are needed.
    case either([Access])
    /// Every part holds when the condition does, so the keys of one are enough.
    case choice([Access])
}
