// SPDX-License-Identifier: Apache-2.0
import HookCore
package import HookTransform

extension DryRunReport {
    static func json(_ note: ConversionNote) -> JSONValue {
        [
            "type": .string(note.type), "from": .int(note.from), "to": .int(note.to),
            "destination": .text(note.destination?.text),
            "steps": .array(
                note.steps.map { step in
                    [
                        "from": step.call.conversion.map { .int($0.from) } ?? .null,
                        "to": step.call.conversion.map { .int($0.to) } ?? .null, "script": .string(step.call.script),
                        "us": .int(self.microseconds(step.call.duration)), "steps": .int(step.call.steps),
                        "failure": step.failure.map(self.json) ?? .null,
                    ]
                }),
        ]
    }
}

extension ConversionNote {
    /// `converted order.created@1 → @2 by orders.lua#v1_to_v2`.
    package var words: String {
        let steps = self.steps.map { step in
            step.call.script + (step.failure.map { " (failed: [\($0.code)])" } ?? "")
        }
        let whose = self.destination.map { " for \($0)" } ?? ""
        let verb = self.steps.contains { $0.failure != nil } ? "did not convert" : "converted"
        return "\(verb) \(self.type)@\(self.from) → @\(self.to)\(whose)"
            + (steps.isEmpty ? "" : " by \(steps.joined(separator: ", "))")
    }
}
