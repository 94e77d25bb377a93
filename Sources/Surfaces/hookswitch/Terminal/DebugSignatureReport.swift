// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookVerify

/// A diagnosis for people and programs.
struct DebugSignatureReport {
    /// Bytes of the signed text that are shown.
    private static let signedBytesMax = 2000

    let diagnosis: SignatureDiagnosis
    let source: SourceSpec
    let request: RawRequest

    var json: JSONValue {
        [
            "schema": "hookswitch/debug-signature@1", "source": .string(self.source.name.text),
            "preset": .text(self.source.preset), "verdict": self.diagnosis.isValid ? "valid" : "invalid",
            "code": .text(self.diagnosis.failure?.code),
            "status": self.diagnosis.failure.map { .int($0.status) } ?? .null,
            "checks": .array(
                self.diagnosis.steps.map {
                    ["name": .string($0.name), "ok": .bool($0.isFine), "detail": .string($0.detail)]
                }),
            "signed": .text(self.signed), "signed_bytes": self.diagnosis.signed.map { .int($0.count) } ?? .null,
            "received": .array(self.diagnosis.received.map { .string($0) }),
            "expected_prefix": .array(self.diagnosis.expectedPrefixes.map { .string($0) }),
            "mistakes": .array(
                self.diagnosis.mistakes.map {
                    ["code": .string($0.code), "message": .string($0.message), "hint": .string($0.hint)]
                }),
        ]
    }

    private var signed: String? {
        self.diagnosis.signed.map { bytes in
            let more = bytes.count > Self.signedBytesMax ? "… (\(bytes.count) bytes)" : ""
            return String(decoding: bytes.prefix(Self.signedBytesMax), as: UTF8.self) + more
        }
    }

    func text(_ style: Style) -> String {
        let preset = self.source.preset.map { " (preset \($0))" } ?? ""
        var lines = [
            style.bold("\(self.source.name)\(preset)")
                + style.dim(
                    "  \(self.request.method) \(Printable.text(self.request.path)), \(self.request.body.count) bytes")
        ]
        for step in self.diagnosis.steps {
            let sign = step.isFine ? style.green("✓") : style.red("✗")
            lines.append("  \(sign) \(step.name.padded(10)) \(Printable.text(step.detail))")
        }
        for text in self.diagnosis.received { lines.append("  received   \(Printable.text(text))") }
        for text in self.diagnosis.expectedPrefixes {
            lines.append("  expected   \(text)… " + style.dim("(the first characters only)"))
        }
        if let signed {
            // A line break at the end is what people lose: it must show.
            let shown = signed.replacing("\r", with: "␍").replacing("\n", with: "␊")
            lines.append("  signed     \(Printable.text(shown))")
        }
        if let failure = self.diagnosis.failure {
            lines += ["", style.red("INVALID") + " \(failure.status) [\(failure.code)]: \(failure.detail)"]
        } else {
            lines += ["", style.green("VALID")]
        }
        for mistake in self.diagnosis.mistakes {
            lines.append(style.yellow(mistake.code) + ": \(Printable.text(mistake.message))")
            lines.append("  hint: \(Printable.text(mistake.hint))")
        }
        return lines.joined(separator: "\n")
    }
}
