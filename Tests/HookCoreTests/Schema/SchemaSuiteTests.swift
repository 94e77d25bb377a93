// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import HookCore

/// JSON-Schema-Test-Suite (json-schema-org), draft 2020-12: every required test, and the optional ones that concern us.
@Suite struct SchemaSuiteTests {
    /// Optional files that ask for something else than this validator promises: formats that refuse, and other drafts.
    private static let left: Set = ["format", "cross-draft.json", "ecmascript-regex.json", "refOfUnknownKeyword.json"]

    private struct Suite {
        let folder: String

        func value(_ path: String) throws -> JSONValue {
            try JSONValue(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: "\(self.folder)/\(path)"))))
        }

        func names(_ path: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "\(self.folder)/\(path)").sorted()
        }

        /// Remote schemas come from the suite's own folder.
        func fetch(_ uri: String) -> SchemaDocument? {
            let prefix = "http://localhost:1234/"
            guard uri.hasPrefix(prefix) else { return nil }
            let path = String(uri.dropFirst(prefix.count))
            return (try? self.value("remotes/\(path)")).map { SchemaDocument(name: path, value: $0) }
        }

        /// Runs the tests of a file; how many there were.
        func run(_ path: String) throws -> Int {
            var count = 0
            for group in try self.value(path).arrayValue ?? [] {
                let title = "\(path): \(group["description"]?.stringValue ?? "")"
                let tests = group["tests"]?.arrayValue ?? []
                count += tests.count
                let schema = try #require(group["schema"])
                let program: SchemaProgram
                do {
                    program = try SchemaCompiler.compile(
                        SchemaDocument(name: path, value: schema), uri: "file:///suite/schema.json",
                        fetch: { self.fetch($0) })
                } catch {
                    Issue.record("\(title): refused: \(error.list)")
                    continue
                }
                for test in tests {
                    let document = try JSONDocument(parsing: try #require(test["data"]).encoded())
                    let name = "\(title): \(test["description"]?.stringValue ?? "")"
                    #expect(JSONValue.bool(program.isValid(document)) == test["valid"], "\(name)")
                    #expect(JSONValue.bool(program.violations(document).isEmpty) == test["valid"], "\(name), in words")
                }
            }
            return count
        }
    }

    @Test func `every required test passes`() throws {
        guard let folder = PublicCorpora.folder("json-schema-test-suite") else { return }
        let suite = Suite(folder: folder)
        var count = 0
        for name in try suite.names("tests/draft2020-12") where name.hasSuffix(".json") {
            count += try suite.run("tests/draft2020-12/\(name)")
        }
        print("JSON-Schema-Test-Suite: \(count) required tests of draft 2020-12")
        #expect(count > 1_200)
    }

    @Test func `optional tests pass where they concern us`() throws {
        guard let folder = PublicCorpora.folder("json-schema-test-suite") else { return }
        let suite = Suite(folder: folder)
        var count = 0
        for name in try suite.names("tests/draft2020-12/optional")
        where name.hasSuffix(".json") && !Self.left.contains(name) {
            count += try suite.run("tests/draft2020-12/optional/\(name)")
        }
        print("JSON-Schema-Test-Suite: \(count) optional tests of draft 2020-12")
        #expect(count > 50)
    }

    @Test(arguments: MetaSchemas.texts.keys.sorted())
    func `a meta-schema that is built in is a schema`(_ uri: String) throws {
        let value = try JSONValue(parsing: Array(try #require(MetaSchemas.text(of: uri)).utf8))
        let program = try SchemaCompiler.compile(
            SchemaDocument(name: uri, value: value), uri: uri, fetch: { _ in nil })
        // It holds for itself.
        #expect(program.isValid(try JSONDocument(parsing: value.encoded())))
        #expect(
            !program.isValid(
                try JSONDocument(
                    parsing: Array(
                        #"{"type": "text", "$id": 5, "format": 5, "title": 5, "unevaluatedItems": 5, "allOf": 5, "contentEncoding": 5}"#
                            .utf8))))
    }
}
