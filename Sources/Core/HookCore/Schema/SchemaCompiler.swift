// SPDX-License-Identifier: Apache-2.0
// From the text of a schema to ``SchemaProgram``: every schema that is reached from the root, once.

/// One compilation.
///
/// - Bounds: a schema of a document has at most the nesting that JSON may have; references are followed once each.
struct SchemaCompiler {
    /// Schemas that one program may have: more is no description of an event.
    static let nodesMax = 50_000

    let library: SchemaLibrary
    var draft = SchemaDraft()
    private var numbers: [String: Int32] = [:]
    private var pending: [(node: Int32, place: SchemaPlace)] = []
    var constants: [JSONValue] = []
    private var patternNumbers: [String: Int32] = [:]
    /// Dynamic anchors by name, and which of their places are compiled.
    private var dynamicNames: [String: Int32] = [:]
    /// Schemas in force at the same place as another, for finding circles.
    private var alongside: [Int32: [Int32]] = [:]
    private var places: [Int32: SchemaPlace] = [:]

    private init(_ library: SchemaLibrary) { self.library = library }

    /// Compiles the schema of a document.
    ///
    /// - Parameter uri: where the document is; relative references start from it.
    static func compile(
        _ document: SchemaDocument, uri: String, fetch: @escaping (String) -> SchemaDocument?
    ) throws(SchemaFailures) -> SchemaProgram {
        let library = SchemaLibrary(fetch: fetch)
        let root = library.add(document, uri: uri)
        var compiler = SchemaCompiler(library)
        let entry = compiler.number(of: root)
        compiler.run()
        compiler.findCircles()
        guard library.failures.isEmpty else { throw SchemaFailures(list: library.failures) }
        // What was parsed once is written and parsed again: constants then stand on a tape, as events do.
        guard
            let constants = try? JSONDocument(
                parsing: JSONValue.array(compiler.constants).encoded(), limits: JSONLimits(depthMax: 130))
        else {
            throw SchemaFailures(list: [
                SchemaFailure(document: document.name, pointer: "", message: "a constant is nested too deep")
            ])
        }
        compiler.link(constants)
        return SchemaProgram(compiler.draft, root: entry, constants: constants)
    }

    // MARK: Schemas

    /// The node of a schema, compiled later.
    mutating func number(of place: SchemaPlace) -> Int32 {
        switch place.value {
        case .bool(true): return SchemaNode.always
        case .object(let members) where members.isEmpty: return SchemaNode.always
        default: break
        }
        let key = "\(place.document)#\(place.pointer)"
        if let known = self.numbers[key] { return known }
        let node = Int32(self.draft.nodes.count)
        self.draft.nodes.append(SchemaNode())
        self.draft.locations.append("\(self.library.names[place.document])#\(place.pointer)")
        // A schema with an `$id` is a resource of its own, wherever it stands.
        let place = self.library.root(at: key) ?? place
        self.numbers[key] = node
        self.places[node] = place
        self.pending.append((node, place))
        return node
    }

    private mutating func run() {
        var dynamicDone = 0
        while true {
            while let (node, place) = self.pending.popLast() {
                guard self.draft.nodes.count <= Self.nodesMax else {
                    self.library.fail(place, "the schema and what it refers to have more than \(Self.nodesMax) parts")
                    return
                }
                let made = self.node(place, node)
                self.draft.nodes[Int(node)] = made
            }
            // A dynamic reference may end in every resource that has been read, and those may bring others.
            self.openDynamicTargets()
            let done = self.draft.nodes.count + self.library.resources.count
            if done == dynamicDone { return }
            dynamicDone = done
        }
    }

