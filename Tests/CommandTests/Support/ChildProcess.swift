// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// One run of the executable, its output read by threads of its own.
final class ChildProcess: Sendable {
    /// How long anything may take before a test gives up; generous, since the machine may be busy.
    static let patience: TimeInterval = 30

    let pid: pid_t
    let out = LineReader()
    let err = LineReader()
    private let input: FileHandle
    private let status = Mutex<Int32?>(nil)

    /// Pipes and children are made under one lock: a child that inherits the pipe of another one holds it open.
    private static let spawning = Mutex(())

    init(_ arguments: [String], environment: [String: String] = [:], folder: String? = nil) throws {
        let all = ["PATH": "/usr/bin:/bin", "HOME": "/tmp", "TERM": "dumb"].merging(environment) { $1 }
        let command = (folder.map { ["/usr/bin/env", "-C", $0] } ?? []) + [Binary.path] + arguments
        let started = try Self.spawning.withLock { _ in try Self.spawn(command, all) }
        self.pid = started.pid
        self.input = FileHandle(fileDescriptor: started.pipes[0], closeOnDealloc: true)
        self.out.read(started.pipes[1])
        self.err.read(started.pipes[2])
    }

    private static func spawn(_ command: [String], _ environment: [String: String]) throws -> (
        pid: pid_t, pipes: [Int32]
    ) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var ours: [Int32] = []
        var theirs: [Int32] = []
        for stream in 0...2 {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw TestFailure("no pipe: \(errno)") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            ours.append(ends[stream == 0 ? 1 : 0])
            theirs.append(ends[stream == 0 ? 0 : 1])
            posix_spawn_file_actions_adddup2(&actions, theirs[stream], Int32(stream))
        }
        var pid: pid_t = 0
        let code = Self.withStrings(command) { argv in
            Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                posix_spawn(&pid, command[0], &actions, nil, argv, envp)
            }
        }
        for end in theirs { close(end) }
        guard code == 0 else { throw TestFailure("\(command[0]) does not start: \(code)") }
        return (pid, ours)
    }

    private static func withStrings(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) ?? -1 }
    }

    /// Gives the process its whole input.
    func feed(_ bytes: [UInt8]) {
        signal(SIGPIPE, SIG_IGN)
        // A process that does not read its input is no failure of the test.
        try? self.input.write(contentsOf: Data(bytes))
        try? self.input.close()
    }

    func signalProcess(_ number: Int32) { kill(self.pid, number) }

    /// The exit code; a process ended by a signal gives 128 and its number.
    func wait(_ patience: TimeInterval = ChildProcess.patience) throws -> Int32 {
        if let status = self.status.withLock({ $0 }) { return status }
        let found: Int32? = try? eventually("process \(self.pid) ends", patience) {
            var raw: Int32 = 0
            guard waitpid(self.pid, &raw, WNOHANG) == self.pid else { return nil }
            return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        }
        guard let found else {
            self.end()
            throw TestFailure("the process did not end; stdout: \(self.out.text) stderr: \(self.err.text)")
        }
        self.status.withLock { $0 = found }
        self.out.waitForEnd()
        self.err.waitForEnd()
        return found
    }

    /// Ends it at once, whatever its state.
    func end() {
        guard self.status.withLock({ $0 }) == nil else { return }
        kill(self.pid, SIGKILL)
        var raw: Int32 = 0
        waitpid(self.pid, &raw, 0)
        self.status.withLock { $0 = 137 }
    }
}

/// Collects what a stream says, and lets tests wait for it.
final class LineReader: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
    }

    private let state = Mutex(State())

    var bytes: [UInt8] { self.state.withLock { $0.bytes } }
    var text: String { String(decoding: self.bytes, as: UTF8.self) }
    var lines: [String] { self.text.split(separator: "\n").map(String.init) }

    func read(_ descriptor: Int32) {
        let thread = Thread {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { break }
                self.state.withLock { $0.bytes.append(contentsOf: buffer[..<count]) }
            }
            close(descriptor)
            self.state.withLock { $0.hasEnded = true }
        }
        thread.start()
    }

    /// The first whole line that `isIt` takes.
    @discardableResult
    func line(_ what: String, _ isIt: (String) -> Bool = { _ in true }) throws -> String {
        try eventually("a line: \(what)") {
            let (text, hasEnded) = self.state.withLock { (String(decoding: $0.bytes, as: UTF8.self), $0.hasEnded) }
            let whole = text.hasSuffix("\n") ? text[...] : text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
            if let line = whole.split(separator: "\n").map(String.init).first(where: isIt) { return line }
            if hasEnded { throw TestFailure("the stream ended without: \(what)") }
            return nil
        }
    }

    func waitForEnd() {
        _ = try? eventually("the end of a stream", 5) { self.state.withLock { $0.hasEnded } ? true : nil }
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Asks until there is an answer; gives up loudly.
@discardableResult
func eventually<Answer>(
    _ what: String, _ patience: TimeInterval = ChildProcess.patience, _ ask: () throws -> Answer?
) throws -> Answer {
    let end = Date().addingTimeInterval(patience)
    while true {
        if let answer = try ask() { return answer }
        if Date() > end { throw TestFailure("waited \(patience) s in vain for: \(what)") }
        usleep(10_000)
    }
}
