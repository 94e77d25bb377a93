// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Findings as a SARIF 2.1.0 log (OASIS, sarif-v2.1.0): one run, the rules that it uses with their help, each result
/// with its region, other places, fix and fingerprint.
struct SARIFForm {
    let files: [String: [UInt8]]
    /// Before each path.
    let prefix: String

    func log(_ diagnostics: [Diagnostic]) -> JSONValue {
        let codes = Set(diagnostics.map(\.code)).sorted()
        let places = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": "hookswitch", "version": .string(HookswitchVersion.text),
                            "semanticVersion": .string(HookswitchVersion.text), "rules": .array(codes.map(self.rule)),
                        ]
                    ],
                    // Columns count characters here; SARIF's own default counts UTF-16 code units.
                    "columnKind": "unicodeCodePoints",
                    "results": .array(diagnostics.map { self.result($0, rule: places[$0.code] ?? 0) }),
                ]
            ],
        ]
    }

    private func rule(_ code: String) -> JSONValue {
        let entry = CodeRegistry.entry(for: code)
        var help = entry?.explanation ?? code
        if let entry, !entry.wrong.isEmpty { help += "\n\nWrong:\n\n\(entry.wrong)" }
        if let entry, !entry.right.isEmpty { help += "\n\nRight:\n\n\(entry.right)" }
        return [
            "id": .string(code), "name": .string(code), "shortDescription": ["text": .string(entry?.title ?? code)],
            "fullDescription": ["text": .string(entry?.explanation ?? code)], "help": ["text": .string(help)],
        ]
    }

    private func result(_ diagnostic: Diagnostic, rule: Int) -> JSONValue {
        let hint = diagnostic.hint.map { " (\($0))" } ?? ""
        let context = diagnostic.notes.filter { $0.mark == nil }.map { "\n\($0.message)" }.joined()
        var members: [JSONValue.Member] = [
            .init("ruleId", .string(diagnostic.code)), .init("ruleIndex", .int(rule)),
            .init("level", .string(diagnostic.severity.rawValue)),
            .init("message", ["text": .string(diagnostic.message + hint + context)]),
            .init("locations", .array(diagnostic.mark.map { [.object([self.location($0)])] } ?? [])),
            .init("partialFingerprints", ["hookswitch/v1": .string(self.fingerprint(diagnostic))]),
        ]
        let related = diagnostic.notes.compactMap { note in note.mark.map { (note.message, $0) } }
        if !related.isEmpty {
            members.append(
                .init(
                    "relatedLocations",
                    .array(
                        related.enumerated().map { place, note in
                            .object([
                                .init("id", .int(place + 1)), .init("message", ["text": .string(note.0)]),
                                self.location(note.1),
                            ])
                        })))
        }
        if let fix = diagnostic.fix { members.append(.init("fixes", [self.fix(fix)])) }
        return .object(members)
    }

    private func fix(_ fix: Diagnostic.Fix) -> JSONValue {
        [
            "description": ["text": .string("write \(fix.text)")],
            "artifactChanges": [
                [
                    "artifactLocation": self.artifact(fix.mark.file),
                    "replacements": [
                        ["deletedRegion": self.region(fix.mark), "insertedContent": ["text": .string(fix.text)]]
                    ],
                ]
            ],
        ]
    }

    private func location(_ mark: Mark) -> JSONValue.Member {
        .init(
            "physicalLocation", ["artifactLocation": self.artifact(mark.file), "region": self.region(mark)])
    }

    private func artifact(_ file: String) -> JSONValue {
        let path = PercentCoding.encode(self.prefix + file) {
            $0 == UInt8(ascii: "/") || PercentCoding.isUnreserved($0)
        }
        return ["uri": .string(path), "uriBaseId": "%SRCROOT%"]
    }

    private func region(_ mark: Mark) -> JSONValue {
        [
            "startLine": .int(mark.line), "startColumn": .int(mark.column), "endLine": .int(mark.line),
            "endColumn": .int(mark.endColumn),
        ]
    }

    /// Stays the same when lines are added above: code, file, message and the text of the line, as FNV-1a 64.
    private func fingerprint(_ diagnostic: Diagnostic) -> String {
        let line = diagnostic.mark.flatMap { mark in
            self.files[mark.file].flatMap { SourceExcerpt.line(mark.line, of: $0) }
        }
        let blanks: Set<UInt8> = [0x09, 0x0D, 0x20]
        let text = (line ?? []).filter { !blanks.contains($0) }
        let parts = [Array(diagnostic.code.utf8), Array((diagnostic.mark?.file ?? "").utf8), text]
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in (parts + [Array(diagnostic.message.utf8)]).joined(separator: [0]) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
