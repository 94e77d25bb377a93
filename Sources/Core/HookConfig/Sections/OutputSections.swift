// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// `pick`, `omit`, `rename`, `set` and `format` while they are read; the same on routes, cases and targets.
struct OutputDraft: Sendable {
    var pick: [StepPath] = []
    var omit: [StepPath] = []
    var rename: [RenameDraft] = []
    var set: [SetDraft] = []
    var format: OutputFormat?

    static let fields: [Field<OutputDraft>] = [
        Field(
            "pick", .oneOrMore(.stepPath), \.pick,
            "Paths of the body that stay, all others go. Steps run behind the transform: pick, omit, rename, set."),
        Field("omit", .oneOrMore(.stepPath), \.omit, "Paths of the body that go."),
        Field("rename", .renames, \.rename, "Paths of the body, each with the new name of its last key."),
        Field("set", .settings, \.set, "Paths of the body, each with its value: text with {path}, or any YAML."),
        Field("format", .word, \.format, default: "the destination's, or as it is", "What the body is sent as."),
    ]

    /// The steps as one layer, what contradicts itself reported.
    func spec(_ checker: Checker) -> OutputSpec {
        OutputSpec(steps: self.steps(checker).map { [$0] } ?? [], format: self.format)
    }

    private func steps(_ checker: Checker) -> ReshapeSpec? {
        if self.pick.isEmpty && self.omit.isEmpty && self.rename.isEmpty && self.set.isEmpty { return nil }
        StepChecks(draft: self, checker: checker).check()
        var spec = ReshapeSpec()
        spec.pick = Self.tree(self.pick.map { ($0.keys, .chosen) })
        spec.omit = Self.tree(self.omit.map { ($0.keys, .chosen) })
        spec.rename = Self.tree(self.rename.map { ($0.path.keys, .renamed($0.name)) })
        spec.set = Self.tree(self.set.map { ($0.path.keys, .set($0.value)) })
        spec.steps =
            self.pick.map { .init(.pick, $0.keys, mark: $0.mark) }
            + self.omit.map { .init(.omit, $0.keys, mark: $0.mark) }
            + self.rename.map { .init(.rename, $0.path.keys, value: $0.name, mark: $0.path.mark) }
            + self.set.map { .init(.set, $0.path.keys, value: $0.text, mark: $0.path.mark) }
        return spec
    }

    private static func tree(_ ends: [([String], StepTree.End)]) -> StepTree? {
        if ends.isEmpty { return nil }
        return ends.reduce(into: StepTree()) { $0.add($1.0, $1.1) }
    }
}

/// `compress:` as a map.
struct CompressionDraft: Sendable {
    /// Below, the header costs more than the coding gains.
    var bytesMin = 1024

    static let section = Section<CompressionDraft>(
        title: "a compression", summary: "Bodies from a size on are sent with Content-Encoding: gzip.",
        fields: [
            Field("coding", .choice(["gzip"]), default: "gzip", "The content coding.") { _, _ in },
            Field("min", .bytes(0...1024 * 1024 * 1024), \.bytesMin, default: "1KiB", "Smaller bodies go as they are."),
        ])
}

/// A path below the body.
struct StepPath: Sendable {
    let keys: [String]
    let mark: Mark

    var text: String { FieldPath(.data, self.keys).description }

    /// Whether the other path is this one, or leads through it.
    func covers(_ other: StepPath) -> Bool { other.keys.starts(with: self.keys) }
}

struct RenameDraft: Sendable {
    let path: StepPath
    let name: String
    let mark: Mark
}

struct SetDraft: Sendable {
    let path: StepPath
    let value: StepValue
    /// As people read it.
    let text: String
}

extension Array where Element == TargetSpec {
    /// Puts the steps of what holds the targets before their own.
    mutating func put(behind outer: OutputSpec) {
        if outer.isPlain { return }
        for place in self.indices {
            self[place].output.steps = outer.steps + self[place].output.steps
            self[place].output.format = self[place].output.format ?? outer.format
        }
    }
}

