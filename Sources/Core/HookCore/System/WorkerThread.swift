// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A thread of our own, for work that may block: the cooperative pool has two threads on a small machine, and two
/// blocked calls would stop the process.
package final class WorkerThread: Sendable {
    private let handle: pthread_t

    /// Starts at once. The name shows in `top -H`; at most 15 bytes count.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        self.handle = Self.start(ThreadBody(name: name, run: body))
    }

    /// Waits for the end of the thread. Call once.
    package func join() { _ = pthread_join(self.handle, nil) }

    /// Holds up the calling thread, which must be one of ours.
    package static func pause(_ duration: Duration) {
        _ = poll(nil, 0, Int32(clamping: duration.milliseconds))
    }

    /// Starts a thread that nobody waits for.
    package static func run(name: String, _ body: @escaping @Sendable () -> Void) {
        _ = pthread_detach(Self.start(ThreadBody(name: name, run: body)))
    }

    private static func start(_ body: ThreadBody) -> pthread_t {
        let context = unsafe Unmanaged.passRetained(body).toOpaque()
        var handle: pthread_t = 0
        let status = unsafe pthread_create(&handle, nil, runThreadBody, context)
        precondition(status == 0, "the system can give no further thread")
        return handle
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }

    /// `pthread_setname_np` is not visible to Swift; the kernel takes the name through this file as well (proc(5)).
    func nameCurrentThread() {
        let file = unsafe open("/proc/thread-self/comm", O_WRONLY)
        if file < 0 { return }
        let bytes = Array(self.name.utf8.prefix(15))
        _ = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}

private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context = unsafe context {
        let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
        body.nameCurrentThread()
        body.run()
    }
    return nil
}
