// SPDX-License-Identifier: Apache-2.0
// Parts by themselves, one core, processor time: JSON, matching, transforms. One figure per line, as JSON.
// Usage: micro [SCRIPTS-FOLDER [PAYLOADS.jsonl]] [--quick]
import HookBenchKit

var words = Array(CommandLine.arguments.dropFirst())
let isQuick = words.contains("--quick")
words.removeAll { $0 == "--quick" }
let runs = isQuick ? 3 : 5

JSONBenchmark(payloads: words.count > 1 ? words[1] : nil).run(runs: runs)
MatchBenchmark(sizes: isQuick ? [10, 1_000, 10_000] : [10, 1_000, 10_000, 100_000]).run(runs: runs)
HostileBenchmark().run()
TransformBenchmark(folder: words.first ?? "scripts").run(runs: runs)
