// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// An `events:` entry while it is read.
struct CatalogueShape: Sendable {
    var summary: String?
    var description: String?
    var link: String?
    var versions: [(key: YAMLNode, name: String, value: VersionShape)] = []
    var converters: [(shape: ConverterShape, mark: Mark)] = []
    var validatesConversions = false

    static let section = Section<CatalogueShape>(
        title: "an event type", summary: "A type of the catalogue with its versions.",
        fields: [
            Field("summary", .text, \.summary, "One sentence."),
            Field("description", .text, \.description, "Free text for people."),
            Field(
                "versions", .map(of: .section(VersionShape.section, from: VersionShape()), keys: "version numbers"),
                \.versions, "Versions by number."),
            Field("link", .webLink, \.link, "Where people read about the type."),
            Field(
                "convert", .list(of: .converter), \.converters,
                "Scripts from one version to another; of several chains the shortest is taken."),
            Field(
                "validate_conversions", .boolean, \.validatesConversions, default: "false",
                "Whether a running router holds each step of a conversion against its schema; tests always do."),
        ])

    static func read(_ name: String, _ entry: YAMLNode.Entry, _ checker: Checker) -> EventTypeSpec? {
        var shape = CatalogueShape()
        guard Self.section.read(entry.value, into: &shape, checker) else { return nil }
        var type = EventTypeSpec(name: name, mark: entry.key.at)
        type.summary = shape.summary
        type.description = shape.description
        type.versions = shape.versions.compactMap { key, _, value in value.spec(key, checker) }
            .sorted { $0.number < $1.number }
        type.link = shape.link
        type.validatesConversions = shape.validatesConversions
        Self.checkCurrent(type, checker)
        type.converters = ConverterShape.converters(shape.converters, of: type, checker)
        return type
    }

    /// Where there are several versions, one of them is the one to use.
    private static func checkCurrent(_ type: EventTypeSpec, _ checker: Checker) {
        let marked = type.versions.filter(\.isCurrent)
        if marked.count > 1 {
            checker.report(
                "catalogue/current", at: marked[1].mark, "two versions of \(type.name) are current",
                hint: "leave one: new senders should know which to use",
                notes: [Diagnostic.Note("the other one", at: marked[0].mark)])
        } else if marked.isEmpty, type.versions.count > 1, let last = type.versions.last {
            checker.report(
                "catalogue/current", .warning, at: type.mark, "no version of \(type.name) is current",
                hint: "\(last.number), the highest, counts; say so: \(last.number): {…, current: true}")
        }
    }
}

struct VersionShape: Sendable {
    var schema: SchemaFileSpec?
    var isCurrent = false
    var deprecated: WallTime?
    var sunset: WallTime?
    var examples: [EventExampleSpec] = []
    var link: String?

    static let section = Section<VersionShape>(
        title: "a version", summary: "One version of an event type.",
        fields: [
            Field(
                "schema", .schemaFile, \.schema,
                "JSON Schema file of the body, beside this file; conditions, templates and scripts are checked against it."
            ),
            Field("current", .boolean, \.isCurrent, default: "false", "Whether new senders should use it."),
            Field("deprecated", .date, \.deprecated, "Day from which it is deprecated."),
            Field("sunset", .date, \.sunset, "Day on which it ends."),
            Field("link", .webLink, \.link, default: "the type's", "Where people read about the version."),
            Field(
                "examples", .list(of: .example), \.examples,
                "Bodies of this version: JSON files beside this file, or written out; checked against the schema."),
        ])

    func spec(_ key: YAMLNode, _ checker: Checker) -> EventVersionSpec? {
        let digits = Array((key.raw ?? "").utf8)
        guard (1...9).contains(digits.count), digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            digits.count == 1 || digits[0] != 0x30, let number = Int(String(decoding: digits, as: UTF8.self))
        else {
            checker.report(
                "config/type", at: key.at, "expected the number of a version, found \(key.found)",
                hint: "versions: {1: {schema: …}}")
            return nil
        }
        var version = EventVersionSpec(number: number, mark: key.at)
        version.schema = self.schema
        version.isCurrent = self.isCurrent
        version.deprecated = self.deprecated
        version.sunset = self.sunset
        version.examples = self.examples
        version.link = self.link
        for example in self.examples { checker.check(example, self.schema) }
        self.checkDates(number, at: key.at, checker)
        return version
    }

