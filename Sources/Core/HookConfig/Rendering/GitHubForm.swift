// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Findings as workflow commands of GitHub Actions: `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`
/// (docs.github.com, "Workflow commands for GitHub Actions"; escapes after `toCommandValue` of actions/toolkit).
struct GitHubForm {
    /// Before each path.
    let prefix: String

    func annotation(_ diagnostic: Diagnostic) -> String {
        var properties: [String] = []
        if let mark = diagnostic.mark {
            properties = [
                "file=\(self.property(self.prefix + mark.file))", "line=\(mark.line)", "endLine=\(mark.line)",
                "col=\(mark.column)", "endColumn=\(mark.endColumn)",
            ]
        }
        properties.append("title=\(self.property(diagnostic.code))")
        let hint = diagnostic.hint.map { " (\($0))" } ?? ""
        let notes = diagnostic.notes.map { note in
            "\n\(note.message)" + (note.mark.map { " (\(self.prefix)\($0.file):\($0.line):\($0.column))" } ?? "")
        }
        return "::\(diagnostic.severity.rawValue) \(properties.joined(separator: ","))"
            + "::\(self.message(diagnostic.message + hint + notes.joined()))\n"
    }

    private func message(_ text: String) -> String { PercentCoding.encode(text) { !"%\r\n".utf8.contains($0) } }

    private func property(_ text: String) -> String { PercentCoding.encode(text) { !"%\r\n:,".utf8.contains($0) } }
}
