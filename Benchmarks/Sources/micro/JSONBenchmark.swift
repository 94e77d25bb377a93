// SPDX-License-Identifier: Apache-2.0
import HookBenchKit
import HookCore

/// Validating parse into a tape, against counting one byte value in the same bytes: the speed of memory.
struct JSONBenchmark {
    /// JSON texts, one a line; mixed events where there is no file.
    let payloads: String?

    func run(runs: Int) {
        let texts = self.texts()
        let bytes = Double(texts.reduce(0) { $0 + $1.count })
        var nodes = 0
        let parse = Stopwatch.perCall(runs: runs) {
            for text in texts {
                // A text that is no JSON would show as a tape of no nodes, below.
                nodes += (try? JSONDocument(parsing: text))?.nodes.count ?? 0
            }
        }
        var quotes = 0
        let scan = Stopwatch.perCall(runs: runs) {
            for text in texts { quotes += text.withUnsafeBytes { unsafe Self.count(0x22, in: $0) } }
        }
        precondition(nodes > 0 && quotes > 0)
        Figure.print("json.parse", bytes / parse / 1e6, "MB/s")
        Figure.print("json.scan", bytes / scan / 1e6, "MB/s")
        Figure.print("json.bytes", bytes / Double(texts.count), "B")
    }

    private static func count(_ byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int {
        var found = 0
        for value in unsafe bytes where value == byte { found += 1 }
        return found
    }

    private func texts() -> [[UInt8]] {
        if let payloads = self.payloads, let lines = TextFile.lines(payloads), !lines.isEmpty { return lines }
        var rules = MixedRules(ruleCount: 1000)
        return (0..<256).map { _ in rules.event().body }
    }
}
