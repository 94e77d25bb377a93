// SPDX-License-Identifier: Apache-2.0
// The manual of the route language, made from the declarations: it cannot say what the parser does not do.

internal import HookCore

package enum ReferenceManual {
    /// Every field with its path, e.g. `destinations.NAME.retry.first`.
    package static let fields: [(path: String, note: FieldNote)] = {
        var result: [(path: String, note: FieldNote)] = []
        for field in RouteFile.section.note.fields {
            let isNamed = NameKind(rawValue: field.key) != nil
            result.append((field.key, field))
            for section in field.sections {
                Self.collect(section, isNamed ? "\(field.key).NAME" : field.key, into: &result)
            }
        }
        Self.collect(ServerSpec.section.note, "hookswitch.yaml", into: &result)
        return result
    }()

    private static func collect(
        _ section: SectionNote, _ path: String, into result: inout [(path: String, note: FieldNote)]
    ) {
        for field in section.fields {
            result.append(("\(path).\(field.key)", field))
            for inner in field.sections { Self.collect(inner, "\(path).\(field.key)", into: &result) }
        }
    }

    /// The whole manual as Markdown: one table a section, then the operators.
    package static var markdown: String {
        var output = "# The route language: reference\n\nMade from the declarations in the program; do not edit.\n"
        var written: Set<String> = []
        self.write(RouteFile.section.note, to: &output, written: &written)
        self.write(ServerSpec.section.note, to: &output, written: &written)
        output +=
            "\n## Operators of the match language\n\n| operator | operand | example | meaning |\n|---|---|---|---|\n"
        for item in MatchOperator.all {
            output +=
                "| `\(item.name)` | \(self.cell(item.operand)) | `\(self.cell(item.example))` "
                + "| \(self.cell(item.summary)) |\n"
        }
        output += "\nKeys that combine conditions:\n\n| key | meaning |\n|---|---|\n"
        for item in ConditionReader.combinators { output += "| `\(item.key)` | \(item.summary) |\n" }
        output +=
            "\n## Presets\n\nThe settings of each, as a source could write them itself:\n\n"
            + "```yaml\n\(Presets.text)\n```\n"
        return output
    }

    private static func write(_ section: SectionNote, to output: inout String, written: inout Set<String>) {
        guard written.insert(section.title).inserted else { return }
        output += "\n## \(Self.heading(section.title))\n\n\(section.summary)\n"
        if !section.fields.isEmpty {
            output += "\n| key | value | default | range | meaning |\n|---|---|---|---|---|\n"
        }
        for field in section.fields {
            let key = field.isRequired ? "**`\(field.key)`**" : "`\(field.key)`"
            output += "| \(key) | \(self.cell(field.expects)) | \(self.cell(field.defaultText ?? "")) | "
            output += "\(field.range ?? "") | \(self.cell(field.summary + Self.remark(field))) |\n"
        }
        for field in section.fields {
            for inner in field.sections { self.write(inner, to: &output, written: &written) }
        }
    }

    /// What `hookswitch help FIELD` prints: every field with that key, or the one at that path; nil where there is
    /// none.
    package static func help(field name: String) -> String? {
        let found = self.fields.filter { $0.path == name || $0.note.key == name || $0.path.hasSuffix("." + name) }
        guard !found.isEmpty else { return self.help(operator: name) }
        return found.map { path, note in
            var text = "\(path)\n  \(note.summary)\(Self.remark(note))\n  value: \(note.expects)\n"
            if let range = note.range { text += "  range: \(range)\n" }
            if let value = note.defaultText { text += "  default: \(value)\n" }
            if note.isRequired { text += "  required\n" }
            if note.takesSecret { text += "  takes the name of a secret, never its value\n" }
            return text + "  since: \(note.since)\n"
        }.joined(separator: "\n")
    }

    private static func help(operator name: String) -> String? {
        MatchOperator.all.first { $0.name == name }.map {
            "\($0.name) (operator of match)\n  \($0.summary)\n  operand: \($0.operand)\n"
                + "  example: data.field: \($0.example)\n"
        }
    }

    private static func remark(_ field: FieldNote) -> String {
        switch field.status {
        case .works: ""
        case .noEffectYet: " *No effect in this version.*"
        case .notYet: " *Not in this version: refused.*"
        }
    }

    private static func heading(_ title: String) -> String { title.prefix(1).uppercased() + title.dropFirst() }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
