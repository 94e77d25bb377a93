// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import XMLBridge

@Suite struct XMLEventsTests {
    static func events(_ text: String) throws -> String {
        let reader = try XMLEvents(Array(text.utf8))
        var words: [String] = []
        while let event = try reader.next() {
            switch event {
            case .start(let name, let attributes):
                let list = attributes.map {
                    " \(String(decoding: $0.name, as: UTF8.self))=\(String(decoding: $0.value, as: UTF8.self))"
                }
                words.append("<\(String(decoding: name, as: UTF8.self))\(list.joined())>")
            case .end: words.append("</>")
            case .text(let text): words.append(String(decoding: text, as: UTF8.self))
            }
        }
        return words.joined()
    }

    @Test(arguments: [
        ("<a/>", "<a></>"), ("<a>x</a>", "<a>x</>"), ("<a b='1' c=\"&lt;\">x<b/>y</a>", "<a b=1 c=<>x<b></>y</>"),
        (
            "<?xml version='1.0'?>\n<!-- c --><s:a xmlns:s='u'><![CDATA[<x>]]>&amp;&#65;</s:a>",
            "<s:a xmlns:s=u><x>&A</>"
        ),
    ])
    func `documents become events`(_ text: String, _ expected: String) throws {
        #expect(try Self.events(text) == expected)
    }

    @Test(arguments: [
        "", "<a>", "<a></b>", "<a", "a", "<a/><b/>", "<a b=1/>", "<a>&x;</a>", "<a b='&x;'/>", "<a b='1' b='2'/>",
    ])
    func `what is not well-formed is refused`(_ text: String) {
        #expect(throws: XMLFailure.self) { try Self.events(text) }
    }
}
