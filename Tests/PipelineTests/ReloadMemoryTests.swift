// SPDX-License-Identifier: Apache-2.0
// A compilation that takes over what an earlier one has left must come to what a cold one comes to, whatever was edited
// in between.
import HookCore
import HookPipeline
import HookTestKit
import HookTransform
import Testing

@Suite struct ReloadMemoryTests {
    private static let compiler = RevisionCompiler(
        environment: .live, projectFolder: "/nowhere", secretOverride: TestSecrets())

    /// Everything that one can see of an outcome.
    private struct Seen: Equatable {
        let configuration: String
        let diagnostics: [Diagnostic]
        let revision: RevisionID?
        let answers: [String]
        let labels: [String]

        init(_ outcome: RevisionCompiler.Outcome) {
            var text = ""
            dump(outcome.configuration, to: &text)
            self.configuration = text
            self.diagnostics = outcome.diagnostics
            self.revision = outcome.revision?.id
            self.answers = outcome.revision.map(Self.answers) ?? []
            self.labels =
                outcome.revision.map { revision in
                    outcome.configuration.scripts.indices.map { revision.scripts.label(of: ScriptID($0)) }
                } ?? []
        }

        /// What the table and the scripts make of a few events.
        private static func answers(_ revision: Revision) -> [String] {
            let run = DryRun(revision: revision, environment: .live)
            return (0..<6).map { number in
                let text = #"{"action":"a\#(number % 3)","n":\#(number),"list":[{"x":\#(number)}]}"#
                let input = DryRun.Input.event(type: "push", version: nil, headers: [], query: "")
                // An event of a type that needs no source cannot fail to be read.
                guard case .routed(let report)? = try? run.run(Array(text.utf8), input) else { return "refused" }
                return report.targets.map { target in
                    let bodies = target.requests.map { String(decoding: $0.body, as: UTF8.self) }
                    return "\(target.destination?.name.text ?? "-") \(bodies)"
                }.joined(separator: "; ")
            }
        }
    }

    /// A project that is edited at random.
    private struct Editor {
        var random: SeededRandom
        var files: [String: String] = [:]
        private var serial = 0
        private var makesMistakes = false

        init(seed: UInt64) {
            self.random = SeededRandom(seed: seed)
            self.files["routes/world.yaml"] = Self.world(timeout: 10)
            self.files["routes/places.yaml"] = Self.places(["one", "two", "three"])
            for number in 0..<4 { self.files["routes/r\(number).yaml"] = self.routeFile() }
            self.makesMistakes = true
            self.files["scripts/lib/tools.lua"] = Self.library(1)
            for number in 0..<3 { self.files["scripts/s\(number).lua"] = Self.script(number) }
        }

        var project: ProjectFiles {
            ProjectFiles(self.files.map { ProjectFiles.File(path: $0.key, bytes: Array($0.value.utf8)) })
        }

        static func world(timeout: Int) -> String {
            """
            version: 1
            secrets: {key: {env: KEY}}
            sources: {shop: {path: /in/shop, verify: none}, forge: {path: /in/forge, verify: none}}
            policies: {quick: {timeout: \(timeout)s}}

            """
        }

        static func places(_ names: [String]) -> String {
            "version: 1\ndestinations:\n"
                + names.map { "  \($0): {url: \"http://127.0.0.1:9/\($0)\", policy: quick}\n" }.joined()
        }

        static func library(_ value: Int) -> String { "return {value = function() return \(value) end}\n" }

        static func script(_ number: Int) -> String {
            """
            local tools = require "lib.tools"
            function keep(event, ctx) return tools.value() == \(number) end
            function shape(event, ctx) return {n = \(number)} end

            """
        }

        mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self.random) }

        mutating func route() -> String {
            self.serial += 1
            func mistake(_ bound: Int) -> Bool { self.makesMistakes && self.below(bound) == 0 }
            let place = ["one", "two", "three", "four"][self.below(mistake(8) ? 4 : 3)]
            var lines = ["  route-\(self.serial):", "    event: [push, order.*]"]
            if self.below(2) == 0 { lines.append("    source: \(mistake(12) ? "nobody" : "shop")") }
            lines += ["    match:", "      data.action: a\(self.below(3))"]
            if self.below(3) == 0 { lines.append("      data.n: {between: [\(self.below(5)), 9]}") }
            if self.below(4) == 0 { lines.append("      data.list: {any: {x: {gte: \(self.below(5))}}}") }
            if self.below(3) == 0 { lines.append("    filter: s\(self.below(3)).lua#keep") }
            if self.below(4) == 0 { lines.append("    when: data.n > \(self.below(3))") }
            if mistake(20) { lines.append("    when: data.n >") }
            if self.below(3) == 0 { lines.append("    transform: s\(self.below(3)).lua#shape") }
            if self.below(4) == 0 {
                lines += [
                    "    switch:", "      - case: big", "        match: {data.n: {gte: 3}}",
                    "        transform: s\(self.below(3)).lua#shape", "        to: \(place)", "      - else: true",
                    "        to: one",
                ]
            } else {
                lines.append("    to: \(place)")
            }
            return lines.joined(separator: "\n") + "\n"
        }

        mutating func routeFile() -> String {
            let count = 1 + self.below(4)
            return "version: 1\nroutes:\n" + (0..<count).map { _ in self.route() }.joined()
        }

        private mutating func anyFile(_ prefix: String) -> String? {
            self.files.keys.filter { $0.hasPrefix(prefix) }.sorted().randomElement(using: &self.random)
        }

        /// One edit, as people and editors make them.
        mutating func edit() {
            switch self.below(16) {
            case 0: self.files["routes/r\(self.below(6)).yaml"] = self.routeFile()
            case 1, 2:
                if let path = self.anyFile("routes/r") { self.files[path, default: ""] += self.route() }
            case 3:
                if let path = self.anyFile("routes/r") { self.files[path] = nil }
            case 4:
                // Moved to a file that sorts elsewhere.
                if let path = self.anyFile("routes/r"), let text = self.files.removeValue(forKey: path) {
                    self.files["routes/r\(self.below(9)).yaml"] = text
                }
            case 5:
                if let path = self.anyFile("routes/") {
                    self.files[path] = "# a line on top\n" + (self.files[path] ?? "")
                }
            case 6: self.files["routes/world.yaml"] = Self.world(timeout: 5 + self.below(3))
            case 7:
                let names = ["one", "two", "three", "four"].filter { _ in self.below(8) > 0 }
                self.files["routes/places.yaml"] = Self.places(names)
            case 8: self.files["scripts/lib/tools.lua"] = Self.library(self.below(3))
            case 9: self.files["scripts/s\(self.below(3)).lua"] = Self.script(self.below(5))
            case 10:
                let broken = ["function keep(", "x = nothing.at.all\n", "function other(event, ctx) end\n"]
                self.files["scripts/s\(self.below(3)).lua"] = broken[self.below(3)]
            case 11:
                if let path = self.anyFile("scripts/") { self.files[path] = nil }
            case 12:
                if let path = self.anyFile("routes/") {
                    self.files[path, default: ""] +=
                        ["\n  : [", "\nroutes: {}\n", "\nunknown: 1\n", "\t"][self.below(4)]
                }
            case 13:
                self.files["hookswitch.yaml"] =
                    [
                        nil, "retention: {dedupe: 2h}\n", "retention: {dedupe: 3h}\n", "nonsense: 1\n",
                    ][self.below(4)]
            case 14:
                self.files["routes/more.yaml"] =
                    [
                        nil, "version: 1\ndefaults: {unrouted: drop}\n",
                        "version: 1\nevents: {push: {description: x}}\n",
                        "version: 1\ntests: {t: {send: {type: push}, expect: {unrouted: true}}}\n",
                        "version: 1\nsources: {shop: {path: /in/shop2, verify: none}}\n",
                    ][self.below(5)]
            default:
                // Two files change places.
                if let one = self.anyFile("routes/r"), let other = self.anyFile("routes/r") {
                    (self.files[one], self.files[other]) = (self.files[other], self.files[one])
                }
            }
        }
    }

    @Test(arguments: 0..<24)
    func `through the memory of any history the outcome is that of a cold start`(seed: Int) {
        var editor = Editor(seed: UInt64(seed))
        var memory = CompilerMemory()
        var accepted = 0
        var good = editor.files
        for step in 0..<40 {
            let files = editor.project
            let warm = Self.compiler.compile(files, after: memory)
            let cold = Self.compiler.compile(files)
            memory = warm.memory
            let (one, other) = (Seen(warm), Seen(cold))
            #expect(one.diagnostics == other.diagnostics, "seed \(seed), step \(step)")
            guard one == other else {
                #expect(one == other, "seed \(seed), step \(step): \(editor.files)")
                return
            }
            if cold.revision != nil {
                accepted += 1
                good = editor.files
            } else if editor.below(2) == 0 {
                // Somebody takes the last edits back.
                editor.files = good
                continue
            }
            for _ in 0..<1 + editor.below(2) { editor.edit() }
        }
        #expect(accepted > 8, "the edits leave too little that runs to prove anything")
    }
}
