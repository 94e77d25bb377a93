// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

@Suite struct ShippedExampleTests {
    static let files = project(at: packageRoot, below: ["routes", "scripts"])

    @Test func `the shipped examples are without findings`() {
        let loaded = ConfigLoader.load(Self.files)
        #expect(DiagnosticRenderer(files: Self.files).render(loaded.diagnostics) == "")
        #expect(
            loaded.configuration.routes.map(\.name.text).sorted() == [
                "hot-to-chat", "lines-to-warehouse", "minute-of-device", "minutes-to-metrics", "order-to-erp",
                "payment-fan-out", "push-to-chat", "release-to-chat", "shipments-to-subscribers", "stock-notice",
                "stock-to-warehouse",
            ])
        #expect(loaded.configuration.sources.count == 6)
        #expect(loaded.configuration.tests.count >= 10)
    }
}
