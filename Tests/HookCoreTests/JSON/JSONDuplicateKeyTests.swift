// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookTestKit
import Testing

@Suite struct JSONDuplicateKeyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let last: String
        var testDescription: String { self.text }
    }

    static let cases: [Case] = [
        Case(text: #"{"a":1,"a":2}"#, last: #"{"a":2}"#),
        Case(text: #"{"a":1,"\u0061":2}"#, last: #"{"a":2}"#),
        Case(text: #"{"a":1,"b":2,"a":3,"b":4,"c":5}"#, last: #"{"a":3,"b":4,"c":5}"#),
        Case(text: #"{"a":{"x":1,"y":[1,2]},"b":[{"q":1}],"a":{"z":[3]}}"#, last: #"{"b":[{"q":1}],"a":{"z":[3]}}"#),
        Case(text: #"[0,{"a":1,"a":{"b":1,"b":[true,null]}},9]"#, last: #"[0,{"a":{"b":[true,null]}},9]"#),
        Case(text: #"{"k":{"a":1,"a":2},"k":{"b":1,"b":2,"b":[]},"z":{}}"#, last: #"{"k":{"b":[]},"z":{}}"#),
        Case(text: #"{"":1,"":2,"":3}"#, last: #"{"":3}"#),
        // Equal by eye, not by bytes.
        Case(text: "{\"\u{E9}\":1,\"e\u{301}\":2}", last: "{\"\u{E9}\":1,\"e\u{301}\":2}"),
    ]

    @Test(arguments: cases)
    func `the last value counts in every look-up`(example: Case) throws {
        let bytes = Array(example.text.utf8)
        let document = try JSONDocument(parsing: bytes, limits: JSONLimits(duplicateKeys: .last))
        #expect(JSONValue(document).text == example.last)
        #expect(document.nodes.count == (try JSONDocument(parsing: Array(example.last.utf8)).nodes.count))
        #expect(Array(document.text(of: 0)) == bytes)
    }

    /// Objects whose keys share length, beginning and end, which is all that the quick hash sees.
    static func colliding(_ count: Int) -> [String] { (0..<count).map { "beginning\(1_000_000 + $0)at-the-end" } }

    @Test(arguments: [2, 3, 17, 64, 65, 5000])
    func `objects of every size are checked`(count: Int) throws {
        for keys in [Self.colliding(count), (0..<count).map { "k\($0)" }] {
            let members = keys.map { "\"\($0)\":[{}]" }
            let text = Array("{\(members.joined(separator: ","))}".utf8)
            #expect(try Int(JSONDocument(parsing: text).root.count) == count)
            let first = try #require(members.first)
            let doubled = Array("{\(members.joined(separator: ",")),\(first)}".utf8)
            let failure = #expect(throws: JSONFailure.self) { try JSONDocument(parsing: doubled) }
            #expect(failure == JSONFailure(.duplicateKey, at: text.count))
            let read = try JSONDocument(parsing: doubled, limits: JSONLimits(duplicateKeys: .last))
            #expect(Int(read.root.count) == count)
            #expect(read.nodes.count == 1 + 3 * count)
            #expect(read.member(Array(keys[0].utf8), of: 0) == read.nodes.count - 2)
        }
    }

    @Test func `keys made to collide cost no more than a dictionary`() throws {
        let count = 50_000
        let text = Array("{\(Self.colliding(count).map { "\"\($0)\":0" }.joined(separator: ","))}".utf8)
        let taken = ProcessorTime.measure { #expect(throws: Never.self) { try JSONDocument(parsing: text) } }
        // Quadratic would be 1.25 thousand million comparisons.
        #expect(taken < .seconds(10))
    }
}
