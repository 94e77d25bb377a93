// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookAdmin
import HookCore
import Synchronization

struct Listen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A request bin: print what arrives, answer as told.",
        discussion: """
            Point a destination at it while writing a transform:

              hookswitch listen 127.0.0.1:9000 --answer 503,503,200
            """)

    @OptionGroup var outputOptions: OutputOptions

    @Argument(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
    var address = "127.0.0.1:9000"

    @Option(name: .long, help: "Statuses to answer, in order; the last one repeats.")
    var answer = "200"

    @Option(name: .long, help: "Wait this many milliseconds before each answer.")
    var delay = 0

    @Option(name: .long, help: "End after this many requests.")
    var count: Int?

    private func statuses() throws -> [Int] {
        let statuses = self.answer.split(separator: ",").map { Int($0) }
        guard !statuses.isEmpty, statuses.allSatisfy({ $0.map { (200...599).contains($0) } ?? false }) else {
            throw Console.fail("--answer takes statuses such as 503,503,200", .usage)
        }
        return statuses.compactMap { $0 }
    }

    func run() async throws {
        let statuses = try self.statuses()
        guard let colon = self.address.lastIndex(of: ":"),
            let port = UInt16(self.address[self.address.index(after: colon)...])
        else { throw Console.fail("\"\(self.address)\" is no HOST:PORT", .usage) }
        let host = String(self.address[..<colon])
        let served = Atomic<Int>(0)
        let done = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (format, style, delay, limit) = (
            self.outputOptions.format, self.outputOptions.style, self.delay, self.count
        )
        let bin = RequestBin(host: host, port: Int(port)) { received in
            let number = served.wrappingAdd(1, ordering: .relaxed).newValue
            let status = statuses[min(number, statuses.count) - 1]
            Self.print(received, status, format, style)
            // Cancelled with the server: then nobody waits for the answer.
            if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
            if let limit, number >= limit { done.continuation.yield() }
            return RequestBin.Reply(status: status)
        }
        let watch = SignalWatch([SIGINT, SIGTERM]) { _ in done.continuation.yield() }
        do {
            try await Self.run(bin, until: done.stream) { port in
                if format == .text {
                    Console.note("listening at http://\(host):\(port)")
                } else {
                    Console.out(["schema": "hookswitch/listening@1", "address": .string("\(host):\(port)")])
                }
            }
        } catch let failure as ListenFailure {
            throw Console.fail("\(failure)", .tryAgain)
        }
        withExtendedLifetime(watch) {}
    }

    private static func run(
        _ bin: RequestBin, until done: AsyncStream<Void>, started: @escaping @Sendable (Int) async -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bin.run(started: started) }
            group.addTask {
                for await _ in done { break }
                // The last answer is on its way out.
                try await Task.sleep(for: .milliseconds(100))
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func print(_ received: RequestBin.Received, _ status: Int, _ format: OutputFormat, _ style: Style) {
        if format != .text {
            return Console.out([
                "schema": "hookswitch/request@1", "method": .string(received.method),
                "target": .string(received.target),
                "headers": .array(received.headers.map { ["name": .string($0.name), "value": .string($0.value)] }),
                "body": .string(String(decoding: received.body, as: UTF8.self)), "answered": .int(status),
            ])
        }
        var lines = [style.bold("\(received.method) \(received.target)") + " → \(status)"]
        lines += received.headers.map { style.dim("\($0.name): \($0.value)") }
        lines += ["", String(decoding: received.body, as: UTF8.self), ""]
        Console.out(lines.joined(separator: "\n"))
    }
}
