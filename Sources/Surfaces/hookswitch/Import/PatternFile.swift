// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute

/// The lines of a file.
enum Lines {
    /// Without their ends; the end of the last line begins no other one.
    static func of(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    static func isBlank(_ line: [UInt8]) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}

/// EventBridge patterns, one a line.
struct PatternFile {
    struct Refusal {
        /// From 0.
        let line: Int
        let failure: PatternFailure
    }

    /// By line; nil where the line is blank or was refused.
    private(set) var patterns: [EventBridgePattern?] = []
    private(set) var refusals: [Refusal] = []

    init(_ lines: [[UInt8]]) {
        self.patterns.reserveCapacity(lines.count)
        for (number, line) in lines.enumerated() {
            guard !Lines.isBlank(line) else {
                self.patterns.append(nil)
                continue
            }
            do throws(PatternFailure) {
                self.patterns.append(try EventBridgePattern(parsing: line))
            } catch {
                self.refusals.append(Refusal(line: number, failure: error))
                self.patterns.append(nil)
            }
        }
    }
}
