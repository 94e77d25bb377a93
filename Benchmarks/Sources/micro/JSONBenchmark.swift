// SPDX-License-Identifier: Apache-2.0
import Glibc
import HookBenchKit
import HookCore

/// Validating parse into a tape, against memchr(3) for a byte that is not there: the speed of memory.
struct JSONBenchmark {
    /// JSON texts, one a line; mixed events where there is no file.
    let payloads: String?

    func run(runs: Int) {
        let texts = self.texts()
        let bytes = Double(texts.reduce(0) { $0 + $1.count })
        var refused = 0
        let parse = Stopwatch.perCall(runs: runs) {
            // The reason does not matter here: any refusal stops the measurement below.
            for text in texts where (try? JSONDocument(parsing: text)) == nil { refused += 1 }
        }
        var found = 0
        let scan = Stopwatch.perCall(runs: runs) {
            for text in texts where Self.hasZero(text) { found += 1 }
        }
        precondition(refused == 0 && found == 0, "every text must be JSON")
        Figure.print("json.parse", bytes / parse / 1e6, "MB/s")
        Figure.print("json.scan", bytes / scan / 1e6, "MB/s")
        Figure.print("json.bytes", bytes / Double(texts.count), "B")
    }

    private static func hasZero(_ text: [UInt8]) -> Bool {
        unsafe text.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return unsafe memchr(start, 0, bytes.count) != nil
        }
    }

    private func texts() -> [[UInt8]] {
        if let payloads = self.payloads, let lines = TextFile.lines(payloads), !lines.isEmpty { return lines }
        var rules = MixedRules(ruleCount: 1000)
        return (0..<256).map { _ in rules.event().body }
    }
}
