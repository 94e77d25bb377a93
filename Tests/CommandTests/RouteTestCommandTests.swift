// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch test`: what users' own tests say.
@Suite struct RouteTestCommandTests {
    private static let tests = """
        version: 1
        tests:
          orders of ten are shaped:
            event: {type: order.created, data: {id: A-1, total: 10}}
            expect:
              deliveries:
                - {to: plain}
                - {to: shaped, route: created, body: {order: A-1, total: 10}, golden: golden/a1.json}

          a busy destination is asked again:
            only: created
            event: {type: order.created, data: {id: A-1, total: 10}}
            responses: {shaped: [503, 503, 200]}
            expect: {attempts: {shaped: [0s, 5s, 10s]}, dead_letters: []}

          a destination that refuses is not:
            only: created
            event: {type: order.created, data: {id: A-1, total: 10}}
            responses: {shaped: [422]}
            expect: {attempts: {shaped: [0s]}, dead_letters: [shaped]}

          a signed order is accepted once:
            steps:
              - request: {source: shop, sign: true, body: {type: order.paid, id: A-7}}
              - request: {source: shop, sign: true, body: {type: order.paid, id: A-7}}
            expect: {status: 200, deliveries: [{to: plain}]}

          a failing script holds:
            event: {type: fragile.thing, data: {}}
            expect: {held: [fragile], deliveries: []}

        """

    private func project() throws -> Project {
        let project = try Project.shop(
            "http://127.0.0.1:9",
            ["routes/shop.test.yaml": Self.tests, "routes/golden/a1.json": "{\"order\":\"A-1\",\"total\":10}\n"])
        try project.replace("routes/destinations.yaml", "[50ms, 50ms, 50ms]", "[5s, 5s, 5s]")
        return project
    }

    @Test func `what holds passes, with virtual time and no secrets`() throws {
        let project = try self.project()
        let done = try hookswitch("test", "--project", project.folder)
        #expect(done.code == 0, "\(done.out)\(done.err)")
        #expect(done.out.contains("5 passed, 0 failed"))
    }

    @Test func `what fails is shown as expected and found, at its place`() throws {
        let project = try self.project()
        try project.replace("routes/shop.test.yaml", "body: {order: A-1, total: 10}", "body: {order: A-2, total: 10}")
        try project.replace("routes/shop.test.yaml", "[0s, 5s, 10s]", "[0s, 5s, 11s]")
        let done = try hookswitch("test", "--project", project.folder)
        #expect(done.code == 1)
        for words in [
            "FAIL orders of ten are shaped", "routes/shop.test.yaml:8:54: body of shaped.order",
            "8 |         - {to: shaped, route: created, body: {order: A-2, total: 10}",
            "^^^ expected \"A-2\", found \"A-1\"", "FAIL a busy destination is asked again",
            "routes/shop.test.yaml:14:25: attempts of shaped", "expected 0s, 5s, 11s, found 0s, 5s, 10s",
            "3 passed, 2 failed",
        ] { #expect(done.out.contains(words), "\(words) in:\n\(done.out)") }
        let result = try hookswitch("test", "-o", "json", "--project", project.folder).json
        #expect(result.text("schema") == "hookswitch/test@1")
        #expect(result.at("passed")?.intValue == 3 && result.at("failed")?.intValue == 2)
        #expect(result.at("tests.0.failures.0.line")?.intValue == 8)
        #expect(result.at("tests.0.failures.0.column")?.intValue == 54)
        #expect(result.text("tests.0.failures.0.diff.0.path") == "order")
    }

    @Test func `a delivery too many or too few fails`() throws {
        let project = try self.project()
        try project.replace(
            "routes/shop.test.yaml", "        - {to: plain}\n        - {to: shaped", "        - {to: shaped")
        #expect(try hookswitch("test", "--project", project.folder).code == 1)
        try project.replace(
            "routes/shop.test.yaml", "        - {to: shaped",
            "        - {to: plain}\n        - {to: plain}\n        - {to: shaped")
        let done = try hookswitch("test", "--project", project.folder)
        #expect(done.code == 1 && done.out.contains("FAIL orders of ten"), "\(done.out)")
    }

    @Test func `golden files are compared byte by byte`() throws {
        let project = try self.project()
        try project.write("routes/golden/a1.json", "{\"order\": \"A-1\",\"total\":10}\n")
        let done = try hookswitch("test", "--project", project.folder)
        #expect(done.code == 1 && done.out.contains("routes/golden/a1.json"), "\(done.out)")
        try project.remove("routes/golden/a1.json")
        #expect(try hookswitch("test", "--project", project.folder).out.contains("no such file"))
    }

    @Test func `update writes golden files, and says which`() throws {
        let project = try self.project()
        let golden = try project.read("routes/golden/a1.json")
        try project.write("routes/golden/a1.json", "{\"order\":\"A-9\",\"total\":10}\n")
        let shown = try hookswitch("test", "--project", project.folder)
        for line in ["- order: \"A-9\"", "+ order: \"A-1\"", "-{\"order\":\"A-9\"", "+{\"order\":\"A-1\""] {
            #expect(shown.out.contains(line), "\(line) in:\n\(shown.out)")
        }
        let onServer = try hookswitch("test", "--update", "--project", project.folder, environment: ["CI": "true"])
        #expect(onServer.code == 64 && onServer.err.contains("CI"), "\(onServer.err)")
        #expect(try project.read("routes/golden/a1.json").contains("A-9"))
        let done = try hookswitch(
            "test", "--update", "--force", "--project", project.folder, environment: ["CI": "true"])
        #expect(done.code == 0 && done.err.contains("updated routes/golden/a1.json"), "\(done.err)")
        #expect(try project.read("routes/golden/a1.json") == golden)
        try project.remove("routes/golden/a1.json")
        #expect(
            try hookswitch("test", "--update", "--project", project.folder).err.contains("wrote routes/golden/a1.json"))
        #expect(try project.read("routes/golden/a1.json") == golden)
    }

