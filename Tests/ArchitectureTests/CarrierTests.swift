// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct CarrierTests {
    @Test func `each carrier is made in its own stage only`() {
        #expect(Repository.product.flatMap(CarrierRule.findings).isEmpty)
    }

    @Test func `each stage makes its carrier`() {
        for (carrier, module) in CarrierRule.makers {
            let makes = Repository.product.contains { $0.module == module && $0.text.contains("\(carrier)(") }
            #expect(makes, "\(module) makes no \(carrier)")
        }
    }

    @Test(arguments: [
        ("Verified(event: event, dedupe: nil)", 1),
        ("let made = Verified.init(event: event)", 1),
        ("// Verified(event: event)", 0),
        ("let text = \"Verified(\"", 0),
        ("let text = \"\\(Verified(event: event))\"", 1),
        ("isVerified(event)", 0),
        ("case let .failure(VerifiedTwice(event))", 0),
    ])
    func finds(_ text: String, _ expected: Int) {
        #expect(
            CarrierRule.findings(in: SourceFile(path: "Sources/Stages/HookRoute/Route.swift", text: text)).count
                == expected)
        #expect(
            CarrierRule.findings(in: SourceFile(path: "Sources/Stages/HookVerify/Verify.swift", text: text)).isEmpty)
    }
}
