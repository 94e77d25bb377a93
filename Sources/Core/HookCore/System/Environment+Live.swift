// SPDX-License-Identifier: Apache-2.0
import Glibc

extension Environment {
    /// The machine's own clocks and randomness. Everything else receives an ``Environment``.
    package static let live = Environment(
        now: {
            var time = timespec()
            _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        wall: {
            var time = timespec()
            _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
            return WallTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        },
        random: {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        },
        variable: { name in
            guard let value = unsafe getenv(name) else { return nil }
            return unsafe String(cString: value)
        })
}
