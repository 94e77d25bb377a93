// SPDX-License-Identifier: Apache-2.0
// Which schema a reference means: documents by their URI, parts of them by `$id` and anchors.

/// Why a schema cannot be used, and where.
package struct SchemaFailure: Error, Sendable, Equatable {
    /// Name of the document, such as its path in the project.
    package let document: String
    /// JSON pointer into it.
    package let pointer: String
    package let message: String
    package let hint: String?

    package init(document: String, pointer: String, message: String, hint: String? = nil) {
        self.document = document
        self.pointer = pointer
        self.message = message
        self.hint = hint
    }
}

/// A schema document as it was found.
package struct SchemaDocument: Sendable {
    /// For people: its path in the project.
    package let name: String
    package let value: JSONValue

    package init(name: String, value: JSONValue) {
        self.name = name
        self.value = value
    }
}

/// A schema inside of a document.
struct SchemaPlace {
    let value: JSONValue
    let document: Int
    /// From the top of the document.
    let pointer: String
    let resource: Int

    func below(_ step: String, _ value: JSONValue) -> SchemaPlace {
        SchemaPlace(
            value: value, document: self.document, pointer: "\(self.pointer)/\(JSONPointer.escaped(step))",
            resource: self.resource)
    }
}

/// The documents that one compilation has come across.
///
/// - Isolation: confined to one compilation.
final class SchemaLibrary {
    struct Resource {
        let uri: SchemaURI
        let dialect: SchemaDialect
        let root: SchemaPlace
        var anchors: [String: SchemaPlace] = [:]
        var dynamicAnchors: Set<String> = []
    }

    private static let depthMax = 64

    private(set) var resources: [Resource] = []
    private(set) var names: [String] = []
    private var byURI: [SchemaURI: Int] = [:]
    private var byPlace: [String: Int] = [:]
    private let fetch: (String) -> SchemaDocument?
    private(set) var failures: [SchemaFailure] = []

    /// - Parameter fetch: the document at an absolute URI without a fragment.
    init(fetch: @escaping (String) -> SchemaDocument?) { self.fetch = fetch }

    func fail(_ place: SchemaPlace, _ message: String, hint: String? = nil) {
        let failure = SchemaFailure(
            document: self.names[place.document], pointer: place.pointer, message: message, hint: hint)
        if !self.failures.contains(failure) { self.failures.append(failure) }
    }

    // MARK: Documents

    /// The root of a document that is known by `uri`.
    func add(_ document: SchemaDocument, uri: String, dialect: SchemaDialect = .newest) -> SchemaPlace {
        self.names.append(document.name)
        let number = self.names.count - 1
        let base = SchemaURI(uri).document
        let bare = SchemaPlace(value: document.value, document: number, pointer: "", resource: self.resources.count)
        let kind = self.dialect(of: document.value, at: bare, inherited: dialect)
        let own = self.identifier(of: document.value, kind).map { base.resolving($0).document } ?? base
        let resource = self.open(bare, own, kind)
        if own != base { self.byURI[base] = resource }
        self.register(self.resources[resource].root, depth: 0)
        return self.resources[resource].root
    }

    private func open(_ place: SchemaPlace, _ uri: SchemaURI, _ dialect: SchemaDialect) -> Int {
        let number = self.resources.count
        let root = SchemaPlace(
            value: place.value, document: place.document, pointer: place.pointer, resource: number)
        self.resources.append(Resource(uri: uri, dialect: dialect, root: root))
        if let other = self.byURI[uri], self.resources[other].root.document == place.document {
            self.fail(root, "two schemas have the same $id \(uri)")
        }
        self.byURI[uri] = number
        self.byPlace["\(place.document)#\(place.pointer)"] = number
        return number
    }

    /// Without the fragment, which is an anchor in draft-07.
    private func identifier(of value: JSONValue, _ dialect: SchemaDialect) -> SchemaURI? {
        guard let text = value["$id"]?.stringValue, dialect.draft == .draft2020 || value["$ref"] == nil else {
            return nil
        }
        let uri = SchemaURI(text)
        return text.hasPrefix("#") ? nil : uri
    }

