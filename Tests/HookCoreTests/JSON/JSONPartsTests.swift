// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct JSONPartsTests {
    private static func document(_ text: String) throws -> JSONDocument {
        try JSONDocument(parsing: Array(text.utf8), limits: JSONLimits(duplicateKeys: .last))
    }

    static let whole = #" { "a" : [ 1.0, {"b": "\u00e4", "c":[true]}, "x" ], "d" : null } "#

    @Test func `every part is the document that its text is`() throws {
        let document = try Self.document(Self.whole)
        var count = 0
        var places = [0]
        while let place = places.popLast() {
            count += 1
            let part = document.part(at: place)
            let text = Array(document.text(of: place))
            let parsed = try JSONDocument(parsing: text)
            #expect(part.bytes == text)
            #expect(part.nodes.count == parsed.nodes.count)
            for (one, other) in zip(part.nodes, parsed.nodes) {
                #expect(one.kind == other.kind && one.start == other.start && one.end == other.end)
                #expect(one.next == other.next && one.count == other.count && one.isEscaped == other.isEscaped)
            }
            places += document.children(of: place)
        }
        #expect(count == 9)
    }

    @Test(arguments: [
        (#"{"a": 1, "b": [ 2 ], "c": 3.0}"#, ["b"], #"{"a":1,"c":3.0}"#),
        (#"{"b":1}"#, ["b"], "{}"),
        (#"{"a":{"x": 1 ,"y":2},"b":{ "k": 1.10 }}"#, ["a", "x"], #"{"a":{"y":2},"b":{ "k": 1.10 }}"#),
        (#"{"a":1}"#, ["b"], #"{"a":1}"#),
        (#"{"a":1}"#, ["a", "b"], #"{"a":1}"#),
        // Of keys that stand twice neither is left.
        (#"{"b":1,"a":0,"b":2}"#, ["b"], #"{"a":0}"#),
        (#"{"\u0062":1,"a":2}"#, ["b"], #"{"a":2}"#),
    ])
    func `a member is left out and the rest keeps its text`(_ text: String, keys: [String], rest: String) throws {
        var output: [UInt8] = []
        try Self.document(text).appendText(without: keys, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == rest)
    }

    @Test(arguments: [
        (#"{ "a": 1 }"#, ["b"], #"{ "a": 1 ,"b":[0]}"#),
        ("{}", ["b"], #"{"b":[0]}"#),
        (#"{"a":1.0,"b":2}"#, ["a"], #"{"a":[0],"b":2}"#),
        (#"{"a":{"x":1}}"#, ["a", "y"], #"{"a":{"x":1,"y":[0]}}"#),
        (#"{"a":{}}"#, ["a", "y", "z"], #"{"a":{"y":{"z":[0]}}}"#),
        (#"{"z":1}"#, ["a", "b\"c", "d"], #"{"z":1,"a":{"b\"c":{"d":[0]}}}"#),
        (#"{"a":1,"a":2}"#, ["a"], #"{"a":1,"a":[0]}"#),
    ])
    func `a value is put in and the rest keeps its text`(_ text: String, keys: [String], result: String) throws {
        let output = try #require(try Self.document(text).text(setting: keys, to: Array("[0]".utf8)))
        #expect(String(decoding: output, as: UTF8.self) == result)
        _ = try Self.document(result)
    }

    @Test(arguments: [("[1]", ["a"]), (#"{"a":1}"#, ["a", "b"]), (#"{"a":[]}"#, ["a", "b"]), ("7", ["a"])])
    func `nothing is put where there is no object`(_ text: String, keys: [String]) throws {
        #expect(try Self.document(text).text(setting: keys, to: Array("1".utf8)) == nil)
    }
}