    private mutating func node(_ place: SchemaPlace, _ number: Int32) -> SchemaNode {
        let resource = self.library.resources[place.resource]
        var node = SchemaNode()
        node.resource = Int32(place.resource)
        guard case .object(let members) = place.value else {
            if case .bool = place.value {
                node.kinds = 0
            } else {
                self.library.fail(place, "a schema is an object, true or false", hint: "{\"type\": \"string\"}")
            }
            return node
        }
        var keywords = SchemaKeywords(members, place)
        // Draft-07 ignores everything beside a reference.
        if resource.dialect.draft == .draft7, let reference = keywords.take("$ref") {
            keywords = SchemaKeywords([JSONValue.Member("$ref", reference)], place)
        }
        let dialect = resource.dialect
        self.addTypes(&keywords, dialect, to: &node)
        self.addNumbers(&keywords, dialect, to: &node)
        self.addStrings(&keywords, dialect, to: &node)
        self.addArrays(&keywords, dialect, to: &node)
        self.addObjects(&keywords, dialect, to: &node, number)
        self.addLogic(&keywords, dialect, to: &node, number)
        node.isBare =
            !node.isWhole && !node.isWatching && node.number < 0 && node.string < 0 && node.array < 0 && node.object < 0
            && node.logic < 0
        return node
    }

    /// A keyword's schema; -1 where the keyword is not there.
    mutating func schema(_ keywords: inout SchemaKeywords, _ name: String) -> Int32 {
        guard let value = keywords.take(name) else { return SchemaNode.none }
        return self.number(of: keywords.place.below(name, value))
    }

    /// A keyword's list of schemas.
    mutating func schemas(_ keywords: inout SchemaKeywords, _ name: String) -> SchemaList {
        guard let value = keywords.take(name) else { return SchemaList() }
        guard let items = value.arrayValue, !items.isEmpty else {
            self.library.fail(keywords.place.below(name, value), "\(name) wants a list of schemas, at least one")
            return SchemaList()
        }
        let place = keywords.place.below(name, value)
        return self.list(items.enumerated().map { self.number(of: place.below("\($0.offset)", $0.element)) })
    }

    mutating func list(_ items: [Int32]) -> SchemaList {
        let first = Int32(self.draft.lists.count)
        self.draft.lists += items
        return SchemaList(first: first, count: Int32(items.count))
    }

    /// An element of the constants; ``link(_:)`` makes a tape index of it.
    mutating func constant(_ value: JSONValue) -> Int32 {
        self.constants.append(value)
        return Int32(self.constants.count - 1)
    }

    mutating func pattern(_ text: String, at place: SchemaPlace) -> Int32 {
        if let known = self.patternNumbers[text] { return known }
        do throws(TextPatternFailure) {
            self.draft.patterns.append(try TextPattern(text))
            let number = Int32(self.draft.patterns.count - 1)
            self.patternNumbers[text] = number
            return number
        } catch {
            self.library.fail(
                place, "the pattern is refused at character \(error.offset + 1): \(error.message)", hint: error.hint)
            return -1
        }
    }

    // MARK: References

    mutating func reference(_ keywords: inout SchemaKeywords) -> Int32 {
        guard let text = self.text(&keywords, "$ref"),
            let target = self.library.target(of: text, from: keywords.place.below("$ref", .null))
        else { return SchemaNode.none }
        return self.number(of: target.place)
    }

    mutating func dynamicReference(_ keywords: inout SchemaKeywords, _ rules: inout SchemaLogicRules) {
        guard let text = self.text(&keywords, "$dynamicRef"),
            let target = self.library.target(of: text, from: keywords.place.below("$dynamicRef", .null))
        else { return }
        rules.dynamicDefault = self.number(of: target.place)
        guard let anchor = target.dynamicAnchor else {
            // Without a dynamic anchor at its end it is a reference like every other.
            if rules.reference < 0 {
                rules.reference = rules.dynamicDefault
                rules.dynamicDefault = SchemaNode.none
            }
            return
        }
        let name = self.dynamicNames[anchor] ?? Int32(self.dynamicNames.count)
        self.dynamicNames[anchor] = name
        rules.dynamic = name
    }

    private mutating func openDynamicTargets() {
        var targets = [[Int32: Int32]](repeating: [:], count: self.dynamicNames.count)
        for (anchor, name) in self.dynamicNames {
            for (number, resource) in self.library.resources.enumerated() where resource.dynamicAnchors.contains(anchor)
            {
                guard let place = resource.anchors[anchor] else { continue }
                targets[Int(name)][Int32(number)] = self.number(of: place)
            }
        }
        self.draft.dynamicTargets = targets
    }

