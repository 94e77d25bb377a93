// SPDX-License-Identifier: Apache-2.0

package import HookCore
internal import YAMLBridge

/// One version of an event type that names a schema.
package struct CatalogueSchema: Sendable {
    package let type: String
    package let version: Int
    package let summary: String?
    /// The schema file, relative to the project.
    package let path: String
    /// Nil where the file is missing or no JSON.
    package let schema: JSONValue?
}

package enum CatalogueSchemas {
    /// The schemas that the `events:` of a project name, in order of type and version; files stand beside the route
    /// file that names them.
    package static func read(_ files: ProjectFiles) -> [CatalogueSchema] {
        var found: [CatalogueSchema] = []
        for file in files.files where ConfigLoader.isRouteFile(file.path) {
            // What is wrong with the file is for `check` to say.
            guard let root = try? YAMLReader.read(file.bytes, file: file.path) else { continue }
            let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
            for entry in root.value(of: "events")?.entries ?? [] {
                guard let type = entry.key.raw else { continue }
                for version in entry.value.value(of: "versions")?.entries ?? [] {
                    guard let number = version.key.raw.flatMap(Int.init),
                        let name = version.value.value(of: "schema")?.raw
                    else { continue }
                    let path = "\(folder)/\(name)"
                    found.append(
                        CatalogueSchema(
                            type: type, version: number, summary: entry.value.value(of: "summary")?.raw, path: path,
                            // A schema that is no JSON gives a class without fields.
                            schema: files[path].flatMap { try? JSONValue(parsing: $0) }))
                }
            }
        }
        return found.sorted { ($0.type, $0.version) < ($1.type, $1.version) }
    }
}
