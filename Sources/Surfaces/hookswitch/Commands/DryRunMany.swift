// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

/// A dry run of a file with one event a line: a line of JSON for each under `-o ndjson`, else what they came to in all.
struct DryRunMany {
    let revision: Revision
    let origin: EventOrigin
    let route: RouteName?
    let expectsMatch: Bool
    let output: OutputOptions

    /// Output is written in pieces of about this size.
    private static let pieceBytes = 64 * 1024

    func run(_ path: String) throws {
        let began = HookCore.Environment.live.now()
        var stream: DryRunStream?
        var output: [UInt8] = []
        let showsLines = self.output.format == .ndjson
        try LineReader.read(path) { line in
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { return }
            if stream == nil { stream = try self.makeStream(first: line) }
            guard let result = stream?.carry(line), showsLines else { return }
            result.append(to: &output)
            if output.count >= Self.pieceBytes {
                Console.out(bytes: output)
                output.removeAll(keepingCapacity: true)
            }
        }
        Console.out(bytes: output)
        guard let stream else { throw Console.fail("\(path) holds no event", .unreadable) }
        self.print(stream, took: HookCore.Environment.live.now() - began)
        let isShort = self.expectsMatch && stream.unmatched > 0
        if stream.refused > 0 || isShort { throw ExitCode.findings }
    }

    private func makeStream(first line: [UInt8]) throws -> DryRunStream {
        let input: DryRunStream.Input
        switch try self.origin.input(line, named: "line 1", signs: false) {
        case .saved: input = .saved
        case .request(let source, let headers, let query, _):
            guard self.revision.configuration.source(source) != nil else {
                throw EventOrigin.unknown(source, self.revision)
            }
            input = .request(source: source, headers: headers, query: query)
        case .event(let type, let version, let headers, _):
            input = .event(type: type, version: version, headers: headers)
        }
        return DryRunStream(revision: self.revision, environment: .live, input: input, only: self.route)
    }

    private func print(_ stream: DryRunStream, took: Duration) {
        switch self.output.format {
        case .ndjson: Console.note(Self.summary(stream, took))
        case .json: Console.out(stream.json(took: took))
        case .text:
            Console.out(Self.summary(stream, took))
            guard !stream.routes.isEmpty else { return }
            var table = TextTable(["EVENTS", "ROUTE"])
            for (name, count) in stream.routes.sorted(by: { ($1.value, $0.key.text) < ($0.value, $1.key.text) }) {
                table.add(["\(count)", name.text])
            }
            Console.out("\n" + table.text(self.output.style))
        }
    }

    private static func summary(_ stream: DryRunStream, _ took: Duration) -> String {
        var parts = ["\(stream.events) events", "\(stream.deliveries) deliveries"]
        if stream.unmatched > 0 { parts.append("\(stream.unmatched) matched nothing") }
        if stream.held > 0 { parts.append("\(stream.held) held") }
        if stream.refused > 0 { parts.append("\(stream.refused) refused") }
        let rate = Int(Double(stream.events) / max(took.inSeconds, 1e-9))
        return parts.joined(separator: ", ") + "; nothing was sent (\(DurationWords.fine(took)), \(rate)/s)"
    }
}
