// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct PercentCodingTests {
    @Test func `encoding goes both ways`() {
        let text = Array("a b/ü?&=%+~".utf8)
        let encoded = PercentCoding.encode(text)
        #expect(String(decoding: encoded, as: UTF8.self) == "a%20b%2F%C3%BC%3F%26%3D%25%2B~")
        #expect(PercentCoding.decode(encoded) == text)
        #expect(
            PercentCoding.encode("a/b c") { $0 == UInt8(ascii: "/") || PercentCoding.isUnreserved($0) } == "a/b%20c")
    }

    @Test(arguments: ["%4", "%", "%zz", "a%2", "%G0"])
    func `a broken escape is refused`(_ text: String) {
        #expect(PercentCoding.decode(Array(text.utf8)) == nil)
    }
}

@Suite struct FormTextTests {
    private static func pairs(_ text: String) -> [String] {
        var found: [String] = []
        FormText.forEachParameter(of: Array(text.utf8)) { name, value in
            found.append(String(decoding: name, as: UTF8.self) + "|" + String(decoding: value, as: UTF8.self))
        }
        return found
    }

    @Test(
        arguments: [
            ("a=1&b=x+y&c&=z&a=%32&d=a=b", ["a|1", "b|x y", "c|", "|z", "a|2", "d|a=b"]),
            ("&&a=1&", ["a|1"]),
            ("", []),
            ("%61=%2B&b=100%&c=%zz+%4", ["a|+", "b|100%", "c|%zz %4"]),
        ] as [(String, [String])])
    func `parameters are decoded in order`(_ text: String, _ expected: [String]) {
        #expect(Self.pairs(text) == expected)
    }

    @Test func `the first parameter of a name counts`() {
        let text = Array("b&%61=1&a=2".utf8)
        #expect(FormText.firstValue(of: "a", in: text) == Array("1".utf8))
        #expect(FormText.firstValue(of: "b", in: text) == [])
        #expect(FormText.firstValue(of: "c", in: text) == nil)
    }
}

@Suite struct NearestNameTests {
    @Test(
        arguments: [
            ("relase", "release"), ("push", "push"), ("zebra", nil), ("pusj", "push"), ("", nil),
        ] as [(String, String?)])
    func `near names are found, far ones are not`(_ name: String, _ expected: String?) {
        #expect(NearestName.to(name, among: ["release", "push"]) == expected)
    }

    @Test(arguments: [
        ("kitten", "sitting", 3), ("ledger", "leger", 1), ("chat", "caht", 1), ("", "abc", 3), ("same", "same", 0),
    ])
    func `the distance of two words`(_ left: String, _ right: String, _ distance: Int) {
        #expect(NearestName.distance(Array(left.utf8), Array(right.utf8), atMost: 5) == distance)
        #expect(NearestName.distance(Array(left.utf8), Array(right.utf8), atMost: distance - 1) == nil)
    }
}

@Suite struct HTTPTokenTests {
    @Test func `the bits are those of the list in RFC 9110`() {
        let list = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max { #expect(HTTPToken.contains(byte) == list.contains(byte), "\(byte)") }
    }

    @Test(arguments: [("X-Event", true), ("", false), ("a b", false), ("a:", false), ("é", false)])
    func `a token is not empty`(_ text: String, _ expected: Bool) {
        #expect(HTTPToken.isToken(text) == expected)
    }
}
