// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// A `lookups:` entry while it is read.
struct LookupDraft: Sendable {
    var file: YAMLNode?
    var key: String?

    static let section = Section<LookupDraft>(
        title: "a look-up", summary: "A table beside the routes, for enrich and for lookup() in scripts.",
        fields: [
            Field(
                "file", .anything, \.file, isRequired: true,
                "CSV with a header line, JSON or YAML; a path from this file. 16 MiB, YAML 1 MiB at most."),
            Field(
                "key", .text, \.key, default: "the keys of an object by key",
                "Column whose values are looked up; each stands in one row."),
        ])

    /// - Parameter kept: tables of the last load; one whose file and key are the same is taken over.
    static func read(
        _ name: String, _ entry: YAMLNode.Entry, _ checker: Checker, kept: LoadMemory.Lookup?
    ) -> LoadMemory.Lookup? {
        var draft = LookupDraft()
        guard Self.section.read(entry.value, into: &draft, checker), let node = draft.file,
            let path = Self.path(node, checker), let bytes = checker.files[path]
        else { return nil }
        if let kept, kept.path == path, kept.key == draft.key, kept.bytes == bytes { return kept }
        let mark = entry.value.value(of: "key")?.at ?? node.at
        let reading = LookupReading(path: path, bytes: bytes, key: draft.key, declared: mark, checker: checker)
        guard let rows = reading.rows() else { return nil }
        return LoadMemory.Lookup(
            path: path, key: draft.key, bytes: bytes, table: LookupTable(name: LookupName(name), rows: rows))
    }

    private static func path(_ node: YAMLNode, _ checker: Checker) -> String? {
        guard let text = Shape<String>.text.read(node, checker) else { return nil }
        guard let path = RelativePath.resolve(text, beside: node.mark.file) else {
            checker.report(
                "lookup/file", at: node.at, "\"\(text)\" leaves the project", hint: "a path inside the project")
            return nil
        }
        guard LookupReading.endings.contains(where: path.hasSuffix) else {
            checker.report(
                "lookup/file", at: node.at, "\(path) is neither CSV, JSON nor YAML",
                hint: "the name ends with \(LookupReading.endings.joined(separator: ", "))")
            return nil
        }
        guard !ConfigLoader.isRouteFile(path) else {
            checker.report(
                "lookup/file", at: node.at, "\(path) is read as a route file",
                hint: "put YAML data into a folder called data")
            return nil
        }
        guard checker.files[path] != nil else {
            let known = checker.files.keys.filter { file in LookupReading.endings.contains(where: file.hasSuffix) }
            let near = NearestName.to(path, among: known.sorted())
            checker.report(
                "lookup/file", at: node.at, "there is no file \(path)",
                hint: near.map { "did you mean \"\($0)\"?" } ?? "data stands below routes/, and its path begins here")
            return nil
        }
        return path
    }
}
