// SPDX-License-Identifier: Apache-2.0
import HookConfig
import HookCore
import Testing

@Suite struct DiagnosticListTests {
    private static func finding(_ line: Int) -> Diagnostic {
        Diagnostic("config/unknown-key", at: Mark(file: "routes/a.yaml", line: line, column: 1), "finding \(line)")
    }

    @Test func `a list that was cut takes more findings and is not cut again`() {
        let cut = DiagnosticList.arranged((1...25).reversed().map(Self.finding))
        #expect(cut.count == 21 && cut.last?.message == "5 more findings in this file")
        #expect(cut.first?.mark?.line == 1 && cut[19].mark?.line == 20)
        let more = DiagnosticList.arranged(cut + [Self.finding(30)])
        #expect(more.count == 22 && more.map(\.message).contains("finding 30"))
        #expect(more.count { $0.code == "config/too-many" } == 1)
        #expect(DiagnosticList.arranged(cut).map(\.message) == cut.map(\.message))
    }
}
