// SPDX-License-Identifier: Apache-2.0
// Conditions and templates against the schemas of the events that a route takes. Something is said only where it holds
// for every event that may come.

internal import HookCore
internal import YAMLBridge

struct SchemaLint {
    let book: SchemaBook
    let trees: SourceTrees
    let report: (Diagnostic) -> Void

    func check(_ routes: [RouteSpec]) {
        guard !self.book.isEmpty else { return }
        for route in routes {
            self.checkTypes(route)
            let schemas = self.book.schemas(of: route.events)
            guard !schemas.isEmpty else { continue }
            let context = ["route \(route.name)"]
            self.check([route.match], schemas, context)
            // Targets of a route that aggregates see what its windows become.
            if route.hasOwnView || route.aggregate != nil { continue }
            switch route.targets {
            case .list(let targets): self.check(targets, schemas, [route.match], context)
            case .cases(let cases):
                for item in cases {
                    self.check([item.match], schemas, context + ["case \(item.name)"], beside: [route.match])
                    self.check(item.targets, schemas, [route.match, item.match], context + ["case \(item.name)"])
                }
            }
        }
    }

    private func check(
        _ targets: [TargetSpec], _ schemas: [SchemaBook.Named], _ outer: [Condition?], _ context: [String]
    ) {
        for (place, target) in targets.enumerated() {
            self.check([target.match], schemas, context + ["\(Ordinal.text(place)) target"], beside: outer)
        }
    }

    /// A type that the catalogue does not have, and nearly has.
    private func checkTypes(_ route: RouteSpec) {
        for pattern in route.events where !pattern.type.utf8.contains(UInt8(ascii: "*")) {
            guard !self.book.declares(pattern.type),
                let near = NearestName.to(pattern.type, among: self.book.typeNames)
            else { continue }
            let mark = self.trees.node(["event"], below: route.mark)?.at.narrowed(
                to: pattern.type, in: self.trees.bytes(route.mark.file))
            self.report(
                Diagnostic(
                    "route/unknown-event", .warning, at: mark ?? route.mark, "the catalogue has no \"\(pattern.type)\"",
                    hint: "did you mean \"\(near)\"?", notes: [Diagnostic.Note("route \(route.name)")],
                    fix: mark.map { Diagnostic.Fix(at: $0, near) }))
        }
    }

    private func check(
        _ conditions: [Condition?], _ schemas: [SchemaBook.Named], _ context: [String], beside outer: [Condition?] = []
    ) {
        let check = ConditionSchemaCheck(
            schemas: schemas, trees: self.trees, note: context.joined(separator: ", "), report: self.report)
        for condition in conditions.compactMap({ $0 }) {
            check.check(condition, below: [])
            check.checkTogether((outer.compactMap { $0 } + [condition]), last: condition)
        }
    }
}

/// One map of conditions against the schemas.
struct ConditionSchemaCheck {
    let schemas: [SchemaBook.Named]
    let trees: SourceTrees
    let note: String
    let report: (Diagnostic) -> Void

    /// - Parameter base: keys of the array whose elements the paths start at.
    func check(_ condition: Condition, below base: [JSONSchema.Key]) {
        switch condition {
        case .and(let parts), .or(let parts): for part in parts { self.check(part, below: base) }
        case .not(let part): self.check(part, below: base)
        case .field(let path, let test, let mark):
            guard path.root == .data, let mark else { return }
            self.check(path, base + path.keys.map { .name($0) }, test, at: mark)
        }
    }

    private func check(_ path: FieldPath, _ keys: [JSONSchema.Key], _ test: ValueTest, at mark: Mark) {
        let answers = self.schemas.map { $0.schema.look(up: keys) }
        if let missing = self.missing(answers) {
            self.reportMissing(path, keys, missing, at: mark)
            return
        }
        var places: [(schema: JSONSchema, place: JSONSchema.Place, keys: [JSONSchema.Key])] = []
        for (named, answer) in zip(self.schemas, answers) {
            guard case .found(let place) = answer else { return }
            places.append((named.schema, place, keys))
        }
        self.check(test, SchemaValues(places), path, keys, at: mark)
    }

    // MARK: Paths

    private func missing(_ answers: [JSONSchema.Answer]) -> (at: Int, known: [String])? {
        var first: (at: Int, known: [String])?
        for answer in answers {
            guard case .missing(let at, let known, _) = answer else { return nil }
            if first == nil || at > (first?.at ?? 0) { first = (at, known) }
        }
        return first
    }

