// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Findings as `hookswitch/check@1`.
struct CheckReport {
    let files: [String: [UInt8]]

    func json(_ diagnostics: [Diagnostic]) -> JSONValue {
        let errors = diagnostics.count { $0.severity == .error }
        return [
            "schema": "hookswitch/check@1", "errors": .int(errors), "warnings": .int(diagnostics.count - errors),
            "diagnostics": .array(diagnostics.map(self.item)),
        ]
    }

    /// One object a line, each with the schema's name.
    func lines(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { diagnostic in
            guard case .object(let members) = self.item(diagnostic) else { return "" }
            return JSONValue.object([.init("schema", "hookswitch/diagnostic@1")] + members).text + "\n"
        }.joined()
    }

    private func item(_ diagnostic: Diagnostic) -> JSONValue {
        .object(
            [
                .init("code", .string(diagnostic.code)), .init("severity", .string(diagnostic.severity.rawValue)),
                .init("message", .string(diagnostic.message)), .init("hint", .text(diagnostic.hint)),
            ] + self.place(diagnostic.mark) + [
                .init(
                    "notes",
                    .array(
                        diagnostic.notes.map { note in
                            .object([.init("message", .string(note.message))] + self.place(note.mark))
                        })),
                .init("fix", diagnostic.fix.map(self.fix) ?? .null),
                .init("help", .string("hookswitch help \(diagnostic.code)")),
            ])
    }

    private func fix(_ fix: Diagnostic.Fix) -> JSONValue {
        .object([.init("text", .string(fix.text))] + self.place(fix.mark))
    }

    /// Lines and columns count from 1; columns and `length` count characters (Unicode scalars), the `byte_` ones bytes
    /// of UTF-8; ends are behind the last one.
    private func place(_ mark: Mark?) -> [JSONValue.Member] {
        let bytes = mark.flatMap { mark in self.files[mark.file].flatMap { SourceExcerpt.bytes(mark, in: $0) } }
        func number(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? .null }
        return [
            .init("file", .text(mark?.file)), .init("line", number(mark?.line)), .init("column", number(mark?.column)),
            .init("end_line", number(mark?.line)), .init("end_column", number(mark?.endColumn)),
            .init("length", number(mark?.length)), .init("byte_column", number(bytes?.column)),
            .init("byte_length", number(bytes?.length)),
        ]
    }
}
