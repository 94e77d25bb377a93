// SPDX-License-Identifier: Apache-2.0
// Parts of the language whose work comes in a later version: declared and checked in shape, so that a file written
// today is found wrong today.

internal import HookCore
internal import YAMLBridge

/// The versions that the catalogue declares, for `event: type@version`.
struct Catalogue {
    private var versions: [String: Set<Int>] = [:]

    init(_ entries: [(name: String, node: YAMLNode)]) {
        for (name, node) in entries {
            self.versions[name] = Set(
                node.value(of: "versions")?.entries?.compactMap { $0.key.raw.flatMap { Int($0) } } ?? [])
        }
    }

    /// Sorted.
    var types: [String] { self.versions.keys.sorted() }

    /// Nil where the catalogue says nothing about the type.
    func versions(of type: String) -> Set<Int>? { self.versions[type] }
}

extension Checker {
    /// A version that the catalogue does not declare cannot come.
    func warnIfNotInCatalogue(_ pattern: EventPattern, at mark: Mark) {
        guard let version = pattern.version, let known = self.catalogue.versions(of: pattern.type),
            !known.contains(version)
        else {
            return
        }
        let list = known.sorted().map { "\($0)" }.joined(separator: ", ")
        self.report(
            "route/unknown-event", .warning, at: mark, "the catalogue has no version \(version) of \(pattern.type)",
            hint: known.isEmpty ? "declare it below events:" : "declared: \(list)")
    }
}

extension Shape {
    /// Anything at all.
    static var anything: Shape<YAMLNode> { Shape<YAMLNode>("anything", example: "", schema: true) { node, _ in node } }

    static var date: Shape<WallTime> {
        Shape<WallTime>("a date or time", example: "2026-01-01T12:00:00Z", schema: ["type": "string"]) {
            node, checker in
            guard let text = node.raw, let time = WallTime(rfc3339: text) else {
                checker.reportType(node, expected: "a date or time (RFC 3339)", example: "2026-01-01T12:00:00Z")
                return nil
            }
            return time
        }
    }
}
