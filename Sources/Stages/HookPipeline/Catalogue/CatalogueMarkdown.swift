// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// The catalogue as a page for people.
package struct CatalogueMarkdown {
    private let report: CatalogueReport
    private let now: WallTime

    package init(_ report: CatalogueReport, at now: WallTime) {
        self.report = report
        self.now = now
    }

    package var text: String {
        var lines = ["# Events", ""]
        if self.report.types.isEmpty { lines += ["The catalogue is empty.", ""] }
        for type in self.report.types { lines += self.chapter(type) }
        return lines.joined(separator: "\n")
    }

    private func chapter(_ type: CatalogueReport.EventType) -> [String] {
        var lines = ["## \(Self.plain(type.spec.name))", ""]
        if let summary = type.spec.summary { lines += [Self.plain(summary), ""] }
        if let description = type.spec.description { lines += [Self.plain(description), ""] }
        if !type.senders.isEmpty { lines += ["Sent by \(Self.list(type.senders.map(\.text))).", ""] }
        lines += ["| version | state | schema | receivers |", "|---|---|---|---|"]
        for version in type.spec.versions {
            let receivers = type.receivers(of: version.number).map { "\($0.destination) (\($0.route))" }
            lines.append(
                "| \(version.number) | \(self.state(version, of: type.spec)) | \(version.schema?.path ?? "") | "
                    + "\(Self.list(receivers)) |")
        }
        lines.append("")
        for version in type.spec.versions { lines += self.fields(version, of: type.spec) }
        return lines
    }

    private func state(_ version: EventVersionSpec, of type: EventTypeSpec) -> String {
        var words: [String] = version.number == type.current?.number ? ["current"] : []
        if let day = version.deprecated {
            words.append(
                "deprecated \(version.isDeprecated(at: self.now) ? "since" : "from") \(CatalogueReport.day(day))")
        }
        if let day = version.sunset { words.append("ends on \(CatalogueReport.day(day))") }
        return words.joined(separator: ", ")
    }

    /// The members that the schema declares at the top, and an example.
    private func fields(_ version: EventVersionSpec, of type: EventTypeSpec) -> [String] {
        var lines: [String] = []
        if let schema = version.schema?.value, case .object(let members)? = schema["properties"] {
            let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
            lines += [
                "### \(Self.plain(type.name))@\(version.number)", "", "| field | type | required | meaning |",
                "|---|---|---|---|",
            ]
            for member in members {
                lines.append(
                    "| \(Self.plain(member.key)) | \(Self.type(of: member.value)) | "
                        + "\(required.contains(member.key) ? "yes" : "") | "
                        + "\(Self.plain(member.value["description"]?.stringValue ?? member.value["title"]?.stringValue ?? "")) |"
                )
            }
            lines.append("")
        }
        if let example = version.examples.first {
            let text = String(decoding: example.value.encoded(.indented), as: UTF8.self)
            lines += ["```json", text, "```", ""]
        }
        return lines
    }

    private static func type(of schema: JSONValue) -> String {
        if let text = schema["type"]?.stringValue { return text }
        if let list = schema["type"]?.arrayValue { return list.compactMap(\.stringValue).joined(separator: " or ") }
        if let values = schema["enum"]?.arrayValue ?? schema["const"].map({ [$0] }) {
            return self.plain(values.prefix(8).map(\.text).joined(separator: ", "))
        }
        return schema["$ref"]?.stringValue.map { self.plain($0.split(separator: "/").last.map(String.init) ?? $0) }
            ?? ""
    }

    private static func list(_ words: [String]) -> String { self.plain(words.joined(separator: ", ")) }

    /// Text that cannot end a cell or begin something else.
    private static func plain(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "|", "\\", "<", ">", "`", "*", "[", "]": result += "\\\(character)"
            case _ where character.isNewline: result += " "
            default: result.append(character)
            }
        }
        return result
    }
}
