// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookConfig
import HookCore
import HookPipeline

/// An addition to a project, compiled with it before anything is written.
struct NewDraft {
    let configuration: Configuration
    private let folder: String
    private let file: String?
    private let kind: String
    private let name: String
    private let files: ProjectFiles

    init(_ target: New.Target, _ kind: String, _ name: String) throws {
        guard kind == "test" || RouteTemplates.isName(name) else {
            throw Console.fail("\"\(name)\" is no name of a \(kind)", hint: RouteTemplates.nameHint, .usage)
        }
        self.folder = target.projectOptions.project
        self.kind = kind
        self.name = name
        self.file = try target.file.map { try Self.place($0, in: target.projectOptions.project) }
        let compiled = try ProjectLoading.load(self.folder, secrets: TestSecrets())
        self.files = compiled.files
        self.configuration = compiled.configuration
    }

    /// A route file of the project, relative to it.
    private static func place(_ file: String, in folder: String) throws -> String {
        var path = file
        for prefix in [folder + "/", "./"] where path.hasPrefix(prefix) { path = String(path.dropFirst(prefix.count)) }
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard ConfigLoader.isRouteFile(path), !steps.contains(".."), !steps.contains("") else {
            throw Console.fail(
                "\"\(file)\" is no route file of the project", hint: "for example --file routes/more.yaml", .usage)
        }
        return path
    }

    func refuseTaken(_ isTaken: Bool) throws {
        if isTaken {
            throw Console.fail(
                "a \(self.kind) called \"\(self.name)\" is there already", hint: "choose another", .usage)
        }
    }

    /// Where the addition goes by itself.
    private var freePath: String {
        let first = self.kind == "test" ? "routes/\(self.name).test.yaml" : "routes/\(self.name).yaml"
        guard self.files[first] != nil else { return first }
        return "routes/\(self.name).\(self.kind).yaml"
    }

    /// Writes the text as a file of its own, or into the one that was named, and says what to do next.
    func add(_ text: String, next: [String]) throws {
        let path = self.file ?? self.freePath
        let depth = path.split(separator: "/").count - 1
        let addition = Array((EditorFiles.modeline(depth: depth) + text).utf8)
        var bytes = addition
        if let old = self.files[path] {
            guard self.file != nil else {
                throw Console.fail("\(path) is there already", hint: "add to it with --file \(path)", .usage)
            }
            guard let merged = RouteFormat.merge(addition, into: old, file: path) else {
                throw Console.fail("\(path) cannot be added to", hint: "hookswitch check \(path)", .unreadable)
            }
            bytes = merged
        } else if case .changed(let formed) = RouteFormat.format(addition, file: path) {
            bytes = formed
        }
        try self.check(path, bytes)
        let outcome = try GeneratedFiles(folder: self.folder).write([.init(path: path, bytes: bytes)])
        for path in outcome.written { Console.out("\(self.files[path] == nil ? "wrote" : "changed") \(path)") }
        Console.note("next: " + next.joined(separator: "\n      "))
    }

    /// The project with the addition must have no error that it did not have before.
    private func check(_ path: String, _ bytes: [UInt8]) throws {
        let others = self.files.files.filter { $0.path != path }
        let project = ProjectFiles(others + [.init(path: path, bytes: bytes)])
        let compiler = RevisionCompiler(environment: .live, projectFolder: self.folder, secretOverride: TestSecrets())
        let found = compiler.compile(project, gitCommit: nil).diagnostics.filter {
            $0.severity == .error && $0.mark?.file == path
        }
        guard found.isEmpty else {
            ProjectLoading.explain(found, project, Style(.auto, descriptor: 2))
            throw Console.fail("nothing was written: the \(self.kind) would be wrong", .refused)
        }
    }

    /// No name of a person's file.
    private static let scratch = "routes/.new.test.yaml"

    /// Whether a test passes, were its file added to the project.
    func passes(_ text: String, test name: String) throws -> Bool {
        let project = ProjectFiles(self.files.files + [.init(path: Self.scratch, bytes: Array(text.utf8))])
        let compiler = RevisionCompiler(environment: .live, projectFolder: self.folder, secretOverride: TestSecrets())
        guard let revision = compiler.compile(project, gitCommit: nil).revision else { return false }
        guard let spec = revision.configuration.tests.first(where: { $0.name == name && $0.mark.file == Self.scratch })
        else { return false }
        return RouteTestRunner(revision: revision).run([spec]).allSatisfy(\.passed)
    }
}

