// SPDX-License-Identifier: Apache-2.0
import HookCore
import NIOCore
import NIOEmbedded
import Synchronization

@testable import HookIngest

let mark = Mark(file: "routes/test.yaml", line: 1, column: 1)

/// A clock that stands still until it is moved.
final class StoppedClock: Sendable {
    private let time = Mutex<Duration>(.seconds(1))

    func advance(by duration: Duration) { self.time.withLock { $0 += duration } }

    var environment: Environment {
        Environment(
            now: { self.time.withLock { $0 } }, wall: { WallTime(milliseconds: 1_700_000_000_000) }, random: { 7 },
            variable: { _ in nil })
    }
}

/// What a receiver has seen.
final class Seen: Sendable {
    private let requests = Mutex<[Accepted]>([])

    func add(_ accepted: Accepted) { self.requests.withLock { $0.append(accepted) } }
    var all: [Accepted] { self.requests.withLock { $0 } }
}

func sources() -> [SourceSpec] {
    var small = SourceSpec(name: "small", path: "/in/small", verify: .none, mark: mark)
    small.bodyBytesMax = 16
    return [SourceSpec(name: "test", path: "/in/test", verify: .none, mark: mark), small]
}

/// Limits that are quick to reach.
func tightLimits() -> IngestLimits {
    var limits = IngestLimits()
    limits.headerBytesMax = 16 * 1024
    limits.headerFieldsMax = 20
    limits.bodyBytesMax = 1000
    return limits
}

/// One connection without a socket.
struct Bench {
    let channel = EmbeddedChannel()
    let clock = StoppedClock()
    let seen = Seen()
    let connection: Connection
    let state: ListenerState

    /// Without `receive` every request is answered at once with 202.
    init(limits: IngestLimits = tightLimits(), receive: Receive? = nil) throws {
        let seen = self.seen
        let state = ListenerState(
            limits: limits, environment: self.clock.environment, signals: Signals(),
            receive: { accepted, loop, answer in
                seen.add(accepted)
                if let receive { receive(accepted, loop, answer) } else { answer(.accepted(accepted.id)) }
            })
        state.replace(table: SourceTable(sources(), limits: limits, signals: state.signals))
        self.state = state
        self.connection = Connection(loop: LoopState(index: 0, shared: state))
        try self.channel.pipeline.syncOperations.addHandler(self.connection)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    func send(_ bytes: some Collection<UInt8>) throws {
        guard self.channel.isActive else { return }
        try self.channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    func output() throws -> String {
        var text = ""
        while var part = try self.channel.readOutbound(as: ByteBuffer.self) {
            text += part.readString(length: part.readableBytes) ?? ""
        }
        return text
    }
}

/// Status codes of the answers in a text, interim ones included.
func statuses(_ text: String) -> [Int] {
    text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst().compactMap { Int($0.prefix(3)) }
}
