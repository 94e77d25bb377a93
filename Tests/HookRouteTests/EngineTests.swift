// SPDX-License-Identifier: Apache-2.0
// What the hot loop in C and the rest of the product must agree on.

import CMatch
import HookCore
import Testing

@testable import HookRoute

@Suite struct EngineTests {
    @Test func `the tape has the layout that the hot loop reads`() {
        #expect(MemoryLayout<JSONNode>.stride == MemoryLayout<match_node>.stride)
        #expect(MemoryLayout<JSONNode>.offset(of: \.start) == MemoryLayout<match_node>.offset(of: \.start))
        #expect(MemoryLayout<JSONNode>.offset(of: \.end) == MemoryLayout<match_node>.offset(of: \.end))
        #expect(MemoryLayout<JSONNode>.offset(of: \.next) == MemoryLayout<match_node>.offset(of: \.next))
        #expect(MemoryLayout<JSONNode>.offset(of: \.kind) == MemoryLayout<match_node>.offset(of: \.kind))
        #expect(MemoryLayout<JSONNode>.offset(of: \.isEscaped) == MemoryLayout<match_node>.offset(of: \.is_escaped))
        let kinds: [JSONKind] = [.null, .false, .true, .number, .string, .array, .object]
        let numbers = [MATCH_NULL, MATCH_FALSE, MATCH_TRUE, MATCH_NUMBER, MATCH_STRING, MATCH_ARRAY, MATCH_OBJECT]
        #expect(kinds.map { UInt32($0.rawValue) } == numbers.map(\.rawValue))
    }

    @Test func `keys have the same classes`() {
        let classes = [
            MATCH_KEY_TEXT, MATCH_KEY_NUMBER, MATCH_KEY_LITERAL, MATCH_KEY_FOLDED, MATCH_KEY_FACTOR, MATCH_KEY_REACHED,
            MATCH_KEY_ANY_TEXT, MATCH_KEY_PREFIX, MATCH_KEY_SUFFIX, MATCH_KEY_FOLDED_PREFIX, MATCH_KEY_FOLDED_SUFFIX,
            MATCH_KEY_BLOCK,
        ]
        #expect(KeyHash.Class.allCases.map(\.rawValue) == classes.map(\.rawValue))
    }

    /// Spellings around every border of the rules, and random ones.
    static func numbers() -> [String] {
        var spellings = [
            "0", "-0", "0.0", "-0.0", "0e5", "1", "1.0", "1e0", "10e-1", "0.1", "1.5", "-1.5", "100e-2", "1e19", "1e20",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
            "18446744073709551615", "18446744073709551616", "9007199254740993", "9007199254740993.0", "1e400", "-1e400",
            "1e-400", "123456789012345678901234567890", "0.000000000000000000000000000001", "1.00000000000000000000000",
            "12345678901234567890e-1", "4.9e-324", "2.2250738585072011e-308", "1.7976931348623157e308", "1E+2", "3e-1",
            "123456789.123456789e-9", "1000000000000000000000000e-24", "5e22", "5e23", "0.3", "2.5e-22", "2.5e-23",
            "1e99999999999999999999", "1e-99999999999999999999",
        ]
        var random = Seeded(state: 11)
        for _ in 0..<4000 {
            var text = Bool.random(using: &random) ? "-" : ""
            text += String(
                UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0..<64, using: &random))
            if Bool.random(using: &random) {
                text +=
                    "."
                    + String(
                        UInt64.random(in: 0..<100_000_000, using: &random) >> UInt64.random(in: 0..<20, using: &random))
            }
            if Bool.random(using: &random) { text += "e\(Int.random(in: -40...40, using: &random))" }
            spellings.append(text)
        }
        return spellings
    }

    private static func read(_ text: String) -> (kind: UInt8, bits: UInt64) {
        let bytes = Array(text.utf8)
        var bits: UInt64 = 0
        let kind = bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { match_number($0, buffer.count, &bits) } ?? 9
        }
        return (kind, bits)
    }

    @Test func `numbers are read as the parser reads them`() {
        for text in Self.numbers() {
            let expected = NumberBits.of(JSONNumber(text: Array(text.utf8)[...]))
            let found = Self.read(text)
            #expect(found.kind == expected.kind && found.bits == expected.bits, "\(text)")
        }
    }

    @Test func `numbers are ordered as the parser orders them`() {
        let texts = Array(Self.numbers().prefix(240))
        for one in texts {
            for other in texts {
                let (left, right) = (Self.read(one), Self.read(other))
                let order = match_number_order(left.kind, left.bits, right.kind, right.bits)
                let (first, second) = (
                    JSONNumber(text: Array(one.utf8)[...]), JSONNumber(text: Array(other.utf8)[...])
                )
                #expect((order < 0) == (first < second) && (order == 0) == (first == second), "\(one) \(other)")
            }
        }
    }

    static let addresses = [
        "10.0.0.1", "10.0.0.01", "256.0.0.1", "1.2.3", "1.2.3.4.5", "1..2.3", "::", "::1", "1::", "2001:db8::1", ":::",
        "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::2::3",
        "::ffff:10.0.0.1", "1:2:3:4:5:6:10.0.0.1", "1:2:3:4:5:6:7:10.0.0.1", "::10.0.0.1:1", "12345::", "g::", ":1",
        "1:",
        "", ":", "1.2.3.4 ", "fe80::1%eth0", "1:2:3:4:5:6:7:", "ABCD:ef01::", "0.0.0.0", "255.255.255.255", "00.0.0.0",
        "::1.2.3.4", "1::1.2.3.4", "1:2:3:4::5:6:7:8", "1234567890123456789012345678901234567890123456",
    ]

    @Test func `addresses are read as blocks are`() {
        for text in Self.addresses {
            let bytes = Array(text.utf8)
            var (high, low): (UInt64, UInt64) = (0, 0)
            let isAddress = bytes.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { match_address($0, buffer.count, &high, &low) } ?? false
            }
            let expected = CIDR(address: bytes[...])
            #expect(isAddress == (expected != nil), "\(text)")
            if let expected, isAddress { #expect(high == expected.high && low == expected.low, "\(text)") }
        }
    }

    /// The plain form in Swift, which explanations use, walks every route; the index must find the same.
    @Test(arguments: RuleGenerator.Shape.allCases)
    func `the hot loop says what the plain form says`(_ shape: RuleGenerator.Shape) throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            var generator = RuleGenerator(seed: seed &* 32_452_843)
            let routes = (0..<80).map { generator.route("r\($0)", shape) }
            let table = RouteTable(routes: routes)
            var builder = ProgramBuilder()
            let conditions = routes.map { builder.condition($0.wholeCondition) }
            var reading = EventReading(for: builder.program)
            for _ in 0..<40 {
                let event = try generator.event()
                reading.read(event, for: builder.program)
                let expected = zip(routes, conditions).filter { route, condition in
                    route.isEnabled && reading.holds(condition, builder.program)
                }.map(\.0.name.text)
                #expect(table.names(event) == expected)
            }
        }
    }
}
