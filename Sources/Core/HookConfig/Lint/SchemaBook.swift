// SPDX-License-Identifier: Apache-2.0

package import HookCore
internal import YAMLBridge

/// The schemas of the catalogue by event type and version.
package struct SchemaBook: Sendable {
    package typealias Named = (name: String, schema: JSONSchema)

    /// Types with the versions that they declare; nil where a version has no schema that can be read.
    private var types: [String: [Int: JSONSchema?]] = [:]

    init() {}

    init(_ catalogue: CatalogueSpec) {
        for type in catalogue.types {
            for version in type.versions {
                self.types[type.name, default: [:]][version.number] = .some(
                    version.schema.map { JSONSchema($0.value) })
            }
        }
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
            let schemas = route.hasOwnView || route.aggregate != nil ? [] : self.schemas(of: route.events)
            for script in route.allScripts {
                if schemas.isEmpty { isOpen.insert(script) } else { result[script, default: []] += schemas }
            }
        }
        return result.filter { !isOpen.contains($0.key) }
    }

    /// The schema of the data that each converter gets.
    package func ofConverters(in catalogue: CatalogueSpec) -> [ScriptID: [Named]] {
        var result: [ScriptID: [Named]] = [:]
        var isOpen: Set<ScriptID> = []
        for type in catalogue.types {
            for converter in type.converters {
                let schemas = self.schemas(of: [EventPattern(type: type.name, version: converter.from)])
                if schemas.isEmpty {
                    isOpen.insert(converter.script)
                } else {
                    result[converter.script, default: []] += schemas
                }
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
    /// A JSON Schema file beside the one that names it.
    static var schemaFile: Shape<SchemaFileSpec> {
        Shape<SchemaFileSpec>(
            "a JSON Schema file", example: "schemas/order.created.2.json", schema: ["type": "string"]
        ) { node, checker in
            guard let text = Shape<String>.text.read(node, checker),
                let (path, value) = checker.json(of: text, at: node, "schema/file")
            else { return nil }
            switch value {
            case .object, .bool:
                return SchemaFileSpec(path: path, value: value, program: checker.program(of: path, value, at: node.at))
            default:
                checker.report(
                    "schema/file", at: node.at, "\(path) is no schema",
                    hint: "a schema is an object, such as {\"type\": \"object\"}")
                return nil
            }
        }
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
