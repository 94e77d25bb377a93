// SPDX-License-Identifier: Apache-2.0
// A schema and an event side by side. Most events are valid, so the first walk only says yes or no and stops at the
// first no; why an event is invalid is found out by a second walk, which events that pass never pay for.

/// One walk over one event.
///
/// - Bounds: `steps` and `depth`; an event that runs out of them is not valid.
/// - Isolation: confined to one call.
@safe struct SchemaRun {
    /// Schemas inside of schemas, for one value or for values inside of it.
    static let depthMax = 1_000
    static let violationsMax = 20

    let program: SchemaProgram
    let tables: SchemaTables
    let document: JSONDocument
    let text: UnsafePointer<UInt8>
    let tape: UnsafePointer<JSONNode>
    /// What the walk may still cost: one for each schema and value, and for each character that a pattern looks at.
    var steps: Int
    private var depth = 0
    /// Resources on the way, outermost first; kept only for schemas with dynamic references.
    private var scope: [Int32] = []
    private let isDynamic: Bool
    /// Children that some keyword has judged, for each schema with `unevaluated…` on the way.
    var watched: [[Bool]] = []
    /// Why, where that is asked.
    var violations: [(node: Int32, keyword: String, at: Int, detail: String)] = []
    let explains: Bool
    /// Inside of alternatives, whose failures are no failures.
    var quiet = 0
    private(set) var isExhausted = false

    init(
        _ program: SchemaProgram, _ document: JSONDocument, text: UnsafePointer<UInt8>, tape: UnsafePointer<JSONNode>,
        explains: Bool
    ) {
        self.program = program
        self.tables = program.tables
        self.document = document
        unsafe self.text = text
        unsafe self.tape = tape
        self.explains = explains
        self.isDynamic = !program.dynamicTargets.isEmpty
        self.steps = 1_000_000 + 64 * document.nodes.count + 16 * document.bytes.count
    }

    /// HOT: whether the value at a tape index passes a schema.
    ///
    /// - Parameter watch: index into ``watched`` of the value's own list; -1 where nobody watches.
    mutating func check(_ number: Int32, _ at: Int, _ watch: Int) -> Bool {
        if number == SchemaNode.always { return true }
        self.steps -= 1
        guard self.steps >= 0, self.depth < Self.depthMax else {
            self.exhaust(number, at)
            return false
        }
        let node = unsafe self.tables.nodes.address(of: number)
        let kind = unsafe self.tape[at].kind
        guard unsafe node.pointee.kinds >> kind.rawValue & 1 == 1 else {
            unsafe self.failType(number, node.pointee, at)
            return false
        }
        if unsafe node.pointee.isBare { return true }
        self.depth += 1
        let holds =
            if self.isDynamic {
                unsafe self.checkInScope(number, node, kind, at, watch)
            } else {
                unsafe self.checkRules(number, node, kind, at, watch)
            }
        self.depth -= 1
        return holds
    }

    private mutating func checkInScope(
        _ number: Int32, _ node: UnsafePointer<SchemaNode>, _ kind: JSONKind, _ at: Int, _ watch: Int
    ) -> Bool {
        let resource = unsafe node.pointee.resource
        let isNew = self.scope.last != resource
        if isNew { self.scope.append(resource) }
        defer { if isNew { self.scope.removeLast() } }
        return unsafe self.checkRules(number, node, kind, at, watch)
    }

    private mutating func checkRules(
        _ number: Int32, _ node: UnsafePointer<SchemaNode>, _ kind: JSONKind, _ at: Int, _ outer: Int
    ) -> Bool {
        if unsafe node.pointee.isWatching, kind == .object || kind == .array {
            return unsafe self.checkWatching(number, node, kind, at, outer)
        }
        let isValid = unsafe self.checkKind(number, node, kind, at, outer)
        let logic = unsafe node.pointee.logic
        guard logic >= 0, isValid || self.goesOn else { return isValid }
        return self.checkLogic(number, logic, at, outer) && isValid
    }

    /// A schema with `unevaluated…` has a list of its own of what was judged, and hands it on where it holds.
    private mutating func checkWatching(
        _ number: Int32, _ node: UnsafePointer<SchemaNode>, _ kind: JSONKind, _ at: Int, _ outer: Int
    ) -> Bool {
        unsafe self.watched.append([Bool](repeating: false, count: Int(self.tape[at].count)))
        let watch = self.watched.count - 1
        var isValid = unsafe self.checkKind(number, node, kind, at, watch)
        let logic = unsafe node.pointee.logic
        if logic >= 0, isValid || self.goesOn {
            let holds = self.checkLogic(number, logic, at, watch)
            isValid = isValid && holds
        }
        if isValid { isValid = unsafe self.checkUnevaluated(number, node.pointee, kind, at, watch) }
        let own = self.watched.removeLast()
        if isValid, outer >= 0 {
            for (place, isSeen) in own.enumerated() where isSeen { self.watched[outer][place] = true }
        }
        return isValid
    }

