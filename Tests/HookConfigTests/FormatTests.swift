// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

@testable import HookConfig

/// What the formatter makes of files, and that it changes neither meaning nor comments.
@Suite struct FormatTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let from: String
        let to: String
        var testDescription: String { self.name }
    }

    static let cases = [
        Case(
            name: "keys of declared objects are ordered, names are not",
            from: "routes:\n  b:\n    to: x\n    event: e\n  a: {to: x, event: e}\nversion: 1\n",
            to: "version: 1\nroutes:\n  b:\n    event: e\n    to: x\n  a: {event: e, to: x}\n"),
        Case(
            name: "paths of a condition keep their order, operators do not",
            from: "routes: {r: {match: {data.z: {lt: 5, gte: 1}, data.a: 1}, to: x}}\n",
            to: "routes: {r: {match: {data.z: {gte: 1, lt: 5}, data.a: 1}, to: x}}\n"),
        Case(
            name: "two spaces a level, lists inside their key",
            from: "routes:\n    r:\n        to:\n        - x\n        -   destination: y\n            when: data.a\n",
            to: "routes:\n  r:\n    to:\n      - x\n      - destination: y\n        when: data.a\n"),
        Case(
            name: "comments above, behind and below stay where they belong",
            from: """
                version: 1
                routes:
                    # above a
                    a:   # behind a
                        to: x   # behind x
                        # below to
                        # event: none
                    # above b
                    b: {to: x}
                # the end

                """,
            to: """
                version: 1
                routes:
                  # above a
                  a:  # behind a
                    to: x  # behind x
                    # below to
                    # event: none
                  # above b
                  b: {to: x}
                # the end

                """),
        Case(
            name: "a comment moves with its key",
            from: "routes:\n  a:\n    # where to\n    to: x  # now\n    # what\n    event: e\n",
            to: "routes:\n  a:\n    # what\n    event: e\n    # where to\n    to: x  # now\n"),
        Case(
            name: "the first comments speak of the file",
            from: "# yaml-language-server: $schema=x\n# About\nroutes: {}\nversion: 1\n",
            to: "# yaml-language-server: $schema=x\n# About\nversion: 1\nroutes: {}\n"),
        Case(
            name: "comments of the file and of the first entry are told apart by a blank line",
            from: "# file\n\n# routes\nroutes: {}\n\nversion: 1\n",
            to: "# file\n\nversion: 1\n\n# routes\nroutes: {}\n"),
        Case(
            name: "comments in one column stay in one column",
            from: "routes:\n  a:\n    event: e      # one\n    to:   longer  # two\n",
            to: "routes:\n  a:\n    event: e      # one\n    to: longer    # two\n"),
        Case(
            name: "one blank line is kept between entries",
            from: "version: 1\n\n\n\nroutes:\n\n  a: {to: x}\n\n\n  b: {to: x}\n\n\n",
            to: "version: 1\n\nroutes:\n  a: {to: x}\n\n  b: {to: x}\n"),
        Case(
            name: "block text moves as a whole and keeps its bytes",
            from:
                "routes:\n    a:\n        lua: |   # code\n            local x = 1\n\n              return x  \n        event: e\n",
            to: "routes:\n  a:\n    event: e\n    lua: |  # code\n      local x = 1\n\n        return x  \n"),
        Case(
            name: "block text with an indentation of its own keeps it",
            from: "tests:\n    t:\n        request:\n            body: |1\n              two more\n             one\n",
            to: "tests:\n  t:\n    request:\n      body: |1\n        two more\n       one\n"),
        Case(
            name: "blank lines that a scalar keeps are its own",
            from: "x-a: |+\n  text\n\n\nversion: 1\n", to: "x-a: |+\n  text\n\n\nversion: 1\n"),
        Case(
            name: "quotes and numbers are kept as they are written",
            from: "x: ['a', \"b\\u0041\", 1e2, 0x1F, ~, yes]\n", to: "x: ['a', \"b\\u0041\", 1e2, 0x1F, ~, yes]\n"),
        Case(
            name: "flow collections are spaced, whoever wrote them",
            from: "x: {a:   1,b: [ c ,d ], \"e\":2 , f}\n", to: "x: {a: 1, b: [c, d], \"e\": 2, f}\n"),
        Case(
            name: "flow collections over several lines come onto one",
            from: "x: {\n  a: 1,\n  b: 2\n}\n", to: "x: {a: 1, b: 2}\n"),
        Case(
            name: "a flow collection with a comment is left as it is",
            from: "x:\n    y: {\n      a: 1, # one\n      b: 2\n    }\n",
            to: "x:\n  y: {\n    a: 1, # one\n    b: 2\n  }\n"),
        Case(
            name: "a flow map that does not fit becomes a block",
            from: "x: {a: \(String(repeating: "a", count: 70)), b: \(String(repeating: "b", count: 70))}  # why\n",
            to: "x:  # why\n  a: \(String(repeating: "a", count: 70))\n  b: \(String(repeating: "b", count: 70))\n"),
        Case(
            name: "a flow list of scalars that does not fit is wrapped",
            from: "x: [\(String(repeating: "a", count: 70)), \(String(repeating: "b", count: 70))]\n",
            to: "x: [\(String(repeating: "a", count: 70)),\n    \(String(repeating: "b", count: 70))]\n"),
        Case(
            name: "folded text keeps its lines",
            from: "x:\n    y: one\n          two\n\n          three\n    z: \"a\n         b\"\n",
            to: "x:\n  y: one\n    two\n\n    three\n  z: \"a\n    b\"\n"),
        Case(
            name: "anchors stay before their aliases",
            from: "routes:\n  r:\n    to: &t x\n    event: *t\n", to: "routes:\n  r:\n    to: &t x\n    event: *t\n"),
        Case(
            name: "anchors of collections",
            from: "x-a: &a\n    k:   1\nx-b:\n- &b\n  k: *a\n- *b\n",
            to: "x-a: &a\n  k: 1\nx-b:\n  - &b\n    k: *a\n  - *b\n"),
        Case(
            name: "a free key stays behind the one that it followed",
            from: "x-first: 1\nroutes: {}\nx-after: 2\nversion: 1\n",
            to: "x-first: 1\nversion: 1\nroutes: {}\nx-after: 2\n"),
        Case(
            name: "comments instead of a value", from: "version: 1\nroutes:\n    # none yet\n# end\n",
            to: "version: 1\nroutes:\n  # none yet\n# end\n"),
        Case(
            name: "comments alone", from: "\n\n# one  \n\n\n# two\n\n", to: "# one\n\n# two\n"),
        Case(name: "nothing", from: "", to: ""),
        Case(
            name: "the marks of a document are kept",
            from: "%YAML 1.2\n--- # start\nroutes: {}\nversion: 1\n...\n# after\n",
            to: "%YAML 1.2\n--- # start\nversion: 1\nroutes: {}\n...\n# after\n"),
        Case(
            name: "lines end with LF and the file with one", from: "version: 1\r\nroutes: {}\r\n\r\n",
            to: "version: 1\nroutes: {}\n"),
        Case(
            name: "open block text at the end stays open", from: "x:\n  lua: |\n    return 1",
            to: "x:\n  lua: |-\n    return 1\n"),
        Case(
            name: "lists in lists", from: "x:\n-   - a\n    - b: 1\n      c: 2\n- # why\n    - d\n",
            to: "x:\n  - - a\n    - b: 1\n      c: 2\n  # why\n  - - d\n"),
        Case(
            name: "text beyond ASCII", from: "x:\n    schlüssel:   \"ж\"   # größe\n    y:   [ä,  ö]\n",
            to: "x:\n  schlüssel: \"ж\"  # größe\n  y: [ä, ö]\n"),
        Case(
            name: "a value below its key comes up, unless it is too long there",
            from: "x:\n  y:\n    short\n  z:\n    \(String(repeating: "a", count: 117))\n",
            to: "x:\n  y: short\n  z:\n    \(String(repeating: "a", count: 117))\n"),
    ]

    @Test(arguments: Self.cases) func `a file gets its form`(_ one: Case) throws {
        let result = Self.formatted(one.from)
        #expect(result == one.to)
        #expect(Self.formatted(one.to) == one.to)
    }

    static let refused = [
        Case(name: "no YAML", from: "a: [1\n", to: "yaml/syntax"),
        Case(name: "a key behind a question mark", from: "? a\n: b\n", to: "format/left-alone"),
        Case(name: "one scalar", from: "hello\n", to: "format/left-alone"),
        Case(name: "two documents", from: "a: 1\n---\nb: 2\n", to: "yaml/documents"),
        Case(name: "a foreign tag", from: "a: !set {b: 1}\n", to: "yaml/tag"),
    ]

    @Test(arguments: Self.refused) func `what cannot be formatted is left alone`(_ one: Case) throws {
        guard case .refused(let diagnostic) = RouteFormat.format(Array(one.from.utf8), file: "main.yaml") else {
            Issue.record("it was formatted")
            return
        }
        #expect(diagnostic.code == one.to)
        #expect(diagnostic.mark?.file == "main.yaml")
        #expect(CodeRegistry.entry(for: diagnostic.code) != nil)
    }

    @Test func `the byte order mark stays`() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(
            RouteFormat.format(mark + Array("a:   1\n".utf8), file: "f") == .changed(mark + Array("a: 1\n".utf8)))
    }

    @Test func `settings have an order of their own`() {
        let from = "store: {sqlite: a}\nlisten: {admin: \"127.0.0.1:1\", ingest: \"127.0.0.1:2\"}\n"
        let to = "listen: {ingest: \"127.0.0.1:2\", admin: \"127.0.0.1:1\"}\nstore: {sqlite: a}\n"
        #expect(
            RouteFormat.format(Array(from.utf8), file: "hookswitch.yaml", kind: .settings) == .changed(Array(to.utf8)))
    }

    // MARK: Properties

    @Test func `shipped route files have their form`() {
        for file in project(at: packageRoot, below: ["routes"]).files where ConfigLoader.isRouteFile(file.path) {
            #expect(RouteFormat.format(file.bytes, file: file.path) == .unchanged, "\(file.path)")
        }
    }

    /// Every YAML file of the golden cases: wrong in meaning, some of them, and YAML all the same.
    @Test func `golden cases keep what the loader says of them`() throws {
        var count = 0
        for file in project(at: packageRoot, below: ["Tests/GoldenTests/cases"]).files
        where file.path.hasSuffix(".yaml") {
            switch RouteFormat.format(file.bytes, file: file.path) {
            case .unchanged: count += 1
            case .changed(let result):
                count += 1
                #expect(RouteFormat.format(result, file: file.path) == .unchanged, "\(file.path)")
                let codes = { (bytes: [UInt8]) in
                    ConfigLoader.load(ProjectFiles([.init(path: "routes/main.yaml", bytes: bytes)])).codes.sorted()
                }
                #expect(codes(result) == codes(file.bytes), "\(file.path)")
            case .refused(let diagnostic): #expect(diagnostic.code != "format/meaning", "\(file.path)")
            }
        }
        #expect(count > 30)
    }

    @Test(arguments: 0..<600) func `generated files keep meaning and comments, and one pass is enough`(_ seed: Int) {
        var generator = YAMLGenerator(seed: UInt64(seed))
        let text = generator.file()
        switch RouteFormat.format(Array(text.utf8), file: "generated.yaml") {
        case .unchanged: break
        case .changed(let result):
            #expect(RouteFormat.format(result, file: "generated.yaml") == .unchanged, "seed \(seed)\n\(text)")
            // Blank lines inside block text are text.
            let hasBlocks = text.contains("|") || text.contains(">")
            #expect(hasBlocks || !String(decoding: result, as: UTF8.self).contains("\n\n\n"))
        case .refused(let diagnostic): Issue.record("seed \(seed): \(diagnostic.code) \(diagnostic.message)\n\(text)")
        }
    }

    static func formatted(_ text: String) -> String {
        switch RouteFormat.format(Array(text.utf8), file: "main.yaml") {
        case .unchanged: text
        case .changed(let result): String(decoding: result, as: UTF8.self)
        case .refused(let diagnostic): "\(diagnostic.code): \(diagnostic.message)"
        }
    }
}

