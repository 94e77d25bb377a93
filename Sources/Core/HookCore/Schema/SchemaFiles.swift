// SPDX-License-Identifier: Apache-2.0

/// The JSON files of a project as documents that schemas may refer to: by their path, or by the `$id` inside. Nothing is
/// ever loaded from a network.
///
/// - Isolation: confined to one load of a project.
package final class SchemaFiles {
    private let files: [String: [UInt8]]
    private var programs: [String: Result<SchemaProgram, SchemaFailures>] = [:]
    /// Paths by the `$id` of their content; made when a reference is no path of the project.
    private lazy var identifiers: [String: String] = self.readIdentifiers()

    package init(_ files: [String: [UInt8]]) { self.files = files }

    /// The program of a schema file; the same for every use of the file.
    package func program(of path: String, _ value: JSONValue) throws(SchemaFailures) -> SchemaProgram {
        if let known = self.programs[path] { return try known.get() }
        let made = Result { () throws(SchemaFailures) in
            try SchemaCompiler.compile(
                SchemaDocument(name: path, value: value), uri: Self.uri(of: path), fetch: { self.document(at: $0) })
        }
        self.programs[path] = made
        return try made.get()
    }

    private static func uri(of path: String) -> String { "file:///\(path)" }

    /// The document at a URI, where it is one of the project.
    func document(at uri: String) -> SchemaDocument? {
        let prefix = "file:///"
        let path = uri.hasPrefix(prefix) ? String(uri.dropFirst(prefix.count)) : self.identifiers[uri]
        guard let path, let bytes = self.files[path] else { return nil }
        // A file that is no JSON is no schema; the reference to it is reported where it stands.
        return (try? JSONValue(parsing: bytes)).map { SchemaDocument(name: path, value: $0) }
    }

    private func readIdentifiers() -> [String: String] {
        let mark = Array("\"$id\"".utf8)
        var found: [String: String] = [:]
        for (path, bytes) in self.files.sorted(by: { $0.key < $1.key }) where path.hasSuffix(".json") {
            // What is no JSON has no `$id` that anybody could mean.
            guard bytes.firstRange(of: mark) != nil, let value = try? JSONValue(parsing: bytes),
                let id = value["$id"]?.stringValue
            else { continue }
            let uri = SchemaURI(id).document.description
            if found[uri] == nil { found[uri] = path }
        }
        return found
    }
}

extension SchemaProgram {
    /// For what is no file of a project: a schema that refers to nothing but itself and the meta-schemas.
    package static func compile(_ value: JSONValue, named name: String) throws(SchemaFailures) -> SchemaProgram {
        try SchemaCompiler.compile(
            SchemaDocument(name: name, value: value), uri: "file:///\(name)", fetch: { _ in nil })
    }
}
