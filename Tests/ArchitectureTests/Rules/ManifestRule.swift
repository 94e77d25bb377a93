// SPDX-License-Identifier: Apache-2.0

/// What Package.swift says, as far as rules ask.
struct Manifest {
    /// Folder below `Sources` by target.
    let modules: [String: String]
    /// Dependencies by test target.
    let tests: [String: [String]]
    /// Targets without a comment above them that says what they are.
    let uncommented: [String]

    init(_ text: String) {
        let flat = Self.flat(text)
        var modules: [String: String] = [:]
        for path in Pattern(#"path: *"(Sources/[^"\\]+)""#).groups(in: flat) {
            if let name = path.split(separator: "/").last { modules[String(name)] = path }
        }
        for both in Pattern(#"\bmodule\( *("[A-Za-z]+", *"[A-Za-z]+")"#).groups(in: flat) {
            let parts = Pattern(#""([A-Za-z]+)""#).groups(in: both)
            if parts.count == 2 { modules[parts[1]] = "Sources/\(parts[0])/\(parts[1])" }
        }
        var tests: [String: [String]] = [:]
        for call in Pattern(#"\btests\( *("[A-Za-z]+", *\[[^\]]*)"#).groups(in: flat) {
            let names = Pattern(#""([A-Za-z]+)""#).groups(in: call)
            if let first = names.first { tests[first] = Array(names.dropFirst()) }
        }
        self.modules = modules
        self.tests = tests
        self.uncommented = Self.uncommented(text)
    }

    private static func flat(_ text: String) -> String {
        text.split(separator: "\n").filter { !$0.drop(while: { $0 == " " }).hasPrefix("//") }.joined(separator: " ")
    }

    private static func uncommented(_ text: String) -> [String] {
        let lines = text.split(separator: "\n").map { $0.drop(while: { $0 == " " }) }
        return lines.indices.dropFirst().filter { index in
            lines[index].hasPrefix("module(") && !lines[index - 1].hasPrefix("//")
        }.map { String(lines[$0]) }
    }
}
