// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A bounded queue between threads: producers never wait, consumers sleep until there is something.
///
/// - Bounds: `offer` answers false when full; what then happens is the producer's policy.
/// - Isolation: any thread; `take…` blocks, so call it on a thread of your own.
@safe package final class Mailbox<Element: Sendable>: @unchecked Sendable {
    // SAFETY: `items`, `head` and `isClosed` are touched only between lock and unlock of `mutex`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let filled: UnsafeMutablePointer<pthread_cond_t>
    private let capacity: Int
    private var items: [Element] = []
    private var sleepers = 0
    private var isClosed = false

    package init(capacity: Int) {
        self.capacity = capacity
        unsafe self.mutex = .allocate(capacity: 1)
        unsafe self.filled = .allocate(capacity: 1)
        unsafe pthread_mutex_init(self.mutex, nil)
        // The steady clock: a jump of the wall clock must not lengthen a timed sleep.
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(self.filled, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe pthread_cond_destroy(self.filled)
        unsafe self.mutex.deallocate()
        unsafe self.filled.deallocate()
    }

    /// Puts one in; false where it is full or closed.
    package func offer(_ element: Element) -> Bool {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        guard !self.isClosed, self.items.count < self.capacity else { return false }
        self.items.append(element)
        if self.sleepers > 0 { unsafe pthread_cond_signal(self.filled) }
        return true
    }

    /// Sleeps until there is something, then takes it all, at most `max`; nil once closed and empty.
    package func takeAll(max: Int = .max) -> [Element]? {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        while self.items.isEmpty {
            if self.isClosed { return nil }
            self.sleepers += 1
            unsafe pthread_cond_wait(self.filled, self.mutex)
            self.sleepers -= 1
        }
        if self.items.count <= max {
            var taken: [Element] = []
            swap(&taken, &self.items)
            return taken
        }
        let taken = Array(self.items.prefix(max))
        self.items.removeFirst(max)
        if self.sleepers > 0 { unsafe pthread_cond_signal(self.filled) }
        return taken
    }

    /// Like ``takeAll(max:)``, but sleeps no longer than `timeout`; empty where nothing came in that time.
    package func takeAll(within timeout: Duration) -> [Element]? {
        var end = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &end)
        // A day at most: the caller asks again, and the sum cannot overflow.
        let wait = min(max(timeout, .zero), .seconds(86_400)).components
        end.tv_sec += Int(wait.seconds)
        end.tv_nsec += Int(wait.attoseconds / 1_000_000_000)
        if end.tv_nsec >= 1_000_000_000 {
            end.tv_sec += 1
            end.tv_nsec -= 1_000_000_000
        }
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        while self.items.isEmpty {
            if self.isClosed { return nil }
            self.sleepers += 1
            let status = unsafe pthread_cond_timedwait(self.filled, self.mutex, &end)
            self.sleepers -= 1
            if status == ETIMEDOUT { break }
        }
        var taken: [Element] = []
        swap(&taken, &self.items)
        return taken
    }

    /// Nothing more goes in; consumers end when it is empty.
    package func close() {
        unsafe pthread_mutex_lock(self.mutex)
        self.isClosed = true
        unsafe pthread_cond_broadcast(self.filled)
        unsafe pthread_mutex_unlock(self.mutex)
    }

    package var count: Int {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return self.items.count
    }
}
