// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct RetryAfterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let value: String
        let wait: Duration?
        var testDescription: String { "`\(self.value)`" }
    }

    /// 1994-11-06T08:49:00Z: 37 seconds before the date of RFC 9110's examples.
    static let now = WallTime(milliseconds: 784_111_740_000)

    static let cases: [Case] = [
        Case(value: "0", wait: .zero),
        Case(value: "120", wait: .seconds(120)),
        Case(value: " 007\t", wait: .seconds(7)),
        Case(value: "99999999999999999999999999999999", wait: RetryAfter.longest),
        Case(value: "Sun, 06 Nov 1994 08:49:37 GMT", wait: .seconds(37)),
        Case(value: "Sunday, 06-Nov-94 08:49:37 GMT", wait: .seconds(37)),
        Case(value: "Sun Nov  6 08:49:37 1994", wait: .seconds(37)),
        Case(value: "Wed Nov 16 08:49:37 1994", wait: .seconds(864_037)),
        Case(value: "Sun, 06 Nov 1994 08:48:37 GMT", wait: .zero),
        Case(value: "Fri, 31 Dec 9999 23:59:60 GMT", wait: RetryAfter.longest),
        // Two digits: at most 50 years ahead, else the last time those digits were.
        Case(value: "Sunday, 06-Nov-44 08:49:37 GMT", wait: RetryAfter.longest),
        Case(value: "Sunday, 06-Nov-45 08:49:37 GMT", wait: .zero),
        Case(value: "", wait: nil), Case(value: "  ", wait: nil), Case(value: "-1", wait: nil),
        Case(value: "+1", wait: nil), Case(value: "1.5", wait: nil), Case(value: "1 2", wait: nil),
        Case(value: "12s", wait: nil), Case(value: "١", wait: nil),
        Case(value: "Sun, 06 Nov 1994 08:49:37", wait: nil),
        Case(value: "Sun, 06 Nov 1994 08:49:37 UTC", wait: nil),
        Case(value: "Sun, 31 Nov 1994 08:49:37 GMT", wait: nil),
        Case(value: "Sun, 06 Nov 1994 24:49:37 GMT", wait: nil),
        Case(value: "Sun, 06 Nov 94 08:49:37 GMT", wait: nil),
        Case(value: "sun, 06 Nov 1994 08:49:37 GMT", wait: nil),
        Case(value: "Sunday, 06-Nov-1994 08:49:37 GMT", wait: nil),
        Case(value: "Sunday, 06--94 08:49:37 GMT", wait: nil),
        Case(value: "Sun Nov 6 08:49:37", wait: nil),
        Case(value: String(repeating: "Sun ", count: 5000), wait: nil),
    ]

    @Test(arguments: cases)
    func `the wait is what the field says`(example: Case) {
        #expect(RetryAfter.parse(example.value, now: Self.now) == example.wait)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func `no clock is too far off`(milliseconds: Int64) {
        let now = WallTime(milliseconds: milliseconds)
        for example in Self.cases {
            let wait = RetryAfter.parse(example.value, now: now)
            #expect((wait == nil) == (example.wait == nil))
            #expect(wait.map { $0 >= .zero && $0 <= RetryAfter.longest } ?? true)
        }
    }
}
