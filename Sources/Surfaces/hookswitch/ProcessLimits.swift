// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a router needs of its process before it opens anything.
enum ProcessLimits {
    /// Raises the number of open files to what is allowed: listeners, stage 6 and the store share it, and the usual soft
    /// limit of 1,024 is below the number of connections alone (setrlimit(2)).
    static func raiseOpenFiles() {
        var limit = rlimit()
        let resource = RLIMIT_NOFILE.rawValue
        guard unsafe getrlimit(__rlimit_resource_t(resource), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        // Where it is refused the old limit holds.
        _ = unsafe setrlimit(__rlimit_resource_t(resource), &limit)
    }

    /// A peer that goes away must be an error of one write, not the end of the process; and a reload that is asked for
    /// before there is anything to reload must not be either.
    static func ignoreSignals() {
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGHUP, SIG_IGN)
    }
}