    func text(_ keywords: inout SchemaKeywords, _ name: String) -> String? {
        guard let value = keywords.take(name) else { return nil }
        guard let text = value.stringValue else {
            self.library.fail(keywords.place.below(name, value), "\(name) wants a text")
            return nil
        }
        return text
    }

    // MARK: At the end

    /// Notes that `inner` judges the same value as `outer`.
    mutating func stand(_ inner: Int32, alongside outer: Int32) {
        if inner > SchemaNode.never { self.alongside[outer, default: []].append(inner) }
    }

    /// A schema that leads back to itself without a step into the value would never end.
    private func findCircles() {
        var state: [Int32: Bool] = [:]
        for start in self.alongside.keys.sorted() where state[start] == nil {
            // Nodes with the position of the next of their neighbours: depth first, without recursion.
            var path: [(node: Int32, next: Int)] = [(start, 0)]
            state[start] = false
            while let (node, next) = path.last {
                let inner = self.alongside[node] ?? []
                guard next < inner.count else {
                    state[node] = true
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                switch state[inner[next]] {
                case nil:
                    state[inner[next]] = false
                    path.append((inner[next], 0))
                case false?:
                    if let place = self.places[node] {
                        self.library.fail(
                            place, "this schema refers to itself without a step into the value: it would never end",
                            hint: "let the reference stand below properties or items")
                    }
                case true?: break
                }
            }
        }
    }

    /// Turns numbers of constants into places on their tape, and parses the bounds of numbers.
    private mutating func link(_ constants: JSONDocument) {
        let places = constants.children(of: 0).map { Int32($0) }
        func place(_ number: Int32) -> Int32 { number < 0 ? number : places[Int(number)] }
        for at in self.draft.numbers.indices {
            self.draft.numbers[at].minimum = place(self.draft.numbers[at].minimum)
            self.draft.numbers[at].exclusiveMinimum = place(self.draft.numbers[at].exclusiveMinimum)
            self.draft.numbers[at].maximum = place(self.draft.numbers[at].maximum)
            self.draft.numbers[at].exclusiveMaximum = place(self.draft.numbers[at].exclusiveMaximum)
            self.draft.numbers[at].narrow(constants)
        }
        for at in self.draft.logics.indices {
            let list = self.draft.logics[at].values
            for item in Int(list.first)..<Int(list.first + list.count) {
                self.draft.lists[item] = place(self.draft.lists[item])
            }
        }
        for at in self.draft.objects.indices {
            let list = self.draft.objects[at].dependents
            for item in stride(from: Int(list.first), to: Int(list.first + list.count), by: 3) {
                self.draft.lists[item] = place(self.draft.lists[item])
                self.draft.lists[item + 2] = place(self.draft.lists[item + 2])
            }
        }
    }
}

/// Everything that is wrong with a schema.
package struct SchemaFailures: Error, Sendable {
    package let list: [SchemaFailure]
}

/// The members of one schema.
struct SchemaKeywords {
    private let members: [JSONValue.Member]
    let place: SchemaPlace

    init(_ members: [JSONValue.Member], _ place: SchemaPlace) {
        self.members = members
        self.place = place
    }

    func take(_ name: String) -> JSONValue? {
        self.members.last { $0.key.utf8.elementsEqual(name.utf8) }?.value
    }
}

extension SchemaNumberRules {
    /// The bounds as whole numbers, where they are such.
    mutating func narrow(_ constants: JSONDocument) {
        if self.divisor > 0 { self.isPlain = false }
        func whole(_ place: Int32) -> Int64? {
            guard place >= 0 else { return nil }
            let text = constants.text(of: Int(place))
            guard text.count <= 18, case .integer(let value) = JSONNumber(text: text),
                text.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 == UInt8(ascii: "-") })
            else {
                self.isPlain = false
                return nil
            }
            return value
        }
        if let bound = whole(self.minimum) { self.low = bound }
        if let bound = whole(self.exclusiveMinimum) { self.low = max(self.low, bound + 1) }
        if let bound = whole(self.maximum) { self.high = bound }
        if let bound = whole(self.exclusiveMaximum) { self.high = min(self.high, bound - 1) }
    }
}
