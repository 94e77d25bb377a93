// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

@Suite struct LookupTests {
    private static func fields(_ text: String) throws -> [[String]] {
        try CSVReader.records(Array(text.utf8)).map { $0.map { String(decoding: $0.text, as: UTF8.self) } }
    }

    static let texts: [(text: String, records: [[String]])] = [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
        ("\u{FEFF}a\n1\n", [["a"], ["1"]]), ("a,b\n\"x,y\",\"1\"\"2\"\n", [["a", "b"], ["x,y", "1\"2"]]),
        ("a\n\"two\r\nlines\"\n", [["a"], ["two\r\nlines"]]), ("a,b\n,\n", [["a", "b"], ["", ""]]),
        ("a,b\n1,", [["a", "b"], ["1", ""]]), ("a\n\n\nb\n", [["a"], ["b"]]), ("", []), ("\n\n", []),
        ("a,\"\"\n", [["a", ""]]), (" a , b \n", [[" a ", " b "]]), ("a\rb\n", [["a\rb"]]),
    ]

    @Test(arguments: texts.indices) func `CSV is read as RFC 4180 says`(_ place: Int) throws {
        #expect(try Self.fields(Self.texts[place].text) == Self.texts[place].records)
    }

    @Test(arguments: [("a\n\"open", 2), ("a\nx\"y\n", 3), ("a\n\"x\"y\n", 5), ("\"x\" ,y\n", 3)])
    func `what is no CSV is refused at its byte`(_ text: String, offset: Int) {
        do throws(CSVFailure) {
            _ = try CSVReader.records(Array(text.utf8))
            Issue.record("\(text) was read")
        } catch {
            #expect(error.offset == offset, "\(text): \(error.message)")
        }
    }

    private static func table(_ file: String, _ text: String, key: String? = "k") -> Loaded {
        let key = key.map { ", key: \($0)" } ?? ""
        return load("lookups:\n  t: {file: data/\(file)\(key)}\n", beside: ["routes/data/\(file)": text])
    }

