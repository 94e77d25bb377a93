// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Another program, run to its end with its input and output in memory. Git is read this way: it alone knows every
/// format that a repository may have.
///
/// - Isolation: blocks; call it on a thread of your own (``offThePool(named:_:)``).
package struct ChildCommand: Sendable {
    package struct Output: Sendable {
        /// The exit code; 128 and the signal's number where a signal ended it, as shells count.
        package let code: Int32
        package let out: [UInt8]
        package let err: [UInt8]

        package var errorText: String { String(decoding: self.err, as: UTF8.self) }
    }

    package enum Failure: Error, Sendable, Equatable {
        /// No such program on the path.
        case notFound
        /// It wrote more than it may, and was ended.
        case tooMuch
        /// It took longer than it may, and was ended.
        case timeout
        /// The system's words.
        case system(String)
    }

    /// The program, looked up on the path, and its arguments.
    package let arguments: [String]
    /// Added to the variables of this process.
    package var variables: [(name: String, value: String)] = []
    /// Variables of this process that the program does not get.
    package var withheld: Set<String> = []
    package var outputBytesMax = 512 * 1024 * 1024
    package var timeout: Duration = .seconds(60)

    package init(_ arguments: [String]) { self.arguments = arguments }

    package func run(input: [UInt8] = []) throws(Failure) -> Output {
        let stdin = try Pipe(.socket)
        let stdout = try Pipe(.pipe)
        let stderr = try Pipe(.pipe)
        let pid = try self.start(stdin, stdout, stderr)
        stdin.closeReading()
        stdout.closeWriting()
        stderr.closeWriting()
        do throws(Failure) {
            let (out, err) = try self.exchange(input, stdin, stdout, stderr)
            return Output(code: Self.wait(pid), out: out, err: err)
        } catch {
            _ = kill(pid, SIGKILL)
            _ = Self.wait(pid)
            throw error
        }
    }

    private func start(_ stdin: Pipe, _ stdout: Pipe, _ stderr: Pipe) throws(Failure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, stdin.reading, STDIN_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, stdout.writing, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, stderr.writing, STDERR_FILENO)
        var pid: pid_t = 0
        let code = unsafe Self.withTexts(self.arguments) { arguments in
            unsafe Self.withTexts(self.environment) { environment -> Int32 in
                guard let program = unsafe arguments[0] else { return ENOENT }
                return unsafe posix_spawnp(&pid, program, &actions, nil, arguments, environment)
            }
        }
        if code == ENOENT || code == EACCES { throw .notFound }
        guard code == 0 else { throw .system(FileFailure("posix_spawn", self.arguments[0], code: code).reason) }
        return pid
    }

    /// The variables of this process, as it was started with them; libc's own list is shared and may change.
    private var environment: [String] {
        // Without /proc the program gets only what is added here.
        let inherited = (try? FileSystem.read("/proc/self/environ")) ?? []
        let kept = inherited.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.filter { line in
            let name = String(line.prefix { $0 != "=" })
            return !self.withheld.contains(name) && !self.variables.contains { $0.name == name }
        }
        return kept + self.variables.map { "\($0.name)=\($0.value)" }
    }

    private static func withTexts<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = unsafe texts.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe body(copies + [nil])
    }

    private static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}

// MARK: - Input and output

extension ChildCommand {
    /// Feeds and reads at the same time: either alone would wait for ever once a pipe is full.
    private func exchange(
        _ input: [UInt8], _ stdin: Pipe, _ stdout: Pipe, _ stderr: Pipe
    ) throws(Failure) -> (out: [UInt8], err: [UInt8]) {
        var rest = input[...]
        var out: [UInt8] = []
        var err: [UInt8] = []
        var isOpen = (out: true, err: true)
        if rest.isEmpty { stdin.closeWriting() }
        let clock = Environment.live.now
        let deadline = clock() + self.timeout
        while isOpen.out || isOpen.err {
            let left = (deadline - clock()).milliseconds
            guard left > 0 else { throw .timeout }
            var waits = [
                pollfd(fd: isOpen.out ? stdout.reading : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen.err ? stderr.reading : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: rest.isEmpty ? -1 : stdin.writing, events: Int16(POLLOUT), revents: 0),
            ]
            let ready = unsafe poll(&waits, nfds_t(waits.count), Int32(clamping: left))
            if ready < 0 && errno != EINTR { throw .system(FileFailure("poll", "", code: errno).reason) }
            guard ready > 0 else { continue }
            if waits[0].revents != 0 { isOpen.out = stdout.read(into: &out) }
            if waits[1].revents != 0 { isOpen.err = stderr.read(into: &err) }
            if waits[2].revents != 0 {
                rest = stdin.write(rest)
                if rest.isEmpty { stdin.closeWriting() }
            }
            if out.count + err.count > self.outputBytesMax { throw .tooMuch }
        }
        return (out, err)
    }

    /// Two ends that close themselves.
    private final class Pipe {
        private(set) var reading: Int32
        private(set) var writing: Int32

        enum Kind {
            case pipe
            /// For writing: a pipe whose reader is gone would end this process by a signal.
            case socket
        }

        /// `MSG_NOSIGNAL` of Linux (socket.h), which Swift does not see.
        private static let withoutSignal: Int32 = 0x4000

        init(_ kind: Kind) throws(Failure) {
            var ends: [Int32] = [-1, -1]
            let stream = Int32(SOCK_STREAM.rawValue)
            let status = unsafe kind == .pipe ? pipe(&ends) : socketpair(AF_UNIX, stream, 0, &ends)
            guard status == 0 else { throw .system(FileFailure("pipe", "", code: errno).reason) }
            // The ends of other pipes must not live on in the child: it would never see the end of its input.
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            (self.reading, self.writing) = (ends[0], ends[1])
        }

        deinit {
            self.closeReading()
            self.closeWriting()
        }

        func closeReading() {
            if self.reading >= 0 { close(self.reading) }
            self.reading = -1
        }

        func closeWriting() {
            if self.writing >= 0 { close(self.writing) }
            self.writing = -1
        }

        /// One read; false at the end.
        func read(into bytes: inout [UInt8]) -> Bool {
            var chunk = [UInt8](repeating: 0, count: 64 * 1024)
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(self.reading, $0.baseAddress, $0.count)
            }
            if count < 0 { return errno == EINTR || errno == EAGAIN }
            bytes.append(contentsOf: chunk[..<count])
            return count > 0
        }

        /// What is still to be written; nothing where nobody reads any more. A write of one page does not wait
        /// long after `poll` has said that there is room.
        func write(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            let page = bytes.prefix(Int(PIPE_BUF))
            let count = unsafe page.withUnsafeBytes {
                unsafe send(self.writing, $0.baseAddress, $0.count, Self.withoutSignal)
            }
            if count < 0 { return errno == EINTR || errno == EAGAIN ? bytes : [] }
            return bytes.dropFirst(count)
        }
    }
}
