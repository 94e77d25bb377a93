// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Chance that repeats: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
///
/// - Isolation: any thread; the order in which threads draw decides what each gets.
package final class SeededRandom: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private let state: Mutex<UInt64>

    package init(seed: UInt64) {
        self.seed = seed
        self.state = Mutex(seed)
    }

    /// The next 64 bits.
    package func next() -> UInt64 {
        self.state.withLock { state in
            // Arithmetic modulo 2^64 is what the generator is defined over.
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// `count` random bytes.
    package func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: self.next() >> 32) }
    }
}
