// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookPipeline

extension Catalogue {
    struct Infer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a JSON Schema of events: bodies, saved events, or what the router has kept.",
            discussion: """
                Every event passes the schema that is made of it. A member is required where all have it; a text that
                takes few values, each seen often, becomes an enum; dates, UUIDs, addresses of mail and URIs get a
                format. Read it before you rely on it: it says what was seen, not what is meant.

                  hookswitch catalogue infer fixtures/*.json
                  hookswitch catalogue infer --type order.created events/ recorded:1d
                """)

        @OptionGroup var server: ServerOptions
        @OptionGroup var outputOptions: OutputOptions
        @Option(
            name: .long,
            help: ArgumentHelp("Only events of this type; bodies have none and count.", valueName: "type@version"))
        var type: String?
        @Argument(
            help: ArgumentHelp(
                "Files with a body, a saved event, or one a line (.ndjson); folders; - for lines on stdin; recorded:1d.",
                valueName: "events"))
        var events: [String]

        func run() async throws {
            var inference = SchemaInference()
            for place in self.events {
                if let span = RecordedSpan(place) {
                    try await self.read(span, into: &inference)
                } else {
                    try self.read(place, depth: 0, into: &inference)
                }
            }
            guard inference.samples > 0 else {
                throw Console.fail(
                    "there are no events to learn from", hint: self.type.map { "none is of type \($0)" }, .unreadable)
            }
            Console.note("learned from \(inference.samples) \(inference.samples == 1 ? "event" : "events")")
            let schema = inference.schema(title: self.type)
            Console.out(schema, self.outputOptions.format == .text ? .indented : .compact)
        }

        private func read(_ path: String, depth: Int, into inference: inout SchemaInference) throws {
            do {
                if path == "-" || path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") {
                    return try LineFile.forEach(of: path) { number, line in
                        try self.add(line, at: "\(path):\(number)", to: &inference)
                    }
                }
                guard let status = try FileSystem.existing(path) else {
                    throw Console.fail("there is no file or folder \"\(Printable.text(path))\"", .unreadable)
                }
                guard status.kind == .folder else {
                    return try self.add(try FileSystem.read(path), at: path, to: &inference)
                }
                guard depth < 32 else { return }
                for name in try FileSystem.names(in: path).sorted() where !name.hasPrefix(".") {
                    let inner = "\(path)/\(name)"
                    let isFolder = try FileSystem.existing(inner)?.kind == .folder
                    if isFolder || [".json", ".ndjson", ".jsonl"].contains(where: { name.hasSuffix($0) }) {
                        try self.read(inner, depth: depth + 1, into: &inference)
                    }
                }
            } catch let failure as FileFailure {
                throw Console.fail("\(failure.path) cannot be read: \(failure.reason)", .unreadable)
            }
        }

        private func add(_ bytes: [UInt8], at place: String, to inference: inout SchemaInference) throws {
            if SavedEvent.isSaved(bytes) {
                do throws(SavedEvent.Failure) {
                    self.add(try SavedEvent(parsing: bytes, now: HookCore.Environment.live.wall()), to: &inference)
                } catch {
                    throw Console.fail("\(Printable.text(place)) is no saved event: \(error)", .unreadable)
                }
                return
            }
            do throws(JSONFailure) {
                inference.add(try JSONDocument(parsing: bytes))
            } catch {
                throw Console.fail(
                    "\(Printable.text(place)) is no JSON: \(error.reason.rawValue), at byte \(error.offset)",
                    .unreadable)
            }
        }

        private func add(_ saved: SavedEvent, to inference: inout SchemaInference) {
            guard let data = saved.event.data, self.isWanted(saved.event.type, saved.event.version) else { return }
            inference.add(data)
        }

        private func isWanted(_ type: String, _ version: Int?) -> Bool {
            guard let wanted = self.type else { return true }
            let parts = wanted.split(separator: "@", maxSplits: 1).map(String.init)
            return parts.first == type && (parts.count == 1 || Int(parts[1]) == version)
        }

        private func read(_ span: RecordedSpan, into inference: inout SchemaInference) async throws {
            let client = try self.server.client()
            var left = Int.max
            var since: WallTime?
            switch span {
            case .last(let count): left = count
            case .since(let duration):
                since = HookCore.Environment.live.wall() + .milliseconds(-duration.milliseconds)
            }
            let type = self.type.flatMap { $0.split(separator: "@").first.map(String.init) }
            var cursor: String?
            repeat {
                let page = try await client.get(
                    "/api/v1/events",
                    [("payload", "true"), ("limit", "\(min(left, 500))"), ("cursor", cursor), ("type", type)])
                let items = page["items"]?.arrayValue ?? []
                var isDone = items.isEmpty
                for item in items {
                    if let since, let time = item["time"]?.stringValue.flatMap({ WallTime(rfc3339: $0) }), time < since
                    {
                        isDone = true
                        break
                    }
                    // A payload that has outlived its retention teaches nothing.
                    if let saved = try? SavedEvent(parsing: item.encoded(), now: HookCore.Environment.live.wall()) {
                        self.add(saved, to: &inference)
                    }
                }
                left -= items.count
                cursor = isDone ? nil : page["cursor"]?.stringValue
            } while cursor != nil && left > 0
        }
    }
}