    private func reportMissing(
        _ path: FieldPath, _ keys: [JSONSchema.Key], _ missing: (at: Int, known: [String]), at mark: Mark
    ) {
        guard keys.indices.contains(missing.at), case .name(let key) = keys[missing.at] else { return }
        let near = NearestName.to(key, among: missing.known)
        let place = mark.narrowed(to: key, in: self.trees.bytes(mark.file))
        let known = missing.known.prefix(8).joined(separator: ", ") + (missing.known.count > 8 ? ", …" : "")
        self.report(
            Diagnostic(
                "schema/unknown-path", .warning, at: place,
                "the schema of \(self.schemas[0].name) has no \"\(key)\" here",
                hint: near.map { "did you mean \"\($0)\"?" } ?? (known.isEmpty ? nil : "it has \(known)"),
                notes: [Diagnostic.Note(self.note)], fix: near.map { Diagnostic.Fix(at: place, $0) }))
    }

    // MARK: Values

    private func check(
        _ test: ValueTest, _ values: SchemaValues, _ path: FieldPath, _ keys: [JSONSchema.Key], at mark: Mark
    ) {
        switch test {
        case .allOf(let tests), .anyOf(let tests):
            for part in tests { self.check(part, values, path, keys, at: mark) }
        case .not(let inner): self.check(inner, values, path, keys, at: mark)
        case .elements(_, let element): self.check(element, values, path, keys, at: mark)
        case .exists(let isWanted):
            guard values.isRequired, keys.count == path.keys.count else { return }
            self.warn(
                isWanted ? "match/always" : "match/never", mark,
                "the schema of \(self.schemas[0].name) requires \(path)", "remove the condition")
        default:
            guard let problem = values.problem(with: test) else { return }
            let place = self.place(of: test, at: mark)
            self.warn(
                problem.isKind ? "schema/type" : "schema/value", place,
                "\(path) is \(problem.found), never \(test.words)",
                problem.near.map { "did you mean \"\($0)\"?" } ?? "see the schema of \(self.schemas[0].name)",
                fix: problem.near)
        }
    }

    private func check(
        _ element: ElementTest, _ values: SchemaValues, _ path: FieldPath, _ keys: [JSONSchema.Key], at mark: Mark
    ) {
        guard values.mayBeArray else {
            self.warn(
                "schema/type", mark, "\(path) is \(values.words), never an array",
                "any, all and none ask elements of an array")
            return
        }
        switch element {
        case .value(let test): self.check(path, keys + [.element], test, at: mark)
        case .object(let condition): self.check(condition, below: keys + [.element])
        }
    }

    /// The value in the file, where it stands there once.
    private func place(of test: ValueTest, at mark: Mark) -> Mark {
        guard let node = self.trees.entry(at: mark)?.value, let text = test.operandText else { return mark }
        return Self.scalar(text, in: node)?.at ?? mark
    }

    private static func scalar(_ text: String, in node: YAMLNode) -> YAMLNode? {
        switch node.content {
        case .scalar: node.raw == text ? node : nil
        case .sequence(let items): items.lazy.compactMap { self.scalar(text, in: $0) }.first
        case .mapping(let entries): entries.lazy.compactMap { self.scalar(text, in: $0.value) }.first
        }
    }

    private func warn(_ code: String, _ mark: Mark, _ message: String, _ hint: String, fix: String? = nil) {
        self.report(
            Diagnostic(
                code, .warning, at: mark, message, hint: hint, notes: [Diagnostic.Note(self.note)],
                fix: fix.map { Diagnostic.Fix(at: mark, $0) }))
    }

    // MARK: Several conditions on one path

    /// Tests in different places that ask one value, where the schema says that there is only one.
    func checkTogether(_ conditions: [Condition], last: Condition) {
        var tests: [FieldPath: [(test: ValueTest, mark: Mark?)]] = [:]
        func collect(_ condition: Condition) {
            switch condition {
            case .and(let parts): parts.forEach(collect)
            case .field(let path, let test, let mark): tests[path, default: []].append((test, mark))
            case .or, .not: break
            }
        }
        conditions.forEach(collect)
        for (path, tests) in tests.sorted(by: { "\($0.key)" < "\($1.key)" })
        where tests.count > 1 && self.isSingle(path) {
            let flat = tests.flatMap { item -> [(test: ValueTest, mark: Mark?)] in
                if case .allOf(let parts) = item.test { return parts.map { ($0, item.mark) } }
                return [item]
            }
            guard let conflict = Contradiction.first(in: flat.map(\.test)),
                flat[conflict.one].mark != flat[conflict.two].mark
            else { continue }
            self.report(
                Diagnostic(
                    "match/contradiction", .warning, at: flat[conflict.two].mark,
                    conflict.message + ": \(path) is one value",
                    hint: "change one of the two",
                    notes: [
                        Diagnostic.Note("the other condition", at: flat[conflict.one].mark), Diagnostic.Note(self.note),
                    ]))
        }
    }

    /// Whether the path reaches one value at most.
    private func isSingle(_ path: FieldPath) -> Bool {
        switch path.root {
        case .data:
            return self.schemas.allSatisfy { named in
                if case .found(let place) = named.schema.look(up: path.keys.map { .name($0) }) {
                    return !place.mayBeSeveral
                }
                return false
            }
        case .headers, .query: return false
        default: return true
        }
    }
}
