// SPDX-License-Identifier: Apache-2.0
// The bridge imports nothing of ours, so it starts its thread itself.
import Glibc

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs the body on a new detached thread called `curl`.
func startThread(_ body: @escaping @Sendable () -> Void) {
    let context = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    var thread: pthread_t = 0
    let status = unsafe pthread_create(&thread, nil, runThreadBody, context)
    precondition(status == 0, "the system can give no further thread")
    _ = pthread_detach(thread)
}

private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let file = unsafe open("/proc/thread-self/comm", O_WRONLY)
    if file >= 0 {
        // The name is for people only (`top -H`); a kernel that refuses it does no harm.
        _ = unsafe write(file, "curl", 4)
        close(file)
    }
    unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
