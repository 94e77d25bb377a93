// SPDX-License-Identifier: Apache-2.0

package import HookCore
internal import YAMLBridge

/// The schemas of the catalogue by event type and version.
package struct SchemaBook: Sendable {
    package typealias Named = (name: String, schema: JSONSchema)

    /// Types with the versions that they declare; nil where a version has no schema that can be read.
    private var types: [String: [Int: JSONSchema?]] = [:]

    init() {}

    mutating func declare(_ type: String, _ version: Int, _ schema: JSONSchema?) {
        self.types[type, default: [:]][version] = .some(schema)
    }

    var isEmpty: Bool { self.types.isEmpty }
    var typeNames: [String] { self.types.keys.sorted() }

    func declares(_ type: String) -> Bool { self.types[type] != nil }

    /// The schemas of everything that the patterns let through; empty where an event without one may come.
    package func schemas(of patterns: [EventPattern]) -> [Named] {
        var result: [Named] = []
        for pattern in patterns {
            guard let versions = self.types[pattern.type] else { return [] }
            if let version = pattern.version {
                guard case .some(.some(let schema)) = versions[version] else { return [] }
                result.append(("\(pattern.type)@\(version)", schema))
            } else {
                for (version, schema) in versions.sorted(by: { $0.key < $1.key }) {
                    guard let schema else { return [] }
                    result.append(("\(pattern.type)@\(version)", schema))
                }
            }
        }
        return result
    }

    /// The schemas that each script's events have, for checking paths in Lua.
    package func ofScripts(in routes: [RouteSpec]) -> [ScriptID: [Named]] {
        guard !self.isEmpty else { return [:] }
        var result: [ScriptID: [Named]] = [:]
        var isOpen: Set<ScriptID> = []
        for route in routes {
            let schemas = self.schemas(of: route.events)
            for script in route.allScripts {
                if schemas.isEmpty { isOpen.insert(script) } else { result[script, default: []] += schemas }
            }
        }
        return result.filter { !isOpen.contains($0.key) }
    }
}

extension RouteSpec {
    /// Every script that the route may run, targets and cases included.
    var allScripts: [ScriptID] {
        var scripts = self.scripts + [self.transform].compactMap { $0 }
        func add(_ targets: [TargetSpec]) {
            for target in targets { scripts += target.scripts + [target.transform].compactMap { $0 } }
        }
        switch self.targets {
        case .list(let targets): add(targets)
        case .cases(let cases):
            for item in cases {
                scripts += item.scripts + [item.transform].compactMap { $0 }
                add(item.targets)
            }
        }
        return scripts
    }

    var allTargets: [TargetSpec] {
        switch self.targets {
        case .list(let targets): targets
        case .cases(let cases): cases.flatMap(\.targets)
        }
    }
}

extension Shape {
    /// A JSON Schema file beside the one that names it; read and kept by the checker.
    static var schemaFile: Shape<JSONSchema> {
        Shape<JSONSchema>("a JSON Schema file", example: "schemas/order.created.2.json", schema: ["type": "string"]) {
            node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let path = RelativePath.resolve(text, beside: node.mark.file) else {
                checker.report(
                    "schema/file", at: node.at, "\"\(text)\" leaves the project", hint: "a path inside the project")
                return nil
            }
            guard let bytes = checker.files[path] else {
                checker.reportMissing(schema: path, text, at: node.at)
                return nil
            }
            do throws(JSONFailure) {
                let value = try JSONValue(parsing: bytes)
                switch value {
                case .object, .bool: return JSONSchema(value)
                default:
                    checker.report(
                        "schema/file", at: node.at, "\(path) is no schema",
                        hint: "a schema is an object, such as {\"type\": \"object\"}")
                    return nil
                }
            } catch {
                let place = JSONPlace.mark(of: error.offset, in: bytes, file: path)
                checker.report(
                    "schema/file", at: node.at, "\(path) is no JSON: \(error.reason.rawValue)",
                    notes: [Diagnostic.Note("here", at: place)])
                return nil
            }
        }
    }
}

extension Checker {
    fileprivate func reportMissing(schema path: String, _ text: String, at mark: Mark) {
        let folder = path.prefix(
            path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.distance(from: path.startIndex, to: $0) } ?? 0)
        let known = self.files.keys.filter { $0.hasSuffix(".json") && $0.hasPrefix(folder) }.sorted()
        let near = NearestName.to(path, among: known)
        let base = path.dropLast(text.count)
        let fix = near.flatMap { $0.hasPrefix(base) ? String($0.dropFirst(base.count)) : nil }
        self.report(
            "schema/file", at: mark, "there is no file \(path)", hint: near.map { "did you mean \"\($0)\"?" },
            replacement: fix)
    }
}

enum JSONPlace {
    /// The character at a byte of a JSON text.
    static func mark(of offset: Int, in bytes: [UInt8], file: String) -> Mark {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return Mark(file: file, line: line, column: before[start...].count { $0 & 0xC0 != 0x80 } + 1)
    }
}