    private func dialect(of value: JSONValue, at place: SchemaPlace, inherited: SchemaDialect) -> SchemaDialect {
        guard let text = value["$schema"]?.stringValue else { return inherited }
        let uri = text.hasSuffix("#") ? String(text.dropLast()) : text
        if let known = SchemaDialect.builtIn(uri) { return known }
        if let meta = self.fetch(uri) {
            if let dialect = SchemaDialect(vocabularies: meta.value["$vocabulary"]) { return dialect }
            self.fail(place, "the meta-schema \(text) demands a vocabulary that is not known")
        } else {
            self.fail(
                place, "schemas of \(text) are not supported",
                hint: "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", or draft-07")
        }
        return inherited
    }

    /// Finds identifiers and anchors in a schema and all below it.
    private func register(_ place: SchemaPlace, depth: Int) {
        guard case .object(let members) = place.value, depth <= Self.depthMax * 2 else { return }
        var place = place
        var dialect = self.resources[place.resource].dialect
        if !place.pointer.isEmpty, let uri = self.identifier(of: place.value, dialect) {
            dialect = self.dialect(of: place.value, at: place, inherited: dialect)
            let resource = self.open(place, self.resources[place.resource].uri.resolving(uri).document, dialect)
            place = self.resources[resource].root
        }
        self.readAnchors(place, dialect)
        for member in members {
            let inner = place.below(member.key, member.value)
            if dialect.single.contains(member.key) { self.register(inner, depth: depth + 1) }
            if dialect.lists.contains(member.key) {
                for (at, item) in (member.value.arrayValue ?? []).enumerated() {
                    self.register(inner.below("\(at)", item), depth: depth + 1)
                }
            }
            if dialect.maps.contains(member.key), case .object(let parts) = member.value {
                for part in parts { self.register(inner.below(part.key, part.value), depth: depth + 1) }
            }
        }
    }

    private func readAnchors(_ place: SchemaPlace, _ dialect: SchemaDialect) {
        var found: [(name: String, isDynamic: Bool)] = []
        switch dialect.draft {
        case .draft2020:
            if let name = place.value["$anchor"]?.stringValue { found.append((name, false)) }
            if let name = place.value["$dynamicAnchor"]?.stringValue { found.append((name, true)) }
        case .draft7:
            if let id = place.value["$id"]?.stringValue, place.value["$ref"] == nil,
                let fragment = SchemaURI(id).fragment, !fragment.isEmpty
            {
                found.append((fragment, false))
            }
        }
        for (name, isDynamic) in found {
            if let other = self.resources[place.resource].anchors[name], other.pointer != place.pointer {
                self.fail(place, "the anchor \"\(name)\" stands twice in one schema")
            }
            self.resources[place.resource].anchors[name] = place
            if isDynamic { self.resources[place.resource].dynamicAnchors.insert(name) }
        }
    }

    /// The resource that begins at `document#pointer`.
    func root(at key: String) -> SchemaPlace? { self.byPlace[key].map { self.resources[$0].root } }

    /// The document at a URI, read where it is not known yet; nil where there is none.
    func root(of uri: String) -> SchemaPlace? {
        self.resource(SchemaURI(uri).document, dialect: .newest).map { self.resources[$0].root }
    }

    /// The whole document that a place belongs to.
    func documentRoot(of place: SchemaPlace) -> SchemaPlace { self.root(at: "\(place.document)#") ?? place }

    // MARK: References

    struct Target {
        let place: SchemaPlace
        /// The anchor by which it was found, where that is a dynamic one.
        let dynamicAnchor: String?
    }

    /// What a reference at a place means; nil, and a failure, where it means nothing.
    func target(of reference: String, from place: SchemaPlace) -> Target? {
        let from = self.resources[place.resource]
        let uri = from.uri.resolving(SchemaURI(reference))
        guard let resource = self.resource(uri.document, dialect: from.dialect) else {
            self.fail(
                place, "there is no schema \(Self.shown(uri.document))",
                hint: "references lead to this file, or to files of the project; nothing is loaded from the network")
            return nil
        }
        let root = self.resources[resource].root
        let fragment = uri.fragment ?? ""
        if fragment.isEmpty { return Target(place: root, dynamicAnchor: nil) }
        if fragment.hasPrefix("/") {
            if let found = self.follow(fragment, from: root) { return Target(place: found, dynamicAnchor: nil) }
            self.fail(place, "there is nothing at \(fragment) in \(self.names[root.document])")
            return nil
        }
        guard let found = self.resources[resource].anchors[fragment] else {
            self.fail(place, "there is no anchor \"\(fragment)\" in \(self.names[root.document])")
            return nil
        }
        let isDynamic = self.resources[resource].dynamicAnchors.contains(fragment)
        return Target(place: found, dynamicAnchor: isDynamic ? fragment : nil)
    }

    private static func shown(_ uri: SchemaURI) -> String {
        uri.scheme == "file" ? String(uri.path.drop { $0 == "/" }) : uri.description
    }

    private func resource(_ uri: SchemaURI, dialect: SchemaDialect) -> Int? {
        if let known = self.byURI[uri] { return known }
        // The texts are part of the program; a test reads each.
        if let text = MetaSchemas.text(of: uri.description), let value = try? JSONValue(parsing: Array(text.utf8)) {
            return self.add(SchemaDocument(name: uri.description, value: value), uri: uri.description).resource
        }
        guard let document = self.fetch(uri.description) else { return nil }
        return self.add(document, uri: uri.description, dialect: dialect).resource
    }

    private func follow(_ pointer: String, from root: SchemaPlace) -> SchemaPlace? {
        var at = root
        for step in JSONPointer.steps(pointer) ?? [] {
            let inner: JSONValue
            if case .array(let items) = at.value {
                guard let place = Int(step), items.indices.contains(place) else { return nil }
                inner = items[place]
            } else {
                guard let value = at.value[step] else { return nil }
                inner = value
            }
            at = at.below(step, inner)
            if let own = self.byPlace["\(at.document)#\(at.pointer)"] { at = self.resources[own].root }
        }
        return at
    }
}
