// SPDX-License-Identifier: Apache-2.0
import Glibc
package import HookCore
import Synchronization

/// Writes log lines on a thread of its own, so that a reader that does not read can never hold up an event.
///
/// - Bounds: 4,096 lines wait; beyond that lines are dropped and counted, and the count is logged when there is room.
package final class LogWriter: Sendable {
    private static let linesMax = 4096

    private let descriptor: Int32
    private let format: LogFormat
    private let least: LogRecord.Level
    private let wall: @Sendable () -> WallTime
    private let lines: Mailbox<[UInt8]>
    private let dropped = Atomic<Int>(0)
    /// Holds back all lines until the first one is known.
    private let gate: Mailbox<[UInt8]>
    private let thread: WorkerThread

    package init(
        descriptor: Int32, format: LogFormat, least: LogRecord.Level, wall: @escaping @Sendable () -> WallTime
    ) {
        self.descriptor = descriptor
        self.format = format
        self.least = least
        self.wall = wall
        let lines = Mailbox<[UInt8]>(capacity: Self.linesMax)
        self.lines = lines
        let gate = Mailbox<[UInt8]>(capacity: 1)
        self.gate = gate
        self.thread = WorkerThread(name: "log") {
            for line in gate.takeAll() ?? [] { Self.write(line, to: descriptor) }
            while let batch = lines.takeAll() {
                for line in batch { Self.write(line, to: descriptor) }
            }
        }
    }

    /// Lets lines out, this one before all others: what waits for `serve` reads its first line.
    package func open(firstLine: [UInt8] = []) {
        _ = self.gate.offer(firstLine)
        self.gate.close()
    }

    package func log(_ record: LogRecord) {
        guard record.level >= self.least else { return }
        let missed = self.dropped.exchange(0, ordering: .relaxed)
        if missed > 0 {
            let note = LogRecord(
                level: .warning, stage: .server, message: "log lines dropped", fields: [("count", "\(missed)")])
            self.put(note, weight: missed)
        }
        self.put(record, weight: 1)
    }

    private func put(_ record: LogRecord, weight: Int) {
        if !self.lines.offer(self.format.line(record, at: self.wall())) {
            self.dropped.wrappingAdd(weight, ordering: .relaxed)
        }
    }

    /// Writes what waits and ends the thread.
    package func close() {
        self.gate.close()
        self.lines.close()
        self.thread.join()
    }

    private static func write(_ line: [UInt8], to descriptor: Int32) {
        var rest = line[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            // A closed pipe or full disk: the log has no better place to complain.
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }
}
