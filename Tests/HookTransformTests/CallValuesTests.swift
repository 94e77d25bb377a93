// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookTransform

@Suite struct CallValuesTests {
    static let event = EventID(time: WallTime(milliseconds: 1_767_225_600_000), random: 42)

    @Test func `chance depends on event and route alone`() {
        var one = CallChance(event: Self.event, route: "a")
        var same = CallChance(event: Self.event, route: "a")
        var other = CallChance(event: Self.event, route: "b")
        let first = one.next()
        #expect(first == same.next())
        #expect(first != other.next())
        #expect(first != one.next())
    }

    @Test func `a named uuid is stable and an unnamed one is new`() {
        var chance = CallChance(event: Self.event, route: "a")
        let named = chance.uuid(Array("order".utf8))
        #expect(named == chance.uuid(Array("order".utf8)))
        #expect(named != chance.uuid(Array("invoice".utf8)))
        #expect(chance.uuid(nil) != chance.uuid(nil))
        let letters = Array(named)
        #expect(letters.count == 36)
        #expect(letters[14] == "8")
        #expect("89ab".contains(letters[19]))
    }

    @Test(
        arguments: zip(
            ["2h30m", "-1d", "250ms", "90s", "1w", "0s", "+5m"],
            [9_000_000, -86_400_000, 250, 90_000, 604_800_000, 0, 300_000] as [Int64]))
    func `amounts of time are read`(_ text: String, _ milliseconds: Int64) {
        #expect(ScriptTime.milliseconds(ofAmount: text) == milliseconds)
    }

    @Test(arguments: [
        "", "-", "5", "m", "5x", "1.5h", "5 m", "99999999999999999999d", "9223372036854775807w", "--5m", "٣s",
    ])
    func `malformed amounts are refused`(_ text: String) {
        #expect(ScriptTime.milliseconds(ofAmount: text) == nil)
    }
}
