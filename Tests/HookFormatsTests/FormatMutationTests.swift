// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookFormats

/// Damaged bodies: whatever comes, the answer is a value or a failure, what is read as JSON is JSON, and XML that was read
/// is written and read again as the same.
@Suite struct FormatMutationTests {
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            // SplitMix64 (Steele, Lea, Flood 2014).
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var z = self.state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// A few bytes of the seed replaced, removed, doubled, or taken from a list of what parsers look for.
    static func damaged(_ seed: [UInt8], _ dice: inout Dice, _ words: [String]) -> [UInt8] {
        var bytes = seed
        for _ in 0...Int.random(in: 0...1, using: &dice) {
            let at = Int.random(in: 0...max(0, bytes.count - 1), using: &dice)
            switch Int.random(in: 0...4, using: &dice) {
            case 0 where !bytes.isEmpty: bytes[at] = UInt8.random(in: 0...255, using: &dice)
            case 1 where !bytes.isEmpty: bytes.remove(at: at)
            case 2:
                bytes.insert(
                    contentsOf: words.randomElement(using: &dice)?.utf8.map { $0 } ?? [], at: min(at, bytes.count))
            case 3:
                let end = min(bytes.count, at + Int.random(in: 0...12, using: &dice))
                bytes.insert(contentsOf: Array(bytes[min(at, end)..<end]), at: min(at, bytes.count))
            default: bytes = Array(bytes.prefix(at))
            }
        }
        return bytes
    }

    static let limits = JSONLimits(depthMax: 130, duplicateKeys: .refuse)

    @Test(arguments: 1...8) func `damaged XML`(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        let seeds = XMLBodyTests.pairs.map { Array($0.xml.utf8) }
        let words = [
            "<", ">", "</a>", "&amp;", "&#x41;", "<![CDATA[", "]]>", "<!--", "-->", "<?x?>", "<!DOCTYPE a>", "=\"", "'",
            "xmlns:s='u'", "#order", "@",
        ]
        var read = 0
        for _ in 0..<1500 {
            let xml = Self.damaged(seeds.randomElement(using: &dice) ?? [], &dice, words)
            guard let json = try? XMLBody.json(of: xml, contentType: nil) else { continue }
            read += 1
            let value = try JSONDocument(parsing: json, limits: Self.limits)
            let again = try XMLBody.bytes(of: value)
            #expect(try XMLBody.json(of: again, contentType: nil) == json, "\(String(decoding: xml, as: UTF8.self))")
        }
        #expect(read > 40)
    }

    @Test(arguments: 1...8) func `damaged multipart forms`(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        let seeds = MultipartTests.cases.map { Array($0.body.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }) }
        let words = [
            "--X", "--X--", "\r\n", "\r\n\r\n", "name=\"", "filename=", ";", "\"", "Content-Type: application/json\r\n",
            "\\",
        ]
        var read = 0
        for _ in 0..<1500 {
            let body = Self.damaged(seeds.randomElement(using: &dice) ?? [], &dice, words)
            let type = Array("multipart/form-data; boundary=X".utf8)[...]
            guard let json = try? MultipartBody.json(of: body, contentType: type, limits: Self.limits) else { continue }
            read += 1
            _ = try JSONDocument(parsing: json, limits: Self.limits)
        }
        #expect(read > 20)
    }

    @Test(arguments: 1...8) func `damaged CloudEvents`(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        let seeds = [
            #"{\#(CloudEventsTests.head),"data":{"a":1},"ext":"é","n":1}"#,
            #"{\#(CloudEventsTests.head),"datacontenttype":"text/plain","data":"x"}"#,
            #"{\#(CloudEventsTests.head),"data_base64":"AQI="}"#,
        ].map { Array($0.utf8) }
        let words = [
            "\"data\":", "\"data_base64\":\"AA==\",", "null", "{", "}", "\"\"", "\\u0000", "\\r\\n", "1.0", ",",
        ]
        var read = 0
        for _ in 0..<1500 {
            let body = Self.damaged(seeds.randomElement(using: &dice) ?? [], &dice, words)
            guard let envelope = try? JSONDocument(parsing: body), let parts = try? CloudEvents.unwrap(envelope) else {
                continue
            }
            read += 1
            var headers = HeaderBlock()
            for (name, value) in parts.headers {
                #expect(value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
                headers.append(name.utf8, value.utf8)
            }
            try CloudEvents.check(headers)
        }
        #expect(read > 20)
    }

    @Test(arguments: 1...4) func `damaged forms`(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        for _ in 0..<1500 {
            let body = Self.damaged(Array("a=1&b[]=x+y&c=%C3%A9&a=%2".utf8), &dice, ["%", "&", "=", "[]", "+", "%00"])
            guard let json = try? FormBody.json(of: body) else { continue }
            _ = try JSONDocument(parsing: json, limits: Self.limits)
        }
    }
}
