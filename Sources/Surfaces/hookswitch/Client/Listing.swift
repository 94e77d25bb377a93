// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore

/// Options of every list.
struct PagingOptions: ParsableArguments {
    @Option(name: .long, help: "Items on a page, 1 to 1000.")
    var limit: Int?

    @Option(name: .long, help: "Where to go on: the cursor of the page before.")
    var cursor: String?

    @Flag(name: .long, help: "Follow the cursors to the end.")
    var all = false

    var query: [(String, String?)] { [("limit", self.limit.map(String.init)), ("cursor", self.cursor)] }
}

/// Prints a list of the API in the format that was asked for.
struct Listing {
    struct Column {
        let title: String
        let value: (JSONValue) -> String

        init(_ title: String, _ key: String) {
            self.title = title
            self.value = { Self.text($0[key]) }
        }

        init(_ title: String, _ value: @escaping (JSONValue) -> String) {
            self.title = title
            self.value = value
        }

        static func text(_ value: JSONValue?) -> String {
            switch value {
            case nil, .null: "-"
            case .string(let text): text
            case .some(let other): other.text
            }
        }
    }

    let path: String
    let columns: [Column]
    let empty: String

    func run(
        _ server: ServerOptions, _ paging: PagingOptions?, _ output: OutputOptions, _ filter: [(String, String?)]
    ) async throws {
        let client = try server.client()
        var query = filter + (paging?.query ?? [])
        var answer = try await client.get(self.path, query)
        var items = answer["items"]?.arrayValue ?? []
        while paging?.all == true, let cursor = answer["cursor"]?.stringValue {
            query = filter + [("limit", paging?.limit.map(String.init) ?? "1000"), ("cursor", cursor)]
            answer = try await client.get(self.path, query)
            items += answer["items"]?.arrayValue ?? []
        }
        self.print(items, of: answer, output)
    }

    private func print(_ items: [JSONValue], of answer: JSONValue, _ output: OutputOptions) {
        switch output.format {
        case .json:
            Console.out([
                "schema": answer["schema"] ?? .null, "items": .array(items), "cursor": answer["cursor"] ?? .null,
            ])
        case .ndjson:
            for item in items { Console.out(item) }
        case .text:
            if items.isEmpty { return Console.note(self.empty) }
            var table = TextTable(self.columns.map(\.title))
            for item in items { table.add(self.columns.map { $0.value(item) }) }
            Console.out(table.text(output.style))
            if let cursor = answer["cursor"]?.stringValue { Console.note("more: --cursor \(cursor)") }
        }
    }
}

/// Asks before dangerous bulk work: on a terminal in words, elsewhere through `--yes`.
struct BulkOptions: ParsableArguments {
    @Flag(name: .long, help: "Say how many it would be, and change nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Do not ask.")
    var yes = false
}
