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
        #expect(text == "::error file=routes/a%2Cb.yaml,line=1,endLine=1,col=2,endColumn=5,title=a/b::100%25%0Abad\n")
        let below = DiagnosticRenderer(files: Self.files, folder: "./hooks/").render(
            [Diagnostic("a/b", .warning, at: mark, "x", hint: "y", notes: [.init("first", at: mark)])], as: .github)
        #expect(
            below
                == "::warning file=hooks/routes/a%2Cb.yaml,line=1,endLine=1,col=2,endColumn=5,title=a/b::x (y)%0Afirst (hooks/routes/a,b.yaml:1:2)\n"
        )
    }

    @Test func `spans count characters and bytes, carets count columns of the terminal`() throws {
        let files = project(["routes/a.yaml": "version: 1\nroutes:\n  é漢: {to:\t漢字x, on_error: hold}\n"])
        let found = ConfigLoader.load(files).diagnostics.filter { $0.code == "route/unknown-destination" }
        let text = DiagnosticRenderer(files: files).render(found)
        #expect(text.contains("3 |   é漢: {to: 漢字x, on_error: hold}\n  |             ^^^^^ "), "\(text)")
        let json = try JSONValue(parsing: Array(DiagnosticRenderer(files: files).render(found, as: .json).utf8))
        let item = try #require(json["diagnostics"]?.arrayValue?.first)
        #expect(item["column"] == 12 && item["end_column"] == 15 && item["length"] == 3 && item["end_line"] == 3)
        #expect(item["byte_column"] == 15 && item["byte_length"] == 7)
    }

    @Test func `a place inside a text is found where it is written plainly`() {
        let bytes = Array("a: 1\n  é: \"x.lua#run\"\n".utf8)
        let mark = Mark(file: "f", line: 2, column: 6, length: 11)
        #expect(mark.narrowed(to: "#run", skipping: 1, in: bytes) == Mark(file: "f", line: 2, column: 13, length: 3))
        #expect(mark.narrowed(to: "walk", in: bytes) == mark)
        #expect(mark.narrowed(to: "x", in: nil) == mark)
        #expect(Mark(file: "f", line: 9, column: 1).range(in: bytes) == nil)
    }

    @Test func `what was certainly meant is a fix`() throws {
        let cases: [(String, String, Mark)] = [
            ("to: {destination: leger}", "ledger", Mark(file: "routes/a.yaml", line: 5, column: 23, length: 5)),
            ("tos: ledger", "to", Mark(file: "routes/a.yaml", line: 5, column: 5, length: 3)),
            (
                "{to: ledger, match: {payload.a: 1}}", "data",
                Mark(file: "routes/a.yaml", line: 5, column: 26, length: 7)
            ),
            (
                "{to: ledger, match: {data.a: {prefx: b}}}", "prefix",
                Mark(file: "routes/a.yaml", line: 5, column: 35, length: 5)
            ),
        ]
        for (route, text, mark) in cases {
            let files = project([
                "routes/a.yaml":
                    "version: 1\ndestinations: {ledger: {url: \"https://l.example\"}}\nroutes:\n  r:\n    \(route)\n"
            ])
            let found = ConfigLoader.load(files).diagnostics.compactMap(\.fix)
            #expect(found == [Diagnostic.Fix(at: mark, text)], "\(route)")
        }
    }

    @Test func `sarif`() throws {
        let json = try JSONValue(
            parsing: Array(DiagnosticRenderer(files: Self.files).render(Self.found, as: .sarif).utf8))
        let run = try #require(json["runs"]?.arrayValue?.first)
        #expect(json["version"] == "2.1.0")
        #expect(run["tool"]?["driver"]?["rules"]?.arrayValue?.first?["id"] == "route/unknown-destination")
        #expect(run["columnKind"] == "unicodeCodePoints")
        let result = try #require(run["results"]?.arrayValue?.first)
        let place = try #require(result["locations"]?.arrayValue?.first?["physicalLocation"])
        #expect(place["artifactLocation"]?["uri"] == "routes/a.yaml")
        #expect(place["region"]?["startColumn"] == 23 && place["region"]?["endColumn"] == 28)
        #expect(result["ruleIndex"] == 0 && result["partialFingerprints"]?["hookswitch/v1"]?.stringValue?.count == 16)
        let change = try #require(result["fixes"]?.arrayValue?.first?["artifactChanges"]?.arrayValue?.first)
        #expect(change["replacements"]?.arrayValue?.first?["insertedContent"]?["text"] == "ledger")
    }

    @Test func `a fingerprint outlives lines that are added above`() throws {
        let moved = project(["routes/a.yaml": "# more\n" + String(decoding: Self.files.files[0].bytes, as: UTF8.self)])
        let prints = try [Self.files, moved].map { files in
            let text = DiagnosticRenderer(files: files).render(ConfigLoader.load(files).diagnostics, as: .sarif)
            let run = try #require(try JSONValue(parsing: Array(text.utf8))["runs"]?.arrayValue?.first)
            return run["results"]?.arrayValue?.first?["partialFingerprints"]
        }
        #expect(prints[0] != nil && prints[0] == prints[1])
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
