// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct CIDRTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        /// Nil: refused.
        let reads: String?
        var testDescription: String { self.text }

        init(_ text: String, _ reads: String?) {
            self.text = text
            self.reads = reads
        }
    }

    static let spellings: [Case] = [
        Case("10.0.0.1", "10.0.0.1"), Case("10.0.0.0/8", "10.0.0.0/8"), Case("10.1.2.3/8", "10.0.0.0/8"),
        Case("0.0.0.0/0", "0.0.0.0/0"), Case("255.255.255.255", "255.255.255.255"), Case("10.0.0.1/32", "10.0.0.1"),
        Case("::ffff:10.0.0.1", "10.0.0.1"), Case("::ffff:a00:1", "10.0.0.1"),
        Case("::FFFF:10.0.0.0/104", "10.0.0.0/8"),
        Case("::", "::"), Case("::1", "::1"), Case("1::", "1::"), Case("::/0", "::/0"),
        Case("2001:DB8::1", "2001:db8::1"),
        Case("2001:db8::/32", "2001:db8::/32"), Case("2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::/64"),
        Case("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), Case("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        Case("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), Case("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        Case("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), Case("0001:0002::", "1:2::"),
        Case("", nil), Case("10.0.0.01", nil), Case("010.0.0.1", nil), Case("10.0.0", nil), Case("10.0.0.0.0", nil),
        Case("10.0.0.256", nil), Case("10.0.0.1/33", nil), Case("10.0.0.1/08", nil), Case("10.0.0.1/", nil),
        Case("10.0.0.1/-1", nil), Case(" 10.0.0.1", nil), Case("10.0.0.1 ", nil), Case("0x0a.0.0.1", nil),
        Case("10..0.1", nil),
        Case("1:2:3:4:5:6:7", nil), Case("1:2:3:4:5:6:7:8:9", nil), Case(":::", nil), Case("1::2::3", nil),
        Case(":1", nil),
        Case("1:", nil), Case("::1:", nil), Case("fe80::1%eth0", nil), Case("12345::", nil), Case("::1/129", nil),
        Case("1:2:3:4:5:6:7:8::", nil), Case("1:2:3:4:5:6:7:10.0.0.1", nil), Case("10.0.0.1::", nil),
        Case("localhost", nil),
    ]

    @Test(arguments: spellings)
    func `an address or block reads as its shortest spelling, or not at all`(_ example: Case) {
        #expect(CIDR(example.text)?.description == example.reads)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ("10.0.0.0/8", "10.1.0.0/16", true), ("10.1.0.0/16", "10.0.0.0/8", false), ("0.0.0.0/0", "::1", false),
        ("::/0", "10.0.0.1", true), ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false),
        ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.6", false), ("fe80::/10", "febf::1", true),
    ])
    func `a block contains what shares its prefix`(_ block: String, _ other: String, _ isInside: Bool) throws {
        #expect(try #require(CIDR(block)).contains(#require(CIDR(other))) == isInside)
    }
}