extension RouteSpec.Targets {
    mutating func put(behind outer: OutputSpec) {
        switch self {
        case .list(var targets):
            targets.put(behind: outer)
            self = .list(targets)
        case .cases(var cases):
            for place in cases.indices { cases[place].targets.put(behind: outer) }
            self = .cases(cases)
        }
    }
}

extension Configuration {
    /// Targets without a format of their own take their destination's.
    mutating func applyDestinationFormats() {
        let formats = Dictionary(
            self.destinations.compactMap { spec in spec.format.map { (spec.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        if formats.isEmpty { return }
        for place in self.routes.indices { self.routes[place].targets.fillFormats(from: formats) }
    }
}

extension RouteSpec.Targets {
    fileprivate mutating func fillFormats(from formats: [DestinationName: OutputFormat]) {
        func filled(_ targets: [TargetSpec]) -> [TargetSpec] {
            targets.map { target in
                var target = target
                target.output.format = target.output.format ?? formats[target.destination]
                return target
            }
        }
        switch self {
        case .list(let targets): self = .list(filled(targets))
        case .cases(var cases):
            for place in cases.indices { cases[place].targets = filled(cases[place].targets) }
            self = .cases(cases)
        }
    }
}

extension Shape {
    /// `gzip`, or a map with the least size.
    static var compression: Shape<Int> {
        let start = CompressionDraft()
        let section = Shape<CompressionDraft>.section(CompressionDraft.section, from: start)
        return Shape<Int>(
            "gzip, or a map", example: "gzip", schema: ["anyOf": [["enum": ["gzip"]], section.schema]],
            sections: section.sections
        ) { node, checker in
            node.raw == "gzip" ? start.bytesMin : section.read(node, checker)?.bytesMin
        }
    }

    /// `data.customer.id`; through a list it reaches every element.
    static var stepPath: Shape<StepPath> {
        Shape<StepPath>("a path of the body", example: "data.customer.id", schema: ["type": "string"]) {
            node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            return checker.stepPath(text, node)
        }
    }

    static var renames: Shape<[RenameDraft]> {
        let map = Shape<[(key: YAMLNode, name: String, value: YAMLNode)]>.map(
            of: Shape<YAMLNode>("a name", example: "total", schema: ["type": "string"]) { node, _ in node },
            keys: "paths of the body")
        return Shape<[RenameDraft]>(map.expects, example: "{data.sum: total}", schema: map.schema) { node, checker in
            map.read(node, checker)?.compactMap { key, text, value in
                guard let path = checker.stepPath(text, key), let name = checker.newKey(value, of: path) else {
                    return nil
                }
                return RenameDraft(path: path, name: name, mark: value.at)
            }
        }
    }

    static var settings: Shape<[SetDraft]> {
        let map = Shape<[(key: YAMLNode, name: String, value: YAMLNode)]>.map(
            of: Shape<YAMLNode>("a value", example: "\"order {data.id}\"", schema: true) { node, _ in node },
            keys: "paths of the body")
        return Shape<[SetDraft]>(map.expects, example: "{data.kind: order}", schema: map.schema) { node, checker in
            map.read(node, checker)?.compactMap { key, text, node in
                guard let path = checker.stepPath(text, key), let value = checker.stepValue(node) else { return nil }
                return SetDraft(path: path, value: value, text: value.words)
            }
        }
    }
}

extension Checker {
    fileprivate func stepPath(_ text: String, _ node: YAMLNode) -> StepPath? {
        do throws(PathFailure) {
            let path = try PathParser.path(text)
            guard path.root == .data, !path.keys.isEmpty else {
                throw PathFailure(
                    message: "\"\(text)\" is no path below the body", hint: "steps change the body: data.\(text)")
            }
            return StepPath(keys: path.keys, mark: node.at)
        } catch {
            self.report("step/path", error, in: node)
            return nil
        }
    }

    /// A key, or the whole path with another last key.
    fileprivate func newKey(_ node: YAMLNode, of path: StepPath) -> String? {
        guard let text = Shape<String>.text.read(node, self) else { return nil }
        do throws(PathFailure) {
            let keys = try PathParser.segments(text)
            guard let last = keys.last else { return nil }
            if keys.count == 1 || keys.dropLast().elementsEqual(["data"] + path.keys.dropLast()) { return last }
            throw PathFailure(
                message: "\"\(text)\" stands somewhere else than \(path.text)",
                hint:
                    "rename gives the key another name in its place; to move a value write set: {\(text): \"{\(path.text)}\"} and omit"
            )
        } catch {
            self.report("step/path", error, in: node)
            return nil
        }
    }

    fileprivate func stepValue(_ node: YAMLNode) -> StepValue? {
        if let items = node.items {
            let values = items.compactMap { self.stepValue($0) }
            return values.count == items.count ? .list(values).folded : nil
        }
        if node.entries != nil {
            guard let entries = self.entries(of: node, expected: "a value") else { return nil }
            let members = entries.compactMap { key, entry in
                self.stepValue(entry.value).map { StepValue.Member(key, $0) }
            }
            return members.count == entries.count ? .object(members).folded : nil
        }
        self.warnIfAmbiguous(node)
        switch node.scalar {
        case .string(let text): return self.stepText(text, node)
        case .number(let text): return .literal(Array(text.utf8))
        case .bool(let value): return .literal(Array((value ? "true" : "false").utf8))
        case .null: return .literal(Array("null".utf8))
        default: return nil
        }
    }

    private func stepText(_ text: String, _ node: YAMLNode) -> StepValue? {
        do throws(PathFailure) {
            let template = try TemplateParser.template(text.utf8)
            if template.fields.isEmpty {
                let literal = template.parts.reduce(into: "") { if case .literal(let part) = $1 { $0 += part } }
                return .literal(JSONValue.string(literal).encoded())
            }
            if template.parts.count == 1, let path = template.fields.first { return .field(path) }
            return .text(template)
        } catch {
            self.report("template/syntax", error, in: node)
            return nil
        }
    }
}

extension StepValue {
    /// Parts without a hole are one text.
    fileprivate var folded: StepValue {
        switch self {
        case .list(let items):
            let texts = items.compactMap(\.literalText)
            guard texts.count == items.count else { return self }
            return .literal([UInt8(ascii: "[")] + Array(texts.joined(separator: [UInt8(ascii: ",")])) + [0x5D])
        case .object(let members):
            let texts = members.compactMap { member in
                member.value.literalText.map { JSONValue.string(member.key).encoded() + [UInt8(ascii: ":")] + $0 }
            }
            guard texts.count == members.count else { return self }
            return .literal([UInt8(ascii: "{")] + Array(texts.joined(separator: [UInt8(ascii: ",")])) + [0x7D])
        case .literal, .field, .text: return self
        }
    }

    private var literalText: [UInt8]? { if case .literal(let text) = self { text } else { nil } }

    /// A brace of a text is written twice, as in the file; so it is never taken for a hole.
    private static func words(_ json: String) -> String {
        guard json.utf8.first == UInt8(ascii: "\"") else { return json }
        return json.reduce(into: "") { $0 += $1 == "{" ? "{{" : $1 == "}" ? "}}" : "\($1)" }
    }

    /// As people read it: `"order {data.id}"`.
    var words: String {
        switch self {
        case .literal(let text): Self.words(String(decoding: text, as: UTF8.self))
        case .field(let path): "{\(path)}"
        case .text(let template):
            "\""
                + template.parts.map { part in
                    switch part {
                    case .literal(let text): text
                    case .field(let path): "{\(path)}"
                    }
                }.joined() + "\""
        case .list(let items): "[\(items.map(\.words).joined(separator: ", "))]"
        case .object(let members): "{\(members.map { "\($0.key): \($0.value.words)" }.joined(separator: ", "))}"
        }
    }
}
