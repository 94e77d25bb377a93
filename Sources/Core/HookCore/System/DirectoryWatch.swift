// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Tells when something below a set of folders has changed and then been quiet for a while (inotify(7)).
///
/// Folders are watched, not files: editors replace files, and Kubernetes swaps a symbolic link beside them.
package final class DirectoryWatch: Sendable {
    private let descriptor: Int32
    private let isStopped = Atomic<Bool>(false)

    /// A file that was written counts when it is closed: IN_MODIFY would also tell of every write to a store that lies in
    /// the project folder, and there would be no quiet.
    private static let events = UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE)

    /// Nil where the system offers no more watches.
    package init?() {
        self.descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        if self.descriptor < 0 { return nil }
    }

    deinit { Glibc.close(self.descriptor) }

    /// Ends ``run(folders:quiet:changed:)`` within a second.
    package func stop() { self.isStopped.store(true, ordering: .relaxed) }

    /// Watches until stopped; blocks, so call it on a thread of your own.
    ///
    /// - Parameters:
    ///   - folders: asked again after each change, since folders come and go.
    ///   - quiet: how long nothing must happen before `changed` is called.
    package func run(folders: () -> [String], quiet: Duration, changed: () -> Void) {
        self.watch(folders())
        while !self.isStopped.load(ordering: .relaxed) {
            guard self.waitForEvents(milliseconds: 500) else { continue }
            repeat { self.drain() } while self.waitForEvents(milliseconds: Int32(clamping: quiet.milliseconds))
            self.watch(folders())
            changed()
        }
    }

    /// Adding a folder again only renews its watch.
    private func watch(_ folders: [String]) {
        for folder in folders { _ = unsafe inotify_add_watch(self.descriptor, folder, Self.events) }
    }

    private func waitForEvents(milliseconds: Int32) -> Bool {
        var request = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, milliseconds) > 0
    }

    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let size = buffer.count
        while unsafe buffer.withUnsafeMutableBytes({ unsafe read(self.descriptor, $0.baseAddress, size) }) > 0 {}
    }
}
