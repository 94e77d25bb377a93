// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch test --coverage`, to the line and to the number.
@Suite struct CoverageTests {
    private static let routes = """
        version: 1
        routes:
          sorted:
            event: order.created
            match: {data.paid: true}
            when: data.total > 0
            switch:
              - case: big
                match:
                  data.total: {gte: 100}
                to: plain
              - case: rest
                else: true
                to:
                  - destination: shaped
                    lua: |
                      if event.data.id == "never" then
                        return {odd = true}
                      end
                      return {id = event.data.id}
          unseen: {event: github.push, to: plain}
          off: {event: github.push, enabled: false, to: plain}

        """

    private static let tests = """
        version: 1
        tests:
          a big order:
            event: {type: order.created, data: {id: A, paid: true, total: 500}}
            expect: {deliveries: [{to: plain}]}
          a small order:
            event: {type: order.created, data: {id: B, paid: true, total: 5}}
            expect: {deliveries: [{to: shaped, body: {id: B}}]}
          another thing:
            event: {type: order.deleted, data: {paid: false}}
            expect: {deliveries: []}

        """

    private func project() throws -> Project {
        let project = try Project.shop("http://127.0.0.1:9", ["routes/t.test.yaml": Self.tests])
        try project.write("routes/routes.yaml", Self.routes)
        try project.remove("scripts/shape.lua")
        return project
    }

    private func coverage(_ project: Project) throws -> JSONValue {
        let done = try hookswitch("test", "--coverage-format", "json", "--project", project.folder)
        #expect(done.err.contains("3 passed"), "\(done.err)")
        return try done.json
    }

