// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// The six words, in one order, wherever the stages are listed.
@Suite struct StageOrderTests {
    static let words = ["ingest", "verify", "route", "transform", "store", "deliver"]

    /// True where a line, or lines one after the other, number the six in order: `1 ingest … 6 deliver`.
    static func numbersTheSix(_ text: String) -> Bool {
        var rest = Substring(text.lowercased())
        for (index, word) in self.words.enumerated() {
            guard
                let found = rest.range(
                    of: "\\b\(index + 1)[^0-9a-z]{1,12}(hook)?\(word)\\b", options: .regularExpression)
            else {
                return false
            }
            rest = rest[found.upperBound...]
        }
        return true
    }

    @Test(arguments: ["docs/ARCHITECTURE.md", "Sources/Stages/README.md"])
    func `a page lists the six stages in order`(_ path: String) throws {
        #expect(try Self.numbersTheSix(#require(Repository.text(path))))
    }

    @Test func `log records name the six stages in order`() {
        #expect(LogRecord.Stage.allCases.prefix(6).map(\.rawValue) == Self.words)
    }

    @Test func `each stage says its number, and the modules are the six`() {
        let modules = Self.words.map { "Hook" + $0.prefix(1).uppercased() + $0.dropFirst() }
        #expect(ImportRule.stages == modules)
        #expect(CarrierRule.makers.map(\.module) == modules)
        for (index, module) in modules.enumerated() {
            let says = Repository.product.contains {
                $0.module == module && $0.text.contains("Stage \(index + 1) of 6")
            }
            #expect(says, "no file of \(module) says that it is stage \(index + 1) of 6")
        }
    }

    @Test(arguments: [
        ("1 ingest, 2 verify, 3 route, 4 transform, 5 store, 6 deliver", true),
        ("1 verify, 2 ingest, 3 route, 4 transform, 5 store, 6 deliver", false),
        ("1 ingest, 2 verify, 3 route, 4 transform, 5 store", false),
        ("| 1 | [HookIngest](x) |\n2. **Verify.**\n3 route 4 transform 5 store 6 deliver", true),
    ])
    func reads(_ text: String, _ expected: Bool) {
        #expect(Self.numbersTheSix(text) == expected)
    }
}