    @Test func `what is wrong besides is not settled by an update`() throws {
        let project = try self.project()
        try project.replace("routes/shop.test.yaml", "body: {order: A-1, total: 10}", "body: {order: A-2, total: 10}")
        try project.remove("routes/golden/a1.json")
        #expect(try hookswitch("test", "--update", "--project", project.folder).code == 1)
    }

    @Test func `JUnit output is XML with the failures in it`() throws {
        let project = try self.project()
        try project.replace(
            "routes/shop.test.yaml", "order: A-1, total: 10}, golden", "order: \"<&\\\">\", total: 10}, golden")
        let done = try hookswitch("test", "-o", "junit", "--project", project.folder)
        #expect(done.code == 1)
        let lines = done.out.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("<?xml ") == true)
        var open: [String] = []
        for tag in done.out.components(separatedBy: "<").dropFirst(2) {
            let name = String(tag.prefix { $0.isLetter || $0 == "/" })
            let isClosed = tag[..<(tag.firstIndex(of: ">") ?? tag.startIndex)].hasSuffix("/")
            if name.hasPrefix("/") {
                #expect(open.popLast() == String(name.dropFirst()))
            } else if !isClosed {
                open.append(name)
            }
        }
        #expect(open.isEmpty, "every element is closed")
        #expect(done.out.contains("tests=\"5\" failures=\"1\"") && done.out.contains("&lt;&amp;"))
        let file = project.path("report.xml")
        let written = try hookswitch("test", "--junit", file, "--project", project.folder)
        #expect(written.out.contains("4 passed, 1 failed"))
        let xml = try String(contentsOfFile: file, encoding: .utf8)
        #expect(xml.contains("<testsuite name=\"routes/shop.test.yaml\"") && xml.contains("</testsuites>"))
    }

    @Test func `some tests are chosen by file or by name`() throws {
        let project = try self.project()
        let count = { (only: String) in
            try hookswitch("test", "-o", "json", only, "--project", project.folder).json.list("tests").count
        }
        #expect(try count("routes/shop.test.yaml") == 5)
        #expect(try count("signed order") == 1)
        let filtered = try hookswitch(
            "test", "-o", "ndjson", "routes", "--filter", "destination", "--project", project.folder)
        #expect(filtered.out.split(separator: "\n").count == 2)
        let none = try hookswitch("test", "no such test", "--project", project.folder)
        #expect(none.code == 1 && none.err.contains("no tests of that name"))
    }

    @Test func `watching runs again after each change, and ends with the signal`() throws {
        let project = try self.project()
        let process = try ChildProcess(["test", "--watch", "--project", project.folder])
        defer { process.end() }
        try process.out.line("the first run") { $0.contains("5 passed, 0 failed") }
        try process.err.line("waiting") { $0.contains("waiting for the next change") }
        try project.replace("routes/shop.test.yaml", "[0s, 5s, 10s]", "[0s, 5s, 11s]")
        try process.out.line("the second run") { $0.contains("4 passed, 1 failed") }
        try project.write("routes/broken.yaml", "version: 1\nroutes: [\n")
        try process.err.line("the finding") { $0.contains("yaml/syntax") }
        try project.remove("routes/broken.yaml")
        try project.replace("routes/shop.test.yaml", "[0s, 5s, 11s]", "[0s, 5s, 10s]")
        try eventually("the last run") {
            process.out.text.components(separatedBy: "5 passed, 0 failed").count > 2 ? true : nil
        }
        #expect(process.out.text.contains("── changed ──"))
        process.signalProcess(SIGINT)
        #expect(try process.wait() == 0)
    }
}
