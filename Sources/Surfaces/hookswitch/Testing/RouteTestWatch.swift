// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore
import HookPipeline

/// `test --watch`: runs at once, and again after each change, until a signal.
struct RouteTestWatch {
    private enum Happening: Sendable { case saved, ended }

    let command: Test

    func run() async {
        let (happenings, happen) = AsyncStream.makeStream(of: Happening.self)
        let signals = SignalWatch([SIGINT, SIGTERM]) { _ in happen.yield(.ended) }
        defer { withExtendedLifetime(signals) {} }
        let folder = self.command.projectOptions.project
        let watch = DirectoryWatch()
        defer { watch?.stop() }
        if let watch {
            WorkerThread.run(name: "watch") {
                watch.run(folders: { Project.folders(of: folder) }, quiet: .milliseconds(150)) { happen.yield(.saved) }
            }
        } else {
            Console.note("the system offers no more watches of files: nothing will be seen to change")
        }
        var files = await self.once()
        for await happening in happenings {
            if happening == .ended { return }
            // Reports that are written beside the project are no change of it.
            let now = await Self.read(folder)
            if now != nil && now == files { continue }
            self.separate()
            files = await self.once()
        }
    }

    /// - Returns: the files that were there before the run; what the run itself writes is then seen as a change.
    private func once() async -> ProjectFiles? {
        let files = await Self.read(self.command.projectOptions.project)
        do {
            _ = try await RouteTestCommandRun(command: self.command).run()
        } catch {
            // What is wrong has been said; the next change may mend it.
        }
        if self.command.format == .text { Console.note("waiting for the next change; ctrl-c ends") }
        return files
    }

    private static func read(_ folder: String) async -> ProjectFiles? {
        // A project that cannot be read is reported by the run itself.
        await offThePool(named: "read") { try? Project.read(folder) }
    }

    /// A terminal begins anew; anything else gets a line.
    private func separate() {
        guard self.command.format == .text else { return }
        let style = Style(self.command.color, descriptor: STDOUT_FILENO)
        if isatty(STDOUT_FILENO) == 1, style.isColoured {
            Console.out("\u{1B}[2J\u{1B}[3J\u{1B}[H")
        } else {
            Console.out("\n── changed ──")
        }
    }
}
