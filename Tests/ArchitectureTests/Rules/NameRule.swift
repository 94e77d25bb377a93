// SPDX-License-Identifier: Apache-2.0

/// Names that say nothing: the name must say what a thing is (`RetrySchedule`, `DeadLetters`, `SignatureCheck`).
enum NameRule {
    static let banned: Set<String> = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Base", "Impl", "Data",
        "Info",
        "Misc", "Handler",
    ]
    /// `LogHandler` is swift-log's word, `ChannelHandler` NIO's.
    static let exceptions: Set<String> = ["SignalsLogHandler"]
    static let reason = "a name must say what the thing is; this word fits everything"

    /// The words of a name: `HTTPDateParser` is `HTTP`, `Date`, `Parser`; `Base64` is one word.
    static func words(of name: String) -> [String] { self.word.groups(in: name) }

    private static let word = Pattern(#"([A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+)"#)

    static func isBanned(_ name: String) -> Bool {
        !self.exceptions.contains(name) && self.words(of: name).contains { self.banned.contains($0) }
    }

    private static let declaration = Pattern(
        #"\b(?:struct|class|enum|protocol|actor|typealias) +([A-Z][A-Za-z0-9_]*)"#)

    static func findings(in file: SourceFile) -> [Finding] {
        let stem = file.name.split(separator: ".").first.map(String.init) ?? file.name
        let ofFile = self.isBanned(stem) ? [Finding(file, "file \(file.name)", self.reason)] : []
        guard file.path.hasSuffix(".swift") else { return ofFile }
        return ofFile
            + self.declaration.lines(of: file.swift.codeText, file.swift.code).flatMap { index in
                self.declaration.groups(in: file.swift.code[index]).filter(self.isBanned).map {
                    Finding(file, line: index + 1, "type \($0)", self.reason)
                }
            }
    }
}
