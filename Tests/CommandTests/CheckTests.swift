// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch check` in all its formats.
@Suite struct CheckTests {
    private static let bad = """
        version: 1
        routes:
          typo: {event: order.created, to: plian}
          odd: {event: order.created, match: {data.total: {bigger: 3}}, to: plain}

        """

    private func project(_ more: [String: String] = [:]) throws -> Project {
        try Project.shop("http://127.0.0.1:9", more)
    }

    @Test func `every problem has its place, a code and a hint`() throws {
        let project = try self.project(["routes/bad.yaml": Self.bad])
        let done = try hookswitch("check", "--secrets", "off", "-o", "json", "--project", project.folder)
        #expect(done.code == 1)
        let result = try done.json
        #expect(result.text("schema") == "hookswitch/check@1")
        let found = result.list("diagnostics")
        #expect(found.map { $0.text("code") } == ["route/unknown-destination", "match/operator"])
        #expect(found.allSatisfy { $0.text("file") == "routes/bad.yaml" && $0.text("severity") == "error" })
        #expect(found.map { $0.at("line")?.intValue } == [3, 4])
        #expect(found[0].text("hint")?.contains("plain") == true)
        let text = try hookswitch("check", "--project", project.folder)
        #expect(text.out.contains("routes/bad.yaml:3:36: error[route/unknown-destination]"), "\(text.out)")
        #expect(text.out.contains("^^^^^"))
        #expect(text.err.contains("2"))
    }

    @Test func `GitHub annotations and SARIF carry the same places`() throws {
        let project = try self.project(["routes/bad.yaml": Self.bad])
        let github = try hookswitch("check", "--secrets", "off", "-o", "github", "--project", project.folder)
        #expect(github.code == 1)
        #expect(github.out.contains("::error file=routes/bad.yaml,line=3,"))
        #expect(github.out.split(separator: "\n").count == 2)
        let lines = try hookswitch("check", "--secrets", "off", "-o", "ndjson", "--project", project.folder).out
        #expect(lines.split(separator: "\n").count == 2)
        #expect(
            lines.hasPrefix("{\"schema\":\"hookswitch/diagnostic@1\",\"code\":\"route/unknown-destination\""),
            "\(lines)")
        let sarif = try hookswitch("check", "--secrets", "off", "-o", "sarif", "--project", project.folder).json
        #expect(sarif.text("version") == "2.1.0")
        let results = sarif.list("runs.0.results")
        #expect(results.map { $0.text("ruleId") } == ["route/unknown-destination", "match/operator"])
        #expect(results[0].at("locations.0.physicalLocation.region.startLine")?.intValue == 3)
        #expect(sarif.list("runs.0.tool.driver.rules").count == 2)
    }

    @Test func `a path shows the problems of these files only`() throws {
        let project = try self.project([
            "routes/bad.yaml": Self.bad,
            "routes/more/worse.yaml": Self.bad.replacingOccurrences(of: "typo", with: "t2").replacingOccurrences(
                of: "odd", with: "o2"),
        ])
        let count = { (paths: [String]) in
            try hookswitch(["check", "--secrets", "off", "-o", "json", "--project", project.folder] + paths).json.list(
                "diagnostics"
            ).count
        }
        #expect(try count([]) == 4)
        #expect(try count(["routes/more"]) == 2)
        #expect(try count(["./routes/bad.yaml"]) == 2)
        let clean = try hookswitch("check", "--project", project.folder, "routes/sources.yaml")
        #expect(clean.code == 0)
        let inside = try hookswitch(
            "check", "--secrets", "off", "-o", "json", "routes/bad.yaml", folder: project.folder)
        #expect(try inside.json.list("diagnostics").count == 2)
        let unknown = try hookswitch("check", "--project", project.folder, "routes/no-such.yaml")
        #expect(unknown.code == 65, "a path that names nothing must not look clean")
    }

    @Test func `warnings fail only where they are asked to`() throws {
        let odd = "version: 1\nroutes:\n  warned: {event: order.created, match: {data.country: NO}, to: plain}\n"
        let project = try self.project(["routes/warned.yaml": odd])
        let plain = try hookswitch("check", "--secrets", "off", "-o", "json", "--project", project.folder)
        #expect(plain.code == 0)
        #expect(try plain.json.list("diagnostics").map { $0.text("severity") } == ["warning"])
        #expect(try hookswitch("check", "--deny-warnings", "--project", project.folder).code == 1)
    }

    @Test func `a script's mistake is shown in the script`() throws {
        let project = try self.project(["scripts/shape.lua": "function shape(event, ctx)\n  return {\nend\n"])
        let found = try hookswitch("check", "--secrets", "off", "-o", "json", "--project", project.folder).json.list(
            "diagnostics")
        #expect(found.contains { $0.text("file") == "scripts/shape.lua" && $0.at("line")?.intValue == 3 }, "\(found)")
    }

    @Test func `a secret without a value is a warning that says nothing about the files`() throws {
        let project = try self.project()
        let values = [
            "GITHUB_WEBHOOK_SECRET": "a", "STRIPE_WEBHOOK_SECRET": "b", "SHOP_TOKEN": "c", "SIGNING": "d",
            "BEARER": "e",
        ]
        func check(_ more: [String], _ variables: [String: String]) throws -> String {
            let done = try hookswitch(
                ["check", "-o", "json", "--project", project.folder] + more, environment: variables)
            let found = try done.json.list("diagnostics").map {
                " \($0.text("severity") ?? "") \($0.text("code") ?? "")"
            }
            return "\(done.code)" + found.joined()
        }
        let missing = values.filter { $0.key != "SIGNING" && $0.key != "BEARER" }
        #expect(try check([], values) == "0")
        #expect(try check([], missing) == "0 warning secret/unresolved")
        #expect(try check(["--deny-warnings"], missing) == "0 warning secret/unresolved")
        #expect(try check(["--secrets", "deny"], missing) == "1 error secret/unresolved")
        #expect(try check(["--secrets", "off"], missing) == "0")
        let text = try hookswitch("check", "--project", project.folder, environment: missing).out
        #expect(text.contains("2 secrets have no value here, first signing"), "\(text)")
        #expect(text.contains("= bearer: the variable BEARER is not set (routes/sources.yaml:7:3)"), "\(text)")
    }

    @Test func `serve says which secret is missing, and refuses where it is strict`() throws {
        let project = try self.project()
        let refused = try hookswitch(
            "serve", "--strict", "--ingest", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--project", project.folder)
        #expect(refused.code == 78)
        #expect(refused.err.contains("error[secret/unresolved]"), "\(refused.err)")
    }
}
