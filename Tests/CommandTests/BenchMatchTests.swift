// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch bench match` and `hookswitch import eventbridge`.
@Suite struct BenchMatchTests {
    private static let rules = """
        {"type":["order.created"],"data":{"total":[{"numeric":[">=",100]}]}}
        {"type":[{"prefix":"order."}]}

        {"type":["x"],"unknown":[{"like":"x"}]}
        {"data":{"lines":{"sku":["A-1"],"count":[2]}}}
        {"note":[{"exists":false}]}

        """
    private static let events = """
        {"type":"order.created","data":{"total":100.0,"lines":[{"sku":"A-1","count":1},{"sku":"B","count":2}]}}
        {"type":"order.paid","data":{"lines":[{"sku":"A-1","count":2}]},"note":"n"}

        {"type":"order.created",
        ["order.created"]
        {"type":"other","type":"order.x"}

        """
    /// Which rules match which event.
    private static let answers = "0 1 5\n1 4\n\n\n\n\n"

    private static func digest(_ text: String) -> String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(format: "%016lx", hash)
    }

    private func files(_ contents: [String: String]) throws -> Project {
        try Project.shop("http://127.0.0.1:9", contents)
    }

    @Test func `answers are counted and summed up in a digest`() throws {
        let project = try self.files(["rules.jsonl": Self.rules, "events.jsonl": Self.events])
        let done = try hookswitch(
            "bench", "match", "--rules", "\(project.folder)/rules.jsonl", "--events",
            "\(project.folder)/events.jsonl", "--seconds", "0", "-o", "json")
        #expect(done.code == 0)
        let result = try done.json
        #expect(result.text("schema") == "hookswitch/bench-match@1")
        #expect(result.at("rules")?.intValue == 6 && result.at("refused")?.intValue == 1)
        #expect(result.at("events")?.intValue == 6 && result.at("events_matched")?.intValue == 2)
        #expect(result.at("matches")?.intValue == 5 && result.at("passes")?.intValue == 1)
        #expect(result.text("digest") == Self.digest(Self.answers))
        guard case .object(let members) = result else { throw TestFailure("no object") }
        #expect(
            members.map(\.key) == [
                "schema", "rules", "refused", "build_s", "build_cpu_s", "table_bytes", "rss_peak_kib", "events",
                "matches", "events_matched", "digest", "passes", "ns_event", "cpu_ns_event", "events_s",
            ])
        #expect(
            done.err.contains("rules.jsonl:4:") && done.err.contains("rule 3 refused: no operator is called \"like\""))
    }

    @Test func `the text has one figure a line`() throws {
        let project = try self.files(["rules.jsonl": Self.rules, "events.jsonl": Self.events])
        let done = try hookswitch(
            "bench", "match", "--rules", "\(project.folder)/rules.jsonl", "--events",
            "\(project.folder)/events.jsonl", "--seconds", "0")
        #expect(done.out.contains("digest          \(Self.digest(Self.answers))"))
    }

    @Test func `a file that is not there is an error`() throws {
        let done = try hookswitch("bench", "match", "--rules", "/nowhere/rules", "--events", "/nowhere/events")
        #expect(done.code == 65)
        #expect(done.err.contains("/nowhere/"))
        #expect(try hookswitch("bench", "match", "--rules", "a", "--events", "b", "--seconds", "x").code == 64)
    }

    @Test func `imported patterns are routes that check accepts`() throws {
        let project = try self.files(["rules.jsonl": Self.rules])
        let out = "\(project.folder)/routes/imported.yaml"
        let done = try hookswitch(
            "import", "eventbridge", "\(project.folder)/rules.jsonl", "--to", "plain", "--out", out, "-o", "json")
        #expect(done.code == 1)
        #expect(done.err.contains("rules.jsonl:4: rule 3 refused: no operator is called \"like\""))
        let result = try done.json
        #expect(result.at("routes")?.intValue == 4 && result.at("refusals.0.line")?.intValue == 3)
        let check = try hookswitch("check", "--project", project.folder)
        #expect(check.code == 0, "\(check.out)")
        let event = #"{"type":"order.created","data":{"lines":[{"sku":"A-1","count":2}]}}"#
        let dry = try hookswitch(
            "dry-run", "-", "--type", "any.thing", "--project", project.folder, "-o", "json", input: event)
        let matched = try dry.json.list("routes").filter { $0.at("matched") == true }.compactMap { $0.text("name") }
        #expect(Set(matched) == ["rule-1", "rule-4", "rule-5"], "\(dry.out)")
    }

    @Test func `an import alone is a whole route file`() throws {
        let project = try self.files([:])
        let done = try hookswitch("import", "eventbridge", "-", input: #"{"a":["é\u0007",{"suffix":"x"}]}"# + "\n")
        #expect(done.code == 0)
        #expect(done.out.hasPrefix("# yaml-language-server: $schema="))
        try done.out.write(toFile: "\(project.folder)/routes/imported.yaml", atomically: true, encoding: .utf8)
        let check = try hookswitch("check", "--project", project.folder)
        #expect(check.code == 0, "\(check.out)")
    }

    @Test func `what the route language cannot say is refused`() throws {
        let done = try hookswitch(
            "import", "eventbridge", "-", "--to", "plain",
            input: #"{"a":[{"prefix":{"equals-ignore-case":"x"}}]}"# + "\n")
        #expect(done.code == 1)
        #expect(done.err.contains("-:1: rule 0 refused: the route language has no prefix"))
        #expect(try hookswitch("import", "eventbridge", "-", "--to", "Not a name").code == 64)
    }
}
