// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Whether the secrets of a configuration have values on this machine. That says nothing about the files, so it is no
/// part of compiling them: `check` warns, `serve` logs an error, `serve --strict` refuses.
package enum SecretCheck {
    /// One finding for all secrets without a value; nil where every one has one.
    package static func finding(
        _ configuration: Configuration, _ secrets: any SecretReading, _ severity: Diagnostic.Severity
    ) -> Diagnostic? {
        let missing = configuration.secrets.filter { secrets.values(of: $0.name).isEmpty }
        guard let first = missing.first else { return nil }
        let others = missing.dropFirst().map { Diagnostic.Note("\($0.name): \(Self.place($0.provider))", at: $0.mark) }
        let message =
            others.isEmpty
            ? "secret \(first.name) has no value here"
            : "\(missing.count) secrets have no value here, first \(first.name)"
        return Diagnostic(
            "secret/unresolved", severity, at: first.mark, message, hint: Self.place(first.provider), notes: others)
    }

    /// What is missing, in words.
    static func place(_ provider: SecretSpec.Provider) -> String {
        switch provider {
        case .environment(let name): "the variable \(name) is not set"
        case .file(let path): "the file \(path) is missing, empty or cannot be read"
        case .credential(let name): "$CREDENTIALS_DIRECTORY has no file \(name) that can be read"
        }
    }
}
