// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import CodecBridge

@Suite struct CodecTests {

    static let samples: [(coding: ContentCoding, base64: String)] = [
        (.gzip, "H4sIAAAAAAAAA6tWykjNyclXslIqzy/KSVGqBQDW1Z6+EQAAAA=="),
        (.deflate, "eJyrVspIzcnJV7JSKs8vyklRqgUAOsAGNA=="),
        (.deflate, "q1bKSM3JyVeyUirPL8pJUaoFAA=="),
    ]

    @Test func `what zlib wrote is read again`() throws {
        let text = Array(String(repeating: "{\"hello\":\"world\"}", count: 100).utf8)
        let packed = try Deflate.gzip(text)
        #expect(packed.count < text.count)
        #expect(try ContentCoding.gzip.decode(packed, limits: CodecLimits(bytesMax: 1 << 20)) == text)
        #expect(try Deflate.gzip(text) == packed)
        #expect(try ContentCoding.gzip.decode(packed + packed, limits: CodecLimits(bytesMax: 1 << 20)) == text + text)
    }
}
