// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

@Suite struct FormTests {
    static let files = project([
        "routes/a.yaml":
            "version: 1\n\nroutes:\n  pay:\n    to:\n      - {destination: leger}\ndestinations:\n  ledger: {url: \"https://l.example\"}\n"
    ])
    static let found = ConfigLoader.load(files).diagnostics

    @Test func `text`() {
        #expect(
            DiagnosticRenderer(files: Self.files).render(Self.found) == """
                routes/a.yaml:6:23: error[route/unknown-destination] no destination is called "leger"
                  |
                6 |       - {destination: leger}
                  |                       ^^^^^ did you mean "ledger"? (routes/a.yaml:8:3)
                  = route pay, first target
                  = hookswitch help route/unknown-destination

                """)
    }

    @Test func `json`() throws {
        let json = try JSONValue(
            parsing: Array(DiagnosticRenderer(files: Self.files).render(Self.found, as: .json).utf8))
        #expect(json["schema"] == "hookswitch/check@1")
        let item = try #require(json["diagnostics"]?.arrayValue?.first)
        #expect(
            item["file"] == "routes/a.yaml" && item["line"] == 6 && item["column"] == 23 && item["severity"] == "error")
        #expect(
            item["code"] == "route/unknown-destination" && item["hint"]?.stringValue?.hasPrefix("did you mean") == true)
    }

    @Test func `github`() {
        let mark = Mark(file: "routes/a,b.yaml", line: 1, column: 2, length: 3)
        let text = DiagnosticRenderer(files: Self.files).render([Diagnostic("a/b", at: mark, "100%\nbad")], as: .github)
        #expect(text == "::error file=routes/a%2Cb.yaml,line=1,col=2,endColumn=5,title=a/b::100%25%0Abad\n")
    }

    @Test func `sarif`() throws {
        let json = try JSONValue(
            parsing: Array(DiagnosticRenderer(files: Self.files).render(Self.found, as: .sarif).utf8))
        let run = try #require(json["runs"]?.arrayValue?.first)
        #expect(json["version"] == "2.1.0")
        #expect(run["tool"]?["driver"]?["rules"]?.arrayValue?.first?["id"] == "route/unknown-destination")
        #expect(run["results"]?.arrayValue?.first?["locations"]?.arrayValue?.count == 1)
    }

    @Test func `nothing in a file or message drives the terminal`() {
        let files = project(["routes/a.yaml": "version: 1\nroutes:\n  \"a\\u001b[2J\": {to: x}\n# \u{9B}\n"])
        let text = DiagnosticRenderer(files: files).render(ConfigLoader.load(files).diagnostics)
        #expect(
            !text.isEmpty
                && text.unicodeScalars.allSatisfy {
                    $0 == "\n" || ($0.value >= 0x20 && !(0x7F...0x9F).contains($0.value))
                })
    }

    @Test func `a long line is cut around the place`() {
        let files = project([
            "routes/a.yaml":
                "version: 1\nx-a: 1 # \(String(repeating: "-", count: 500))\nroutes: {\(String(repeating: " ", count: 400))r: {to: nowhere}}\n"
        ])
        let text = DiagnosticRenderer(files: files).render(ConfigLoader.load(files).diagnostics)
        #expect(text.contains("{to: nowhere}"))
        #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count < 250 })
    }

    @Test func `colour is asked for`() {
        #expect(DiagnosticRenderer(files: Self.files, colour: .always).render(Self.found).contains("\u{1B}[31m"))
        #expect(DiagnosticRenderer.summary(Self.found) == "1 error, 0 warnings")
    }

    @Test func `the schema and the manual come from the declarations`() throws {
        let schema = RouteSchema.json()
        #expect(schema["$schema"] == "http://json-schema.org/draft-07/schema#")
        #expect(schema["properties"]?["routes"]?["additionalProperties"]?["properties"]?["match"] != nil)
        #expect(schema["definitions"]?["condition"] != nil)
        #expect(RouteSchema.settings()["properties"]?["listen"] != nil)
        let manual = ReferenceManual.markdown
        for (path, note) in ReferenceManual.fields { #expect(manual.contains("`\(note.key)`"), "\(path)") }
        #expect(ReferenceManual.fields.count > 200)
        #expect(ReferenceManual.fields.allSatisfy { !$0.note.summary.isEmpty && $0.note.summary.hasSuffix(".") })
        #expect(ReferenceManual.help(field: "give_up_after")?.contains("default: 24h") == true)
        #expect(ReferenceManual.help(field: "cidr")?.contains("operator") == true)
        #expect(ReferenceManual.help(field: "nonsense") == nil)
    }
}
