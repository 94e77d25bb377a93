// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Findings for machines.
enum DiagnosticForms {
    static func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        ["schema": "hookswitch/check@1", "diagnostics": .array(diagnostics.map(self.item))]
    }

    private static func item(_ diagnostic: Diagnostic) -> JSONValue {
        let mark = diagnostic.mark
        return [
            "file": .text(mark?.file), "line": mark.map { .int($0.line) } ?? .null,
            "column": mark.map { .int($0.column) } ?? .null,
            "length": mark.map { .int($0.length) } ?? .null, "severity": .string(diagnostic.severity.rawValue),
            "code": .string(diagnostic.code), "message": .string(diagnostic.message), "hint": .text(diagnostic.hint),
            "notes": .array(
                diagnostic.notes.map { note in
                    [
                        "message": .string(note.message), "file": .text(note.mark?.file),
                        "line": note.mark.map { .int($0.line) } ?? .null,
                        "column": note.mark.map { .int($0.column) } ?? .null,
                    ]
                }),
        ]
    }

    /// `::error file=…,line=…::message`: GitHub's workflow commands, with their escapes.
    static func github(_ diagnostic: Diagnostic) -> String {
        var properties: [String] = []
        if let mark = diagnostic.mark {
            properties = [
                "file=\(self.property(mark.file))", "line=\(mark.line)", "col=\(mark.column)",
                "endColumn=\(mark.column + mark.length)",
            ]
        }
        properties.append("title=\(self.property(diagnostic.code))")
        let hint = diagnostic.hint.map { " (\($0))" } ?? ""
        return
            "::\(diagnostic.severity.rawValue) \(properties.joined(separator: ","))"
            + "::\(self.message(diagnostic.message + hint))\n"
    }

    private static func message(_ text: String) -> String {
        PercentCoding.encode(text) { !"%\r\n".utf8.contains($0) }
    }

    private static func property(_ text: String) -> String {
        PercentCoding.encode(text) { !"%\r\n:,".utf8.contains($0) }
    }

    /// One run with the rules that it uses.
    static func sarif(_ diagnostics: [Diagnostic]) -> JSONValue {
        let codes = Set(diagnostics.map(\.code)).sorted()
        return [
            "version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "runs": [
                [
                    "tool": ["driver": ["name": "hookswitch", "rules": .array(codes.map(self.rule))]],
                    "results": .array(diagnostics.map(self.result)),
                ]
            ],
        ]
    }

    private static func rule(_ code: String) -> JSONValue {
        let entry = CodeRegistry.entry(for: code)
        return [
            "id": .string(code), "shortDescription": ["text": .string(entry?.title ?? code)],
            "fullDescription": ["text": .string(entry?.explanation ?? code)],
        ]
    }

    private static func result(_ diagnostic: Diagnostic) -> JSONValue {
        let hint = diagnostic.hint.map { " — \($0)" } ?? ""
        let related = diagnostic.notes.compactMap { note in
            note.mark.map { mark -> JSONValue in
                .object([.init("message", ["text": .string(note.message)])] + self.location(mark))
            }
        }
        return [
            "ruleId": .string(diagnostic.code), "level": .string(diagnostic.severity.rawValue),
            "message": ["text": .string(diagnostic.message + hint)],
            "locations": .array(diagnostic.mark.map { [.object(self.location($0))] } ?? []),
            "relatedLocations": .array(related),
        ]
    }

    private static func location(_ mark: Mark) -> [JSONValue.Member] {
        [
            .init(
                "physicalLocation",
                [
                    "artifactLocation": ["uri": .string(mark.file)],
                    "region": [
                        "startLine": .int(mark.line), "startColumn": .int(mark.column),
                        "endColumn": .int(mark.column + mark.length),
                    ],
                ])
        ]
    }
}
