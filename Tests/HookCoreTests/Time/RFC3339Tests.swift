// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct RFC3339Tests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let milliseconds: Int64?
        var testDescription: String { "`\(self.text)`" }
    }

    static let cases: [Case] = [
        Case(text: "1970-01-01T00:00:00Z", milliseconds: 0),
        Case(text: "1970-01-01", milliseconds: 0),
        Case(text: "1969-12-31T23:59:59.999Z", milliseconds: -1),
        Case(text: "2000-02-29T12:30:45.5+02:30", milliseconds: 951_818_445_500),
        Case(text: "2026-01-01t12:00:00.123456789z", milliseconds: 1_767_268_800_123),
        Case(text: "1990-12-31T23:59:60Z", milliseconds: 662_688_000_000),
        Case(text: "0000-01-01T00:00:00Z", milliseconds: -62_167_219_200_000),
        Case(text: "9999-12-31T23:59:59.999Z", milliseconds: 253_402_300_799_999),
        Case(text: "2026-02-29", milliseconds: nil), Case(text: "1900-02-29", milliseconds: nil),
        Case(text: "2026-13-01", milliseconds: nil), Case(text: "2026-00-01", milliseconds: nil),
        Case(text: "2026-01-00", milliseconds: nil), Case(text: "2026-01-01T24:00:00Z", milliseconds: nil),
        Case(text: "2026-01-01T00:60:00Z", milliseconds: nil), Case(text: "2026-01-01T00:00:00", milliseconds: nil),
        Case(text: "2026-01-01T00:00:00.Z", milliseconds: nil),
        Case(text: "2026-01-01T00:00:00+24:00", milliseconds: nil),
        Case(text: "2026-01-01T00:00:00Zx", milliseconds: nil), Case(text: "", milliseconds: nil),
        Case(text: "2026-1-1", milliseconds: nil), Case(text: "２026-01-01", milliseconds: nil),
        Case(text: "2026-01-01T00:00:00\u{301}Z", milliseconds: nil),
    ]

    @Test(arguments: cases)
    func `texts mean their moment or nothing`(example: Case) {
        #expect(WallTime(rfc3339: example.text)?.milliseconds == example.milliseconds)
    }

    @Test func `every printed time is read back`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let time = WallTime(
                milliseconds: Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
            #expect(WallTime(rfc3339: time.rfc3339) == time)
        }
    }

    @Test(arguments: zip([Int64.min, .max], ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]))
    func `times beyond the calendar print as its ends`(milliseconds: Int64, text: String) {
        #expect(WallTime(milliseconds: milliseconds).rfc3339 == text)
    }

    @Test func `differences saturate`() {
        let (first, last) = (WallTime(milliseconds: .min), WallTime(milliseconds: .max))
        #expect(last - first == .milliseconds(Int64.max))
        #expect(first - last == .milliseconds(Int64.min))
        #expect(first.seconds < 0)
        #expect(last + .seconds(1) == last)
    }
}
