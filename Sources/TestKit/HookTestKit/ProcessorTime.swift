// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Time that this thread spent working: the machine may have other work, and then a wall clock measures that.
package enum ProcessorTime {
    package static func measure(_ body: () throws -> Void) rethrows -> Duration {
        let start = self.now()
        try body()
        return self.now() - start
    }

    private static func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