/// Files with every construct that people write, in their worst spacing. Valid YAML by construction.
struct YAMLGenerator {
    private var random: SeededRandom
    private var comments = 0

    init(seed: UInt64) { self.random = SeededRandom(state: seed) }

    mutating func file() -> String {
        var text = self.chance(3) ? "# yaml-language-server: $schema=x\n" : ""
        text += self.lines(0)
        var names = [
            "version", "routes", "sources", "x-first", "destinations", "secrets", "tests", "defaults", "x-last",
        ]
        names.shuffle(using: &self.random)
        for name in names.prefix(1 + self.number(7)) {
            text += self.lines(0) + self.entry(name, 0, depth: 0)
        }
        return text + (self.chance(2) ? self.lines(0) : "")
    }

    private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self.random) }
    private mutating func chance(_ of: Int) -> Bool { self.number(of) == 0 }

    private mutating func lines(_ indent: Int) -> String {
        (0..<self.number(4)).reduce(into: "") { text, _ in
            if self.chance(2) {
                text += "\n"
            } else {
                self.comments += 1
                text +=
                    String(repeating: " ", count: indent) + "#\(self.chance(4) ? "" : " ")comment \(self.comments)\n"
            }
        }
    }

    private mutating func tail() -> String {
        guard self.chance(4) else { return "\n" }
        self.comments += 1
        return String(repeating: " ", count: 1 + self.number(9)) + "# behind \(self.comments)\n"
    }

    private mutating func entry(_ key: String, _ indent: Int, depth: Int) -> String {
        let pad = String(repeating: " ", count: indent)
        let space = String(repeating: " ", count: 1 + self.number(3))
        switch self.number(depth > 3 ? 4 : 9) {
        case 0: return "\(pad)\(key):\(space)\(self.scalar())\(self.tail())"
        case 1: return "\(pad)\(key):\(space)\(self.flow(depth: depth))\(self.tail())"
        case 2: return "\(pad)\(key):\(self.tail())"
        case 3: return "\(pad)\(key):\(space)\(self.block(indent))"
        case 4:
            return "\(pad)\(key):\n\(self.lines(indent + 1))\(pad) \(self.scalar())\(self.tail())"
        case 5: return "\(pad)\(key):\(space)one\n\n\(pad)   two\n\(pad)  three\(self.tail())"
        case 6:
            let step = self.chance(3) ? 0 : 1 + self.number(4)
            return "\(pad)\(key):\(self.tail())\(self.list(indent + step, depth: depth + 1))"
        default:
            return "\(pad)\(key):\(self.tail())\(self.map(indent + 1 + self.number(4), depth: depth + 1))"
        }
    }

    private mutating func map(_ indent: Int, depth: Int) -> String {
        var names = ["to", "event", "match", "when", "url", "x-a", "\"quoted\"", "data.a", "a b", "größe"]
        names.shuffle(using: &self.random)
        var text = ""
        for name in names.prefix(1 + self.number(4)) {
            text += self.lines(indent) + self.entry(name, indent, depth: depth)
        }
        return text + self.lines(indent)
    }

    private mutating func list(_ indent: Int, depth: Int) -> String {
        let pad = String(repeating: " ", count: indent)
        var text = ""
        for _ in 0..<(1 + self.number(3)) {
            text += self.lines(indent)
            switch self.number(4) {
            case 0: text += "\(pad)- \(self.scalar())\(self.tail())"
            case 1: text += "\(pad)-  \(self.flow(depth: depth))\(self.tail())"
            case 2: text += "\(pad)- \(self.block(indent))"
            default:
                let inner = String(self.entry("k", indent + 2, depth: depth).dropFirst(indent + 2))
                text += "\(pad)- \(inner)"
                if self.chance(2) { text += self.lines(indent + 2) + self.entry("l", indent + 2, depth: depth) }
            }
        }
        return text
    }

    private mutating func scalar() -> String {
        let scalars = [
            "plain", "two words", "12", "1.50", "true", "~", "'single # no comment'", "\"double \\\" # no\"", "a#b",
            "http://x.example/{data.a}?b=c", "\"\"", "ünï", "- ", "x:y",
        ]
        let text = scalars[self.number(scalars.count)]
        return text == "- " ? "'- '" : text
    }

    private mutating func flow(depth: Int) -> String {
        let items = (0..<self.number(5)).map { _ in
            depth < 4 && self.chance(3) ? self.flow(depth: depth + 1) : ["a", "'b, c'", "1", "\"d\""][self.number(4)]
        }
        let gap = self.chance(4) ? "\n              " : String(repeating: " ", count: self.number(3))
        if self.chance(2) { return "[\(gap)\(items.joined(separator: ",\(gap)"))\(gap)]" }
        let pairs = items.enumerated().map { "k\($0.offset): \($0.element)" }
        return "{\(gap)\(pairs.joined(separator: ",\(gap)"))\(gap)}"
    }

    private mutating func block(_ indent: Int) -> String {
        let header = ["|", ">", "|-", ">-", "|+"][self.number(5)]
        let pad = String(repeating: " ", count: indent + 1 + self.number(4))
        let lines = ["local x = 1", "  deeper # no comment", "", "# no comment either", "ünï"]
        var text = header + (self.chance(4) ? "  # head" : "") + "\n"
        text += "\(pad)first\n"
        for _ in 0..<self.number(4) {
            let line = lines[self.number(lines.count)]
            text += line.isEmpty ? "\n" : pad + line + "\n"
        }
        return text
    }
}