/// An event that a route takes, as far as its conditions say what that is.
struct SampleEvent {
    let type: String
    let version: Int?
    let source: String?
    /// Where it should go: every target of a list, those of the first case.
    let destinations: [String]
    private(set) var data: JSONValue = .object([])

    init(_ route: RouteSpec, _ configuration: Configuration) {
        self.type = (route.events.first?.type ?? "example").replacing("*", with: "example")
        self.version = route.events.first?.version
        self.source = route.sources.first?.text
        let chosen =
            switch route.targets {
            case .list(let targets): targets
            case .cases(let cases): cases.first?.targets ?? []
            }
        self.destinations = chosen.map(\.destination.text)
        if let match = route.match { self.satisfy(match) }
        if case .cases(let cases) = route.targets, let match = cases.first?.match { self.satisfy(match) }
        if case .list(let list) = route.targets, let match = list.first?.match { self.satisfy(match) }
        let targets =
            switch route.targets {
            case .list(let targets): targets
            case .cases(let cases): cases.flatMap(\.targets)
            }
        for target in targets {
            guard let spec = configuration.destination(target.destination) else { continue }
            let holes = ([spec.url.path] + (spec.headers + spec.query).map(\.value)).flatMap(\.fields)
            for hole in holes where hole.root == .data && self.isFree(hole.keys) {
                self.data = Self.setting("example", at: hole.keys[...], in: self.data)
            }
        }
    }

    private func isFree(_ keys: [String]) -> Bool {
        keys.reduce(self.data as JSONValue?) { $0?[$1] } == nil
    }

    var yamlType: String { self.version.map { "\(self.type)@\($0)" } ?? self.type }

    private mutating func satisfy(_ condition: Condition) {
        switch condition {
        case .and(let parts): for part in parts { self.satisfy(part) }
        case .or(let parts): if let first = parts.first { self.satisfy(first) }
        case .not: break
        case .field(let path, let test, _):
            if path.root == .data, let value = Self.value(for: test) {
                self.data = Self.setting(value, at: path.keys[...], in: self.data)
            }
        }
    }

    /// A value that passes; nil where none is plain to see, or nothing may be there.
    private static func value(for test: ValueTest) -> JSONValue? {
        switch test {
        case .equals(.null): .null
        case .equals(.bool(let value)): .bool(value)
        case .equals(.number(let number)): Self.number(number)
        case .equals(.string(let text)), .equalsIgnoringCase(let text), .prefix(let text), .suffix(let text),
            .contains(let text):
            .string(text)
        case .glob(let pattern): .string(pattern.replacing("*", with: ""))
        case .number(let comparison, let number):
            switch comparison {
            case .gte, .lte: Self.number(number)
            case .gt: Self.number(number, moved: 1)
            case .lt: Self.number(number, moved: -1)
            }
        case .between(let low, _): Self.number(low)
        case .exists(let isThere): isThere ? .string("example") : nil
        case .cidr(let blocks): blocks.first.map { .string("\($0)".split(separator: "/").first.map(String.init) ?? "") }
        case .anyOf(let tests), .allOf(let tests): tests.lazy.compactMap(Self.value).first
        case .not: .string("example")
        case .elements: nil
        }
    }

    private static func number(_ number: JSONNumber, moved distance: Int64 = 0) -> JSONValue {
        switch number {
        case .integer(let value): .int(value.addingReportingOverflow(distance).partialValue)
        case .unsigned(let value): .int(value)
        case .double(let value): .number("\(value + Double(distance))")
        }
    }

    private static func setting(_ value: JSONValue, at keys: ArraySlice<String>, in old: JSONValue) -> JSONValue {
        guard let key = keys.first else { return value }
        var members: [JSONValue.Member] = []
        if case .object(let known) = old { members = known }
        let inner = Self.setting(value, at: keys.dropFirst(), in: old[key] ?? .object([]))
        if let place = members.firstIndex(where: { $0.key == key }) {
            members[place] = .init(key, inner)
        } else {
            members.append(.init(key, inner))
        }
        return .object(members)
    }
}
