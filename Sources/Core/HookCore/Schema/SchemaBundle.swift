// SPDX-License-Identifier: Apache-2.0
// Schemas for a document of another kind: every file that they refer to comes along, and references lead to where the
// parts stand in that document.

package struct SchemaBundle {
    /// One schema document of the bundle.
    package struct Part: Sendable {
        /// Its path in the project, or the URI of a meta-schema.
        package let name: String
        /// Without identifiers and anchors: references name places.
        package let value: JSONValue
        package let isDraft7: Bool
    }

    private let library: SchemaLibrary
    private let place: (String) -> String
    private var parts: [Part] = []
    private var pending: [SchemaPlace] = []
    private var seen: Set<Int> = []

    /// The schemas at some paths and all that they refer to; what cannot be read is left out.
    ///
    /// - Parameter place: where a document will stand, by its name: the beginning of every reference to it.
    package static func parts(
        of paths: [String], in files: [String: [UInt8]], place: @escaping (String) -> String
    ) -> [Part] {
        let schemas = SchemaFiles(files)
        var bundle = SchemaBundle(library: SchemaLibrary { schemas.document(at: $0) }, place: place)
        for path in paths {
            if let root = bundle.library.root(of: "file:///\(path)") { bundle.want(root) }
        }
        while let next = bundle.pending.popLast() { bundle.add(next) }
        return bundle.parts.sorted { $0.name < $1.name }
    }

    private init(library: SchemaLibrary, place: @escaping (String) -> String) {
        self.library = library
        self.place = place
    }

    private mutating func want(_ root: SchemaPlace) {
        if self.seen.insert(root.document).inserted { self.pending.append(root) }
    }

    private mutating func add(_ root: SchemaPlace) {
        let dialect = self.library.resources[root.resource].dialect
        let value = self.rewritten(root)
        self.parts.append(
            Part(name: self.library.names[root.document], value: value, isDraft7: dialect.draft == .draft7))
    }

    private mutating func rewritten(_ at: SchemaPlace) -> JSONValue {
        let place = self.library.root(at: "\(at.document)#\(at.pointer)") ?? at
        guard case .object(let members) = place.value else { return place.value }
        let dialect = self.library.resources[place.resource].dialect
        var result: [JSONValue.Member] = []
        for member in members {
            let inner = place.below(member.key, member.value)
            switch member.key {
            case "$id", "$schema", "$anchor", "$dynamicAnchor", "$vocabulary": continue
            case "$ref", "$dynamicRef":
                guard let text = member.value.stringValue,
                    let target = self.library.target(of: text, from: inner)?.place
                else { continue }
                self.want(self.library.documentRoot(of: target))
                let name = self.library.names[target.document]
                result.append(.init("$ref", .string(self.place(name) + target.pointer)))
            case _ where dialect.lists.contains(member.key) && member.value.arrayValue != nil:
                let items = (member.value.arrayValue ?? []).enumerated().map { number, item in
                    self.rewritten(inner.below("\(number)", item))
                }
                result.append(.init(member.key, .array(items)))
            case _ where dialect.single.contains(member.key):
                result.append(.init(member.key, self.rewritten(inner)))
            case _ where dialect.maps.contains(member.key):
                guard case .object(let parts) = member.value else { continue }
                let made = parts.map { part in
                    JSONValue.Member(part.key, self.rewritten(inner.below(part.key, part.value)))
                }
                result.append(.init(member.key, .object(made)))
            default: result.append(member)
            }
        }
        return .object(result)
    }
}
