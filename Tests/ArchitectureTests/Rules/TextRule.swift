// SPDX-License-Identifier: Apache-2.0

/// What holds for every file of text, whatever its language.
enum TextRule {
    static let licence = "SPDX-License-Identifier: Apache-2.0"

    /// Files that carry no licence line of their own.
    static func needsLicence(_ file: SourceFile) -> Bool {
        // A manifest's first line is its tools version; shipped scripts are copied into people's own projects by `init`.
        if file.name == "Package.swift" || file.path.hasPrefix("scripts/") { return false }
        return [".swift", ".c", ".h", ".py", ".sh", ".lua"].contains(where: file.path.hasSuffix)
            || file.text.hasPrefix("#!")
    }

    static func licenceFindings(in file: SourceFile) -> [Finding] {
        guard self.needsLicence(file) else { return [] }
        // Behind `#!` it is the second line.
        let line = file.lines.first { !$0.hasPrefix("#!") } ?? ""
        if line.hasSuffix(self.licence) || line.hasSuffix(self.licence + " */") { return [] }
        return [
            Finding(
                file, "no licence line", "a file that is copied out of the tree still says what may be done with it")
        ]
    }

    /// Paths of a machine, and words that say nothing about the product.
    static let banned: [(pattern: Pattern, reason: String)] = [
        (
            Pattern(#"(?<![A-Za-z0-9_.}~-])/(home|root|Users|work|farm)/"#),
            "the tree must not know a machine it once stood on"
        ),
        (
            Pattern(#"(?i)(?<![A-Za-z_-])(sub)?(agent|helper|session)s?\b(?![-_]?id)"#),
            "the product has none of these: say what the thing is"
        ),
    ]
    /// Where the banned words stand because they are spoken of.
    static let exceptions = ["Tests/ArchitectureTests/", "dev/check"]

    static func wordFindings(in file: SourceFile) -> [Finding] {
        if self.exceptions.contains(where: file.path.hasPrefix) { return [] }
        return self.banned.flatMap { pattern, reason in
            pattern.lines(of: file.text, file.lines).map { index in
                Finding(file, line: index + 1, String(file.lines[index].prefix(100)), reason)
            }
        }
    }
}