    @inline(__always)
    private mutating func checkKind(
        _ number: Int32, _ node: UnsafePointer<SchemaNode>, _ kind: JSONKind, _ at: Int, _ watch: Int
    ) -> Bool {
        switch kind {
        case .number:
            return unsafe self.checkNumber(number, node, at)
        case .string:
            let rules = unsafe node.pointee.string
            return unsafe rules < 0 || self.checkString(number, self.tables.strings.address(of: rules), at)
        case .array:
            let rules = unsafe node.pointee.array
            return unsafe rules < 0 || self.checkArray(number, self.tables.arrays.address(of: rules), at, watch)
        case .object:
            let rules = unsafe node.pointee.object
            return unsafe rules < 0 || self.checkObject(number, self.tables.objects.address(of: rules), at, watch)
        case .null, .true, .false: return true
        }
    }

    // MARK: Logic

    private mutating func checkLogic(_ number: Int32, _ place: Int32, _ at: Int, _ watch: Int) -> Bool {
        let rules = self.tables.logics[place]
        var isValid = true
        if rules.hasValues, !self.isAmong(rules, at) {
            let detail = self.goesOn ? self.wanted(rules) : ""
            if self.fail(number, rules.values.count == 1 ? "const" : "enum", at, detail) { return false }
            isValid = false
        }
        if rules.reference >= 0, !self.check(rules.reference, at, watch) {
            isValid = false
            if !self.goesOn { return false }
        }
        if rules.dynamicDefault >= 0, !self.check(self.dynamicTarget(rules), at, watch) {
            isValid = false
            if !self.goesOn { return false }
        }
        for item in Int(rules.all.first)..<Int(rules.all.first + rules.all.count) {
            guard !self.check(self.tables.lists[item], at, watch) else { continue }
            isValid = false
            if !self.goesOn { return false }
        }
        if rules.any.count > 0, !self.checkAny(number, rules.any, at, watch) {
            isValid = false
            if !self.goesOn { return false }
        }
        if rules.one.count > 0, !self.checkOne(number, rules.one, at, watch) {
            isValid = false
            if !self.goesOn { return false }
        }
        if rules.not >= 0, self.tries(rules.not, at, -1) {
            if self.fail(number, "not", at, "is what the schema excludes") { return false }
            isValid = false
        }
        if rules.condition >= 0 {
            let next = self.tries(rules.condition, at, watch) ? rules.then : rules.otherwise
            if next >= 0, !self.check(next, at, watch) { isValid = false }
        }
        return isValid
    }

    /// The outermost resource on the way that has the anchor.
    private func dynamicTarget(_ rules: SchemaLogicRules) -> Int32 {
        guard rules.dynamic >= 0 else { return rules.dynamicDefault }
        let targets = self.program.dynamicTargets[Int(rules.dynamic)]
        for resource in self.scope {
            if let target = targets[resource] { return target }
        }
        return rules.dynamicDefault
    }

    /// Whether a schema would hold; what it has judged counts only then, and what it finds wrong never.
    mutating func tries(_ schema: Int32, _ at: Int, _ watch: Int) -> Bool {
        self.quiet += 1
        defer { self.quiet -= 1 }
        guard watch >= 0 else { return self.check(schema, at, -1) }
        let before = self.watched[watch]
        let holds = self.check(schema, at, watch)
        if !holds { self.watched[watch] = before }
        return holds
    }

    private mutating func checkAny(_ number: Int32, _ list: SchemaList, _ at: Int, _ watch: Int) -> Bool {
        var holds = false
        for item in Int(list.first)..<Int(list.first + list.count) where self.tries(self.tables.lists[item], at, watch)
        {
            holds = true
            // Where somebody watches, every alternative that holds counts.
            if watch < 0 { return true }
        }
        if !holds {
            self.explainAlternatives(number, "anyOf", list, at)
        }
        return holds
    }

