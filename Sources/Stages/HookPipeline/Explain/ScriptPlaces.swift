// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Where the Lua of a configuration stands.
package struct ScriptPlaces {
    private let files: ProjectFiles

    package init(_ files: ProjectFiles) { self.files = files }

    /// `scripts/chat.lua:12` for a function whose definition is seen, the file alone for one that is made otherwise;
    /// for inline code the place in the route file.
    package func place(of script: ScriptSpec) -> String {
        switch script.body {
        case .expression, .inline: return "\(script.mark.file):\(script.mark.line)"
        case .function(let file, let name):
            let path = "scripts/\(file)"
            return self.line(of: name, in: path).map { "\(path):\($0)" } ?? path
        }
    }

    private func line(of name: String, in path: String) -> Int? {
        guard let bytes = self.files[path] else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.firstIndex { self.defines(name, $0) }.map { $0 + 1 }
    }

    /// `function name(`, `function M.name(`, `M.name = function`, `name = function`, with or without `local`.
    private func defines(_ name: String, _ line: Substring) -> Bool {
        let words = line.split { " \t(=".contains($0) }.map(String.init)
        let isNamed = { (word: String) in word == name || word.hasSuffix(".\(name)") || word.hasSuffix(":\(name)") }
        guard let place = words.firstIndex(where: isNamed) else { return false }
        let before = words[..<place].filter { $0 != "local" }
        if before == ["function"] { return true }
        return before.isEmpty && words.indices.contains(place + 1) && words[place + 1] == "function"
    }
}
