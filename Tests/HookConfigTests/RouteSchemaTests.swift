// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing
import YAMLBridge

@testable import HookConfig

/// The JSON Schema that editors get, judged by a validator that is not ours (PyPI `jsonschema`).
@Suite struct RouteSchemaTests {
    private static let program = """
        import json, sys
        import jsonschema
        schema, documents = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        print(json.dumps([[e.message[:200] for e in validator.iter_errors(one)] for one in documents]))
        """

    static let hasValidator = (try? Self.python(["-c", "import jsonschema"]))?.code == 0

    private static func python(_ arguments: [String]) throws -> (code: Int32, out: String, err: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore"] + arguments
        let (out, err) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        try process.run()
        let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let words = String(decoding: err.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text, words)
    }

    /// What the validator says of each document.
    private static func findings(_ schema: JSONValue, _ documents: [JSONValue]) throws -> [[String]] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = ["schema.json", "documents.json"].map { folder.appendingPathComponent($0) }
        try Data(schema.encoded()).write(to: paths[0])
        try Data(JSONValue.array(documents).encoded()).write(to: paths[1])
        let done = try Self.python(["-c", Self.program] + paths.map(\.path))
        #expect(done.code == 0, "\(done.err)")
        return try JSONValue(parsing: Array(done.out.utf8)).arrayValue?.map {
            $0.arrayValue?.compactMap(\.stringValue) ?? []
        } ?? []
    }

    private static func json(_ node: YAMLNode) -> JSONValue {
        switch node.content {
        case .sequence(let items): .array(items.map(Self.json))
        case .mapping(let entries): .object(entries.map { .init($0.key.raw ?? "", Self.json($0.value)) })
        case .scalar(let text, _):
            switch node.scalar {
            case .null, nil: .null
            case .bool(let value): .bool(value)
            case .number(let number): .number(number)
            case .string, .unusableNumber: .string(text)
            }
        }
    }

    private static func documents(_ files: [ProjectFiles.File]) throws -> [JSONValue] {
        try files.map { file in
            let tree = try YAMLReader.read(file.bytes, file: file.path)
            return try Self.json(#require(tree, "\(file.path) is empty"))
        }
    }

    @Test(.enabled(if: Self.hasValidator, "PyPI jsonschema is not installed: pip install jsonschema"))
    func `it is draft-07 and takes every shipped route file`() throws {
        let files = project(at: packageRoot, below: ["routes"]).files.filter { ConfigLoader.isRouteFile($0.path) }
        #expect(files.count > 4)
        let found = try Self.findings(RouteSchema.json(), Self.documents(files))
        for (file, findings) in zip(files, found) { #expect(findings == [], "\(file.path)") }
        #expect(
            try Self.findings(
                RouteSchema.settings(),
                Self.documents([
                    .init(
                        path: "a",
                        bytes: Array("version: 1\nlisten: {ingest: 127.0.0.1:8080}\nretention: {event: 30d}\n".utf8))
                ])) == [[]])
    }

    static let faults = [
        "routes: {}", "version: 2", "version: 1\nroutes: {a: {evnt: x, to: y}}", "version: 1\nroutes: {A B: {to: y}}",
        "version: 1\nsources: {a: {preset: githb, path: /a}}", "version: 1\nsources: {a: {preset: github}}",
        "version: 1\ndestinations: {a: {url: \"http://x\", timeout: 10}}",
        "version: 1\nroutes: {a: {to: y, match: {data.x: {bigger: 3}}}}",
        "version: 1\nroutes: {a: {to: y, on_error: retry}}", "version: 1\nroutes: {a: {to: y, match: {datax: 3}}}",
        "version: 1\nroutes: {a: {to: y, transform: x.lua}}", "version: 1\nanything: {}",
    ]

    @Test(.enabled(if: Self.hasValidator, "PyPI jsonschema is not installed: pip install jsonschema"))
    func `it refuses faults`() throws {
        let files = Self.faults.map { ProjectFiles.File(path: "fault", bytes: Array($0.utf8)) }
        let found = try Self.findings(RouteSchema.json(), Self.documents(files))
        for (fault, findings) in zip(Self.faults, found) { #expect(!findings.isEmpty, "\(fault)") }
    }

    /// Without a validator at hand: its structure at least.
    @Test func `every reference inside leads somewhere`() {
        for schema in [RouteSchema.json(), RouteSchema.settings()] {
            #expect(schema["$schema"]?.stringValue == "http://json-schema.org/draft-07/schema#")
            for name in Self.references(in: schema) { #expect(schema["definitions"]?[name] != nil, "\(name)") }
        }
    }

    private static func references(in schema: JSONValue) -> Set<String> {
        switch schema {
        case .array(let items): items.reduce(into: []) { $0.formUnion(Self.references(in: $1)) }
        case .object(let members):
            members.reduce(into: []) { names, member in
                if member.key == "$ref", let target = member.value.stringValue {
                    names.insert(String(target.split(separator: "/").last ?? ""))
                }
                names.formUnion(Self.references(in: member.value))
            }
        default: []
        }
    }
}
