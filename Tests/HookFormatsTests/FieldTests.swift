// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookFormats

/// The text of a result, or the code of the failure.
func outcome(_ make: () throws -> [UInt8]) -> String {
    do {
        return String(decoding: try make(), as: UTF8.self)
    } catch let failure as FormatFailure {
        return failure.code
    } catch {
        return "\(error)"
    }
}

func document(_ json: String) throws -> JSONDocument { try JSONDocument(parsing: Array(json.utf8)) }

@Suite struct FieldTests {
    @Test(arguments: [
        ("a=1&b=x+y", #"{"a":"1","b":"x y"}"#), ("", "{}"), ("a", #"{"a":""}"#),
        ("b=1&a=2&b=3", #"{"b":["1","3"],"a":"2"}"#), ("a[]=1", #"{"a":["1"]}"#),
        ("a%5B%5D=1&a=2&a[]=3", #"{"a":["1","2","3"]}"#), ("a[b]=1", #"{"a[b]":"1"}"#), ("[]=1", #"{"[]":"1"}"#),
        ("q=%22%5C%0A", #"{"q":"\"\\\n"}"#), ("a=%C3%A9", #"{"a":"é"}"#), ("a=%FF", "form/invalid"),
        ("%FF=1", "form/invalid"), ("a=%ZZ", #"{"a":"%ZZ"}"#), ("&&a=1&", #"{"a":"1"}"#), ("a=1=2", #"{"a":"1=2"}"#),
    ])
    func `forms become objects`(_ form: String, _ json: String) {
        #expect(outcome { try FormBody.json(of: Array(form.utf8)) } == json)
    }

    @Test func `a form has a bound of fields`() {
        let form = Array(repeating: "a=1", count: FormBody.fieldsMax + 1).joined(separator: "&")
        #expect(outcome { try FormBody.json(of: Array(form.utf8)) } == "form/invalid")
    }

    @Test(arguments: [
        (#"{"a":"1","b":"x y&=+%é~*-._"}"#, "a=1&b=x+y%26%3D%2B%25%C3%A9%7E*-._"), ("{}", ""),
        (#"{"a":[1,true,null,"x"],"b":1.50}"#, "a=1&a=true&a=&a=x&b=1.50"), (#"{"a":[]}"#, ""),
        (#"{"a":{"b":1}}"#, "output/form"), (#"{"a":[[1]]}"#, "output/form"), ("[1]", "output/form"),
    ])
    func `flat objects become forms`(_ json: String, _ form: String) throws {
        let value = try document(json)
        #expect(outcome { try FormBody.bytes(of: value) } == form)
    }

    @Test(arguments: [
        ("text/plain", "héllo", #""héllo""#), ("text/plain; charset=UTF-8", "a\"b\n", #""a\"b\n""#),
        ("text/csv; charset=us-ascii", "a,b", #""a,b""#), ("text/plain; charset=koi8-r", "x", nil),
    ])
    func `texts become strings`(_ type: String, _ text: String, _ json: String?) {
        let made = TextBody.json(of: Array(text.utf8), contentType: Array(type.utf8)[...])
        #expect(made.map { String(decoding: $0, as: UTF8.self) } == json)
    }

    @Test func `texts of other characters`() {
        #expect(TextBody.json(of: [0xFF, 0xFE], contentType: nil) == nil)
        let latin = TextBody.json(of: [0xE9], contentType: Array("text/plain; charset=ISO-8859-1".utf8)[...])
        #expect(latin == Array("\"é\"".utf8))
        #expect(TextBody.json(of: [0xEF, 0xBB, 0xBF, 0x61], contentType: nil) == Array("\"a\"".utf8))
    }
}
