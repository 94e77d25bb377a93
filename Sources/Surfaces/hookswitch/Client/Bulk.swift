// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Glibc
import HookCore

/// Bulk work on the server: counted first, confirmed, then done.
struct Bulk {
    let verb: String
    let path: String
    let noun: String

    func run(
        _ server: ServerOptions, _ output: OutputOptions, _ options: BulkOptions, ids: [String],
        _ filter: [(String, String?)]
    ) async throws {
        let client = try server.client()
        let query = filter + [("id", ids.isEmpty ? nil : ids.joined(separator: ","))]
        if options.dryRun {
            return Self.report(try await client.post(self.path, query + [("dry_run", "true")]), output)
        }
        if !options.yes && ids.isEmpty {
            let plan = try await client.post(self.path, query + [("dry_run", "true")])
            let count = plan["count"]?.intValue ?? 0
            if count == 0 { return Console.note("nothing to \(self.verb)") }
            try self.confirm(count)
        }
        let answer = try await client.post(self.path, query)
        Self.report(answer, output)
        if !(answer["failed"]?.arrayValue ?? []).isEmpty { throw ExitCode.findings }
    }

    private func confirm(_ count: Int) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw Console.fail(
                "this would \(self.verb) \(count) \(self.noun)", hint: "say --yes, or look first with --dry-run", .usage
            )
        }
        Console.note("\(self.verb) \(count) \(self.noun)? [y/N]")
        guard let answer = readLine(), answer == "y" || answer == "Y" || answer == "yes" else {
            throw Console.fail("nothing was changed", .findings)
        }
    }

    static func report(_ answer: JSONValue, _ output: OutputOptions) {
        if output.format != .text { return Console.out(answer) }
        let verb = answer["verb"]?.stringValue ?? "changed"
        let isDryRun = answer["dry_run"] == .bool(true)
        Console.out("\(isDryRun ? "would be " : "")\(verb): \(answer["count"]?.intValue ?? 0)")
        for failed in answer["failed"]?.arrayValue ?? [] {
            Console.note("\(failed["id"]?.stringValue ?? ""): \(failed["reason"]?.stringValue ?? "")")
        }
    }
}
