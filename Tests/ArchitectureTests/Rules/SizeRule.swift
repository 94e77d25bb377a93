// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Sizes beyond which a file or a function wants a reason.
enum SizeRule {
    static let fileLinesMax = 500
    static let functionLinesMax = 60
    static let pipelineLinesMax = 150

    /// Files that are longer, each with its reason.
    static let longFiles: [String: String] = [
        "Sources/Core/HookCore/Diagnostics/CodeRegistry+Configuration.swift":
            "a catalogue: one entry per code with its text and examples, no logic"
    ]

    /// Functions that are longer, each with its reason: `file: name`.
    static let longFunctions: [String: String] = [:]

    static func findings(in file: SourceFile) -> [Finding] {
        if file.isGenerated { return [] }
        let count = file.lines.count - 1
        var found: [Finding] = []
        if count > self.fileLinesMax, self.longFiles[file.path] == nil {
            found.append(
                Finding(file, "\(count) lines", "a file has one subject; more than 500 lines want a reason in the list")
            )
        }
        guard file.path.hasSuffix(".swift") else { return found }
        for function in FunctionLengths.of(file.swift) where function.lines > self.functionLinesMax {
            if self.longFunctions["\(file.path): \(function.name)"] != nil { continue }
            found.append(
                Finding(
                    file, line: function.line, "\(function.name) has \(function.lines) lines",
                    "a function fits on a screen; more than 60 lines want a reason in the list"))
        }
        return found
    }
}

/// Finds functions and counts their lines, braces included.
enum FunctionLengths {
    struct Function: Equatable {
        let name: String
        let line: Int
        let lines: Int
    }

    private static let start = Pattern(
        #"(?<![.A-Za-z0-9_])(func +[^ (<]+|init[?]?(?=[(<])|deinit\b|subscript(?=[(<]))"#)

    static func of(_ text: SwiftText) -> [Function] {
        let lines = text.code
        return lines.indices.compactMap { index in
            guard let name = self.start.groups(in: lines[index]).first,
                let length = self.length(lines, from: index, declaration: name)
            else { return nil }
            return Function(name: name, line: index + 1, lines: length)
        }
    }

    /// Nil for a declaration without a body.
    private static func length(_ lines: [String], from first: Int, declaration: String) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in first..<lines.count {
            var line = Substring(lines[index])
            if index == first, let range = line.range(of: declaration) { line = line[range.upperBound...] }
            for character in line {
                switch character {
                case "(": parentheses += 1
                case ")": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where braces > 0:
                    braces -= 1
                    if braces == 0 { return index - first + 1 }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
            if braces == 0, parentheses == 0, !self.continues(lines, after: index) { return nil }
        }
        return nil
    }

    private static func continues(_ lines: [String], after index: Int) -> Bool {
        let next = lines[(index + 1)...].lazy.map { $0.drop(while: { $0 == " " }) }.first { !$0.isEmpty }
        return ["{", "->", "throws", "async", "where", ")"].contains { next?.hasPrefix($0) == true }
    }
}