    private func checkDates(_ number: Int, at mark: Mark, _ checker: Checker) {
        if let deprecated = self.deprecated, let sunset = self.sunset, sunset <= deprecated {
            checker.report(
                "catalogue/sunset", at: mark, "version \(number) ends before its deprecation has begun",
                hint: "sunset is a later day than deprecated")
        }
        if self.isCurrent, self.deprecated != nil || self.sunset != nil {
            checker.report(
                "catalogue/current", .warning, at: mark, "version \(number) is current and on its way out",
                hint: "mark the version that follows it as current")
        }
    }
}

extension Shape {
    /// A JSON file beside the one that names it, or a value written out.
    static var example: Shape<EventExampleSpec> {
        Shape<EventExampleSpec>("a JSON file, or a map", example: "fixtures/order.json", schema: true) {
            node, checker in
            guard node.raw != nil else {
                return JSONFromYAML.value(node, checker).map {
                    EventExampleSpec(path: nil, value: $0, mark: node.at)
                }
            }
            return Shape<String>.text.read(node, checker).flatMap {
                checker.json(of: $0, at: node, "catalogue/example")
            }.map { EventExampleSpec(path: $0.path, value: $0.value, mark: node.at) }
        }
    }
}

extension Checker {
    /// Compiles a schema; what is wrong with it is reported where it is named, and shown where it stands.
    func program(of path: String, _ value: JSONValue, at mark: Mark) -> SchemaProgram? {
        do throws(SchemaFailures) {
            return try self.schemas.program(of: path, value)
        } catch {
            for failure in error.list.prefix(Self.failuresMax) {
                self.report(
                    "schema/invalid", at: mark, "the schema in \(failure.document) is refused: \(failure.message)",
                    hint: failure.hint,
                    notes: [Diagnostic.Note("here", at: self.place(failure.pointer, in: failure.document))])
            }
            return nil
        }
    }

    private static let failuresMax = 5

    /// An example has to be what its schema says.
    func check(_ example: EventExampleSpec, _ schema: SchemaFileSpec?) {
        guard let program = schema?.program, let document = try? JSONDocument(parsing: example.value.encoded()) else {
            // Without a schema everything is right, and a wrong one has been reported.
            return
        }
        for violation in program.violations(document).prefix(Self.failuresMax) {
            let place = violation.pointer.isEmpty ? "the example" : violation.pointer
            let notes = example.path.map { path in
                [Diagnostic.Note("here", at: self.place(violation.pointer, in: path))]
            }
            self.report(
                "catalogue/example", at: example.mark, "\(place) \(violation.detail)", hint: "by \(violation.rule)",
                notes: notes ?? [])
        }
    }

    /// The place of a value in a JSON file; its beginning where there is no such value.
    private func place(_ pointer: String, in path: String) -> Mark {
        guard let bytes = self.files[path], let document = try? JSONDocument(parsing: bytes),
            let node = document.node(at: pointer)
        else { return Mark(file: path, line: 1, column: 1) }
        return JSONPlace.mark(of: Int(document.nodes[node].start), in: bytes, file: path)
    }

    /// The JSON of a file that a node names, relative to the file that it stands in.
    func json(of text: String, at node: YAMLNode, _ code: String) -> (path: String, value: JSONValue)? {
        guard let path = RelativePath.resolve(text, beside: node.mark.file) else {
            self.report(code, at: node.at, "\"\(text)\" leaves the project", hint: "a path inside the project")
            return nil
        }
        guard let bytes = self.files[path] else {
            self.reportMissing(json: path, text, at: node.at, code)
            return nil
        }
        do throws(JSONFailure) {
            return (path, try JSONValue(parsing: bytes))
        } catch {
            self.report(
                code, at: node.at, "\(path) is no JSON: \(error.reason.rawValue)",
                notes: [Diagnostic.Note("here", at: JSONPlace.mark(of: error.offset, in: bytes, file: path))])
            return nil
        }
    }

    private func reportMissing(json path: String, _ text: String, at mark: Mark, _ code: String) {
        let folder = path.prefix(
            path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.distance(from: path.startIndex, to: $0) } ?? 0)
        let known = self.files.keys.filter { $0.hasSuffix(".json") && $0.hasPrefix(folder) }.sorted()
        let near = NearestName.to(path, among: known)
        let base = path.dropLast(text.count)
        let fix = near.flatMap { $0.hasPrefix(base) ? String($0.dropFirst(base.count)) : nil }
        self.report(
            code, at: mark, "there is no file \(path)", hint: near.map { "did you mean \"\($0)\"?" }, replacement: fix)
    }
}