    private mutating func checkOne(_ number: Int32, _ list: SchemaList, _ at: Int, _ watch: Int) -> Bool {
        var count = 0
        for item in Int(list.first)..<Int(list.first + list.count) where self.tries(self.tables.lists[item], at, watch)
        {
            count += 1
            if count > 1, !self.goesOn { return false }
        }
        if count == 0 { self.explainAlternatives(number, "oneOf", list, at) }
        if count > 1 { _ = self.fail(number, "oneOf", at, "passes \(count) alternatives, of which only one may hold") }
        return count == 1
    }

    /// Where only one alternative is for this kind of value, what that one misses says more than that none holds.
    private mutating func explainAlternatives(_ number: Int32, _ keyword: String, _ list: SchemaList, _ at: Int) {
        guard self.goesOn else { return }
        let kind = unsafe self.tape[at].kind
        let fitting = self.items(list).filter {
            self.tables.nodes[Int(self.behindReferences($0))].kinds >> kind.rawValue & 1 == 1
        }
        _ = self.fail(number, keyword, at, "fits none of the \(list.count) alternatives")
        if fitting.count == 1 { _ = self.check(fitting[0], at, -1) }
    }

    /// The schema at the end of a chain of references, for its types.
    private func behindReferences(_ number: Int32) -> Int32 {
        var at = number
        for _ in 0..<8 {
            let node = self.tables.nodes[Int(at)]
            guard node.kinds == SchemaNode.allKinds, node.logic >= 0 else { return at }
            let next = self.tables.logics[Int(node.logic)].reference
            guard next >= 0 else { return at }
            at = next
        }
        return at
    }

    func items(_ list: SchemaList) -> [Int32] { (list.first..<list.first + list.count).map { self.tables.lists[$0] } }

    // MARK: Findings

    /// Whether the walk goes on behind a failure, to find others.
    var goesOn: Bool { self.explains && self.quiet == 0 && self.violations.count < Self.violationsMax }

    /// Notes a failure; true where the walk ends with it.
    mutating func fail(_ number: Int32, _ keyword: String, _ at: Int, _ detail: @autoclosure () -> String) -> Bool {
        guard self.goesOn else { return true }
        self.violations.append((number, keyword, at, detail()))
        return !self.goesOn
    }

    private mutating func failType(_ number: Int32, _ node: SchemaNode, _ at: Int) {
        guard self.goesOn else { return }
        if node.kinds == 0 {
            _ = self.fail(number, "false", at, "is not allowed here")
        } else {
            let found = unsafe self.tape[at].kind.words
            _ = self.fail(number, "type", at, "is \(found); the schema wants \(node.kindWords)")
        }
    }

    private mutating func exhaust(_ number: Int32, _ at: Int) {
        self.isExhausted = true
        _ = self.fail(number, "budget", at, "costs more to check than an event may cost")
    }
}

extension SchemaProgram {
    /// HOT: whether the value at a tape index passes.
    ///
    /// - Complexity: about one step for each value and each schema in force there; bounded by a budget of steps, beyond
    ///   which the value does not pass.
    package func isValid(_ document: JSONDocument, at node: Int = 0) -> Bool {
        self.run(document, explains: false) { run in run.check(self.root, node, -1) }
    }

    /// At most 20 places where a value breaks the schema; none where it passes.
    package func violations(_ document: JSONDocument, at node: Int = 0) -> [SchemaViolation] {
        self.run(document, explains: true) { run in
            guard !run.check(self.root, node, -1) else { return [] }
            return run.violations.map { found in
                SchemaViolation(
                    pointer: document.pointer(to: found.at), keyword: found.keyword,
                    rule: "\(self.locations[Int(found.node)])\(found.keyword == "false" ? "" : "/\(found.keyword)")",
                    detail: found.detail)
            }
        }
    }

    private func run<Result>(
        _ document: JSONDocument, explains: Bool, _ body: (inout SchemaRun) -> Result
    ) -> Result {
        unsafe document.bytes.withUnsafeBufferPointer { text in
            unsafe document.nodes.withUnsafeBufferPointer { tape in
                guard let text = text.baseAddress, let tape = tape.baseAddress else {
                    preconditionFailure("a document has at least one node")
                }
                var run = unsafe SchemaRun(self, document, text: text, tape: tape, explains: explains)
                return body(&run)
            }
        }
    }
}

extension JSONKind {
    var words: String {
        switch self {
        case .null: "null"
        case .false, .true: "a truth value"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension SchemaNode {
    var kindWords: String {
        var words: [String] = []
        for kind in [JSONKind.null, .true, .number, .string, .array, .object]
        where self.kinds >> kind.rawValue & 1 == 1 {
            words.append(kind == .number && self.isWhole ? "a whole number" : kind.words)
        }
        return words.joined(separator: " or ")
    }
}
