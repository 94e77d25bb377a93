// SPDX-License-Identifier: Apache-2.0
import HookCore

/// `--for 10s`.
enum RunLength {
    static func parse(_ text: String) throws -> Duration {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        guard let last = text.last, let unit = units[last], let number = Int64(text.dropLast()),
            (1...100_000).contains(number)
        else { throw Console.fail("--for takes a time such as 10s or 2m", .usage) }
        return .seconds(number * unit)
    }
}