    static let good: [(file: String, text: String, key: String?, asked: String, row: String)] = [
        ("a.csv", "k,v\nDE,\"x \"\"y\"\n", "k", "DE", #"{"k":"DE","v":"x \"y"}"#),
        ("a.json", #"[{"k": 7, "v": 1.0}]"#, "k", "7", #"{"k": 7, "v": 1.0}"#),
        ("a.json", #"{"DE": {"v": [ 1 ]}, "FR": 2}"#, nil, "DE", #"{"v": [ 1 ]}"#),
        ("a.json", #"{"DE": "x"}"#, nil, "DE", #""x""#),
        ("a.yaml", "- {k: DE, v: 1}\n- {k: FR, v: [a]}\n", "k", "FR", #"{"k":"FR","v":["a"]}"#),
        ("a.yml", "DE: {v: 1}\nFR: eu\n", nil, "FR", #""eu""#),
    ]

    @Test(arguments: good.indices) func `a table is read and found by key`(_ place: Int) throws {
        let one = Self.good[place]
        let loaded = Self.table(one.file, one.text, key: one.key)
        #expect(loaded.codes.isEmpty, "\(loaded.diagnostics.map(\.message))")
        let table = try #require(loaded.configuration.lookups.first)
        #expect(table.row(Array(one.asked.utf8)).map { String(decoding: $0, as: UTF8.self) } == one.row)
        #expect(table.row(Array("nobody".utf8)) == nil && table.row([]) == nil)
    }

    /// Code and place in the data (or in the route file, at the key).
    static let bad: [(file: String, text: String, key: String?, place: String)] = [
        ("a.csv", "k,v\nDE,1\nDE,2\n", "k", "lookup/duplicate-key data/a.csv 3:1"),
        ("a.csv", "k,v\nDE\n", "k", "lookup/content data/a.csv 2:1"),
        ("a.csv", "k,k\nDE,1\n", "k", "lookup/content data/a.csv 1:3"),
        ("a.csv", "k,v\n\"DE,1\n", "k", "lookup/content data/a.csv 2:1"),
        ("a.csv", "", "k", "lookup/content main.yaml 3:30"),
        ("a.csv", "code,v\nDE,1\n", "cod", "lookup/content main.yaml 3:30"),
        ("a.csv", "code,v\nDE,1\n", nil, "lookup/content main.yaml 3:13"),
        ("a.json", "[{\"k\": 1},\n {\"k\": 1}]", "k", "lookup/duplicate-key data/a.json 2:2"),
        ("a.json", "[{\"k\": 1},\n 7]", "k", "lookup/content data/a.json 2:2"),
        ("a.json", "[{\"k\": null}]", "k", "lookup/content data/a.json 1:8"),
        ("a.json", "{\"a\": 1", nil, "lookup/content data/a.json 1:8"),
        ("a.json", "7", nil, "lookup/content main.yaml 3:13"),
        ("a.yaml", "- {k: DE}\n- {k: DE}\n", "k", "lookup/duplicate-key data/a.yaml 2:3"),
        ("a.yaml", "- DE\n", "k", "lookup/content data/a.yaml 1:3"),
        ("a.txt", "x", "k", "lookup/file main.yaml 3:13"),
    ]

    @Test(arguments: bad.indices) func `what is wrong with a table is said at its place`(_ place: Int) throws {
        let one = Self.bad[place]
        let finding = try #require(Self.table(one.file, one.text, key: one.key).diagnostics.first)
        let mark = try #require(finding.mark)
        let file = mark.file.split(separator: "/").dropFirst().joined(separator: "/")
        #expect("\(finding.code) \(file) \(mark.line):\(mark.column)" == one.place, "\(finding.message)")
    }

    @Test func `a missing file has a hint, and a name that is near is offered`() {
        let loaded = load("lookups:\n  t: {file: data/a.csv, key: k}\n", beside: ["routes/data/b.csv": "k\n1\n"])
        #expect(loaded.codes == ["lookup/file"] && loaded.diagnostics[0].hint == "did you mean \"routes/data/b.csv\"?")
    }

    @Test func `a hundred thousand rows are found, and equal tables have equal digests`() {
        let rows = (0..<100_000).map { (key: Array("k\($0)".utf8), text: Array("\($0)".utf8)) }
        let table = LookupTable(name: "t", rows: rows)
        #expect(
            stride(from: 0, to: 100_000, by: 997).allSatisfy {
                table.row(Array("k\($0)".utf8)).map(Array.init) == Array("\($0)".utf8)
            })
        #expect(table.row(Array("k100000".utf8)) == nil)
        #expect(LookupTable(name: "x", rows: rows).digest == table.digest)
        let moved = [(key: Array("a".utf8), text: Array("1".utf8))]
        let other = [(key: Array("a1".utf8), text: [UInt8]())]
        #expect(LookupTable(name: "t", rows: moved).digest != LookupTable(name: "t", rows: other).digest)
    }

    @Test func `a table whose file is the same is not read again`() throws {
        let files = [
            "routes/main.yaml": "version: 1\nlookups:\n  t: {file: data/a.csv, key: k}\n",
            "routes/data/a.csv": "k\n1\n",
        ]
        let first = ConfigLoader.load(project(files))
        let again = ConfigLoader.load(
            project(files.merging(["routes/other.yaml": "version: 1\n"]) { $1 }), after: first.memory)
        #expect(first.configuration.lookups[0] === again.configuration.lookups[0])
        let changed = ConfigLoader.load(
            project(files.merging(["routes/data/a.csv": "k\n2\n"]) { $1 }), after: again.memory)
        #expect(changed.configuration.lookups[0].row(Array("2".utf8)) != nil)
        #expect(changed.configuration.lookups[0].row(Array("1".utf8)) == nil)
    }

    @Test func `a route that is kept gets the rows of today`() throws {
        let route = """
            version: 1
            destinations: {d: {url: "http://a/"}}
            routes: {r: {enrich: {lookup: t, key: data.k, into: data.v}, to: d}}

            """
        var files = [
            "routes/r.yaml": route, "routes/t.yaml": "version: 1\nlookups: {t: {file: a.csv, key: k}}\n",
            "routes/a.csv": "k\n1\n",
        ]
        let first = ConfigLoader.load(project(files))
        files["routes/a.csv"] = "k\n2\n"
        let again = ConfigLoader.load(project(files), after: first.memory)
        guard case .table(let table, _)? = again.configuration.routes.first?.enrich.first?.source else {
            Issue.record("no step: \(again.codes)")
            return
        }
        #expect(table.row(Array("2".utf8)) != nil && table.count == 1)
    }

    static let steps: [(text: String, code: String?)] = [
        ("{lookup: t, key: data.k, into: data.v}", nil), ("[{lookup: t, key: headers.x, into: data.a.b}]", nil),
        ("{url: \"https://a.example/x/{data.id}\", into: data.v}", nil),
        ("{url: \"https://a.example/\", into: data.v, cache: 0s, timeout: 1s, on_error: retry, default: {x: 1}}", nil),
        ("{lookup: tt, key: data.k, into: data.v}", "lookup/unknown"),
        ("{lookup: t, into: data.v}", "config/missing-key"),
        ("{lookup: t, key: data.k}", "config/missing-key"), ("{into: data.v}", "config/conflict"),
        ("{lookup: t, key: data.k, url: \"https://a.example/\", into: data.v}", "config/conflict"),
        ("{lookup: t, key: data.k, into: data.v, cache: 1m}", "config/conflict"),
        ("{url: \"https://a.example/\", key: data.k, into: data.v}", "config/conflict"),
        ("{lookup: t, key: data.k, into: data}", "match/path"),
        ("{lookup: t, key: data.k, into: headers.x}", "match/path"),
        ("{lookup: t, key: data.k, into: data.v, on_error: drop}", "config/type"),
        ("{url: \"https://{data.h}/\", into: data.v}", "destination/url"), ("[]", "config/empty-list"),
    ]

    @Test(arguments: steps.indices) func `a step of enrich`(_ place: Int) {
        let one = Self.steps[place]
        let loaded = load(
            "destinations: {d: {url: \"http://a/\"}}\nlookups: {t: {file: a.csv, key: k}}\nroutes: {r: {enrich: \(one.text), to: d}}\n",
            beside: ["routes/a.csv": "k\n1\n"])
        #expect(loaded.codes == (one.code.map { [$0] } ?? []), "\(one.text): \(loaded.diagnostics.map(\.message))")
    }

    static let splits: [(text: String, code: String?)] = [
        ("split: data.items", nil), ("split: data", nil), ("split: {path: data.items, parent: true}", nil),
        ("split: {path: data.items, parent: order}", nil), ("split: items", "match/path"),
        ("split: headers.x", "match/path"), ("split: {parent: true}", "config/missing-key"),
        ("split: {path: data, parent: true}", "config/conflict"), ("split: {path: data.a, parent: 7}", "config/type"),
        ("split: [a]", "config/type"), ("deliver_after: 10m", nil), ("deliver_at: data.due", nil),
        ("deliver_after: 91d", "config/range"), ("deliver_after: 10", "config/type"), ("deliver_at: due", "match/path"),
        ("deliver_after: 1m, deliver_at: data.due", "config/conflict"),
    ]

    @Test(arguments: splits.indices) func `split and times of delivery`(_ place: Int) {
        let one = Self.splits[place]
        let loaded = load("destinations: {d: {url: \"http://a/\"}}\nroutes: {r: {\(one.text), to: d}}\n")
        #expect(loaded.codes == (one.code.map { [$0] } ?? []), "\(one.text): \(loaded.diagnostics.map(\.message))")
    }

    @Test func `a target's time counts before the route's`() throws {
        let loaded = load(
            "destinations: {a: {url: \"http://a/\"}, b: {url: \"http://b/\"}}\nroutes: {r: {deliver_after: 1m, to: [a, {destination: b, deliver_at: data.x}]}}\n"
        )
        guard case .list(let targets)? = loaded.configuration.routes.first?.targets else {
            Issue.record("no targets: \(loaded.codes)")
            return
        }
        #expect(targets.map(\.due) == [.after(.seconds(60)), .at(FieldPath(.data, ["x"]))])
    }
}