    @Test func `what is reached is counted exactly`() throws {
        let coverage = try self.coverage(try self.project())
        #expect(coverage.text("schema") == "hookswitch/coverage@1")
        let file = try #require(coverage.list("files").first { $0.text("file") == "routes/routes.yaml" })
        #expect(file.list("routes").map { $0.text("name") } == ["sorted", "unseen"])
        #expect(file.list("routes").map { $0.at("hits")?.intValue } == [2, 0])
        #expect(file.list("cases").map { $0.text("name") } == ["big", "rest"])
        #expect(file.list("cases").map { $0.at("hits")?.intValue } == [1, 1])
        let conditions = file.list("conditions").map {
            [
                $0.text("part") ?? "", $0.text("condition") ?? "", "\($0.at("true")?.intValue ?? -1)",
                "\($0.at("false")?.intValue ?? -1)", "\($0.at("line")?.intValue ?? 0)",
            ]
        }
        #expect(
            conditions == [
                // The third test has another type, so its paid: false is no answer to the route's question.
                ["route", "data.paid eq true", "2", "0", "5"], ["route", "when data.total > 0", "2", "0", "6"],
                ["case big", "data.total gte 100", "1", "1", "10"],
            ])
        let lines = file.list("lines").map {
            ["\($0.at("line")?.intValue ?? 0)", "\(($0.at("hits")?.intValue ?? 0) > 0)"]
        }
        #expect(lines == [["6", "true"], ["17", "true"], ["18", "false"], ["20", "true"]])
        #expect(
            coverage.at("totals.routes.covered")?.intValue == 1 && coverage.at("totals.routes.total")?.intValue == 2)
        #expect(coverage.at("totals.cases.covered")?.intValue == 2)
        #expect(coverage.at("totals.conditions.covered")?.intValue == 4)
        #expect(coverage.at("totals.conditions.total")?.intValue == 6)
        #expect(coverage.at("totals.lua_lines.covered")?.intValue == 3)
        #expect(coverage.at("totals.lua_lines.total")?.intValue == 4)
        // 10 of 14, rounded down.
        #expect(coverage.at("percent") == .number("71.4"))
    }

    @Test func `the text names each place that is not reached`() throws {
        let project = try self.project()
        let done = try hookswitch("test", "--coverage", "--project", project.folder)
        #expect(done.code == 0)
        for line in [
            "routes/routes.yaml:5: data.paid eq true was never false (route sorted, route)",
            "routes/routes.yaml:6: when data.total > 0 was never false (route sorted, route)",
            "routes/routes.yaml:18: the line never ran", "routes/routes.yaml:21: route unseen never fired",
        ] { #expect(done.out.contains(line), "\(line) in:\n\(done.out)") }
        #expect(done.out.contains("1/2     2/2    4/6         -           3/4        71.4 %"), "\(done.out)")
    }

    @Test func `a share that is not reached ends with 1`() throws {
        let project = try self.project()
        #expect(try hookswitch("test", "--min-coverage", "71", "--project", project.folder).code == 0)
        let less = try hookswitch("test", "--min-coverage", "71.5", "--project", project.folder)
        #expect(less.code == 1 && less.err.contains("the coverage is 71.4 %, less than 71.5 %"), "\(less.err)")
        #expect(try hookswitch("test", "--min-coverage", "101", "--project", project.folder).code == 64)
    }

    @Test func `the tracefile has lines, branches and routes`() throws {
        let project = try self.project()
        let file = project.path("coverage.info")
        let done = try hookswitch(
            "test", "--coverage-format", "lcov", "--coverage-out", file, "--project", project.folder)
        #expect(done.code == 0 && done.out.contains("3 passed"))
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(
            text == """
                TN:
                SF:\(project.folder)/routes/routes.yaml
                FN:3,sorted
                FN:21,unseen
                FNDA:2,sorted
                FNDA:0,unseen
                FNF:2
                FNH:1
                BRDA:5,0,0,2
                BRDA:5,0,1,0
                BRDA:6,0,0,2
                BRDA:6,0,1,0
                BRDA:10,0,0,1
                BRDA:10,0,1,1
                BRF:6
                BRH:4
                DA:3,2
                DA:5,2
                DA:6,2
                DA:8,1
                DA:10,2
                DA:12,1
                DA:17,1
                DA:18,0
                DA:20,1
                DA:21,0
                LF:10
                LH:8
                end_of_record

                """)
    }

    @Test func `several threads count as one does`() throws {
        let project = try self.project()
        let one = try hookswitch(
            "test", "--jobs", "1", "--coverage-format", "json", "--project", project.folder)
        let many = try hookswitch(
            "test", "--jobs", "3", "--coverage-format", "json", "--project", project.folder)
        let conditions = { (done: Finished) in try done.json.list("files").map { $0.list("conditions") } }
        #expect(try conditions(one) == conditions(many))
    }

    @Test func `patterns, sources, groups, targets and only are counted where they are asked`() throws {
        let routes = """
            version: 1
            routes:
              any-order:
                event: "order.*"
                source: shop
                match:
                  any_of:
                    - data.a: 1
                    - not: {data.b: 2}
                to:
                  - plain
                  - {destination: shaped, match: {data.c: 3}}
              left-out: {event: order.created, match: {data.a: 1}, to: plain}

            """
        let tests = """
            version: 1
            tests:
              one:
                only: any-order
                event: {type: order.created, source: shop, data: {a: 1, b: 2}}
                expect: {deliveries: [{to: plain}]}
              two:
                only: any-order
                event: {type: order.paid, source: shop, data: {a: 2, b: 3, c: 3}}
                expect: {deliveries: [{to: plain}, {to: shaped}]}
              three:
                only: any-order
                event: {type: order.paid, source: github, data: {a: 2, b: 2}}
                expect: {deliveries: []}

            """
        let project = try self.project()
        try project.write("routes/routes.yaml", routes)
        try project.write("routes/t.test.yaml", tests)
        let file = try #require(
            try self.coverage(project).list("files").first { $0.text("file") == "routes/routes.yaml" })
        let conditions = file.list("conditions").map { condition in
            "\(condition.text("part") ?? "") \(condition.text("condition") ?? "") "
                + "\(condition.at("true")?.intValue ?? -1) \(condition.at("false")?.intValue ?? -1)"
        }
        #expect(
            conditions == [
                "route data.a eq 1 1 1", "route data.b eq 2 1 1", "target shaped data.c eq 3 1 1",
                "route data.a eq 1 0 0",
            ])
        #expect(file.list("routes").map { $0.at("hits")?.intValue } == [2, 0])
    }
}
