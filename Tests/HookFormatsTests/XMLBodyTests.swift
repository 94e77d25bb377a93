// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookFormats

@Suite struct XMLBodyTests {
    static func json(_ xml: String) -> String { outcome { try XMLBody.json(of: Array(xml.utf8), contentType: nil) } }

    static func xml(_ json: String) throws -> String {
        let value = try document(json)
        let text = outcome { try XMLBody.bytes(of: value) }
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        return text.hasPrefix(head) ? String(text.dropFirst(head.count).dropLast()) : text
    }

    /// XML as our writer writes it, and its JSON: both ways.
    static let pairs: [(xml: String, json: String)] = [
        ("<a/>", #"{"a":""}"#), ("<a>x</a>", #"{"a":"x"}"#), ("<a> </a>", #"{"a":" "}"#),
        (#"<a b="1" c="2"/>"#, #"{"a":{"@b":"1","@c":"2"}}"#),
        (#"<a b="1">x</a>"#, ##"{"a":{"@b":"1","#text":"x"}}"##),
        ("<a><b>1</b><b>2</b><c/></a>", #"{"a":{"b":["1","2"],"c":""}}"#),
        ("<a><b/><c/><b>2</b></a>", ##"{"a":{"b":["","2"],"c":"","#order":["b","c","b"]}}"##),
        ("<a>x<b/>y</a>", ##"{"a":{"#text":["x","y"],"b":"","#order":["#text","b","#text"]}}"##),
        ("<a>x<b>y</b></a>", ##"{"a":{"#text":"x","b":"y"}}"##),
        ("<a><b>y</b>x</a>", ##"{"a":{"b":"y","#text":"x"}}"##),
        (
            #"<s:E xmlns:s="u" xmlns="v"><s:B><x s:k="&quot;&lt;&amp;"/></s:B></s:E>"#,
            #"{"s:E":{"@xmlns:s":"u","@xmlns":"v","s:B":{"x":{"@s:k":"\"<&"}}}}"#
        ),
        ("<a>&lt;&amp;&gt;\"'&#13;é€😀</a>", #"{"a":"<&>\"'\ré€😀"}"#),
        (#"<a b="&#9;&#10;&#13;'"/>"#, #"{"a":{"@b":"\t\n\r'"}}"#),
        (
            #"<a xml:space="preserve"> <b/> </a>"#,
            ##"{"a":{"@xml:space":"preserve","#text":[" "," "],"b":"","#order":["#text","b","#text"]}}"##
        ),
        (#"<a xmlns="u?a=1&amp;b=&amp;#38;" xmlns:s="&lt;"/>"#, #"{"a":{"@xmlns":"u?a=1&b=&#38;","@xmlns:s":"<"}}"#),
        ("<é><ß.-·1/></é>", #"{"é":{"ß.-·1":""}}"#),
    ]

    @Test(arguments: pairs)
    func `XML becomes JSON and the same XML again`(_ xml: String, _ json: String) throws {
        #expect(Self.json(xml) == json)
        #expect(try Self.xml(json) == xml)
    }

    @Test(arguments: [
        (
            "<?xml version='1.0' encoding='utf-8'?><!-- c --><?p i?>\n<a><!-- c --><b/><?p i?></a>\n<!-- c -->",
            #"{"a":{"b":""}}"#
        ),
        ("<a>\n  <b>1</b>\n  <c>2</c>\n</a>", #"{"a":{"b":"1","c":"2"}}"#),
        ("<a><![CDATA[<x>]]>&amp;<![CDATA[]]></a>", #"{"a":"<x>&"}"#), ("<a>x<!-- c -->y</a>", #"{"a":"xy"}"#),
        ("<a>\r\nx</a>", #"{"a":"\nx"}"#), ("\u{FEFF}<a/>", #"{"a":""}"#), ("<a b = '1'\n/>", #"{"a":{"@b":"1"}}"#),
    ])
    func `what is read`(_ xml: String, _ json: String) { #expect(Self.json(xml) == json) }

    @Test(arguments: [
        (#"{"a":{"b":1.50,"c":true,"d":null}}"#, "<a><b>1.50</b><c>true</c><d/></a>"),
        (#"{"a":{"b":[1,{"@x":2}]}}"#, #"<a><b>1</b><b x="2"/></a>"#), (#"{"a":[]}"#, "output/xml"),
        (#"{"a":{"b":[]}}"#, "<a/>"), (##"{"a":{"b":1,"c":2,"#order":["c"]}}"##, "<a><c>2</c><b>1</b></a>"),
        (##"{"a":{"#order":["b"]}}"##, "output/xml"), ("{}", "output/xml"), (#"{"a":1,"b":2}"#, "output/xml"),
        ("[1]", "output/xml"), (#"{"a b":1}"#, "output/xml"), (#"{"1":1}"#, "output/xml"), (#"{"":1}"#, "output/xml"),
        (#"{"a":{"@":1}}"#, "output/xml"), (#"{"a":{"@x":{}}}"#, "output/xml"), (#"{"a":{"b":[[1]]}}"#, "output/xml"),
        (#"{"a":"\u0000"}"#, "output/xml"), (#"{"a":"\uFFFF"}"#, "output/xml"), (#"{"a<b":1}"#, "output/xml"),
        (##"{"a":{"#text":{}}}"##, "output/xml"), (#"{"a":{"@x":null}}"#, #"<a x=""/>"#),
    ])
    func `what is written`(_ json: String, _ xml: String) throws { #expect(try Self.xml(json) == xml) }

    @Test(arguments: [
        ("", "xml/invalid"), ("<a>", "xml/invalid"), ("<a/><b/>", "xml/invalid"), ("<a/>x", "xml/invalid"),
        ("<a>&nope;</a>", "xml/invalid"), ("<a b='&nope;'/>", "xml/invalid"), ("<a>\u{1}</a>", "xml/invalid"),
        ("<a b='<'/>", "xml/invalid"), ("<a b='1' b='2'/>", "xml/invalid"), ("<a>&#0;</a>", "xml/invalid"),
        ("<!DOCTYPE a><a/>", "xml/doctype"), ("<?xml version='1.0'?>\n<!-- <x> --><!DOCTYPE a []><a/>", "xml/doctype"),
        ("<a><!ENTITY x 'y'></a>", "xml/doctype"), ("<!doctype html><a/>", "xml/doctype"),
        ("<?xml version='1.0' encoding='utf-7'?><a/>", "xml/encoding"),
    ])
    func `what is refused`(_ xml: String, _ code: String) { #expect(Self.json(xml) == code) }

    @Test(arguments: [
        (String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65), "xml/too-large"),
        ("<a " + (0...256).map { "a\($0)=''" }.joined(separator: " ") + "/>", "xml/too-large"),
        ("<a b='" + String(repeating: "x", count: 64 * 1024 + 1) + "'/>", "xml/too-large"),
        ("<" + String(repeating: "a", count: 600) + "/>", "xml/too-large"),
        ("<a>" + String(repeating: "<b/>", count: 100_001) + "</a>", "xml/too-large"),
    ])
    func `limits`(_ xml: String, _ code: String) { #expect(Self.json(xml) == code) }

    @Test func `encodings`() {
        func json(_ bytes: [UInt8], _ type: String? = nil) -> String {
            outcome { try XMLBody.json(of: bytes, contentType: type.map { Array($0.utf8)[...] }) }
        }
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>é</a>"
        let units = text.utf16.map { ($0 & 0xFF, $0 >> 8) }.map { (low: UInt8($0.0), high: UInt8($0.1)) }
        let little: [UInt8] = [0xFF, 0xFE] + units.flatMap { [$0.low, $0.high] }
        let big: [UInt8] = [0xFE, 0xFF] + units.flatMap { [$0.high, $0.low] }
        #expect(json(little) == #"{"a":"é"}"#)
        #expect(json(big) == #"{"a":"é"}"#)
        #expect(json(Array(big.dropLast())) == "xml/encoding")
        let latin = Array("<?xml version='1.0' encoding='ISO-8859-1'?><a>".utf8) + [0xE9] + Array("</a>".utf8)
        #expect(json(latin) == #"{"a":"é"}"#)
        #expect(json(Array("<a>".utf8) + [0xE9] + Array("</a>".utf8), "text/xml; charset=iso-8859-1") == #"{"a":"é"}"#)
        #expect(json(Array("<a>".utf8) + [0xE9] + Array("</a>".utf8)) == "xml/encoding")
        #expect(json(Array("<a/>".utf8), "text/xml; charset=shift_jis") == "xml/encoding")
    }

    @Test func `sections in a row are one text, in linear time`() {
        let xml = "<a>" + String(repeating: "<![CDATA[x]]>", count: 50_000) + "</a>"
        #expect(Self.json(xml) == #"{"a":"\#(String(repeating: "x", count: 50_000))"}"#)
    }
}
