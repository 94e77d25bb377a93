// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import CodecBridge

@Suite struct CodecTests {
    /// `{"hello":"world"}` four times, as `gzip -n`, zlib, raw deflate, `brotli` and `zstd` write it.
    static let samples: [(coding: String, base64: String)] = [
        ("gzip", "H4sIAAAAAAACA6tWykjNyclXslIqzy/KSVGqrSZdAACL/8UJRAAAAA=="),
        ("deflate", "eJyrVspIzcnJV7JSKs8vyklRqq0mXQAANd0X2Q=="),
        ("deflate", "q1bKSM3JyVeyUirPL8pJUaqtJl0AAA=="),
        ("br", "G0MAIIzEOCbxQnUiahG2t72tU4bWp7wZKCq5rAGwPw=="),
        ("zstd", "KLUv/QRYxQAAiHsiaGVsbG8iOiJ3b3JsZCJ9AQBB51wC4MORmQ=="),
    ]
    static let text = Array(String(repeating: "{\"hello\":\"world\"}", count: 4).utf8)
    static let limits = CodecLimits(bytesMax: 1 << 20)

    static func decode(_ name: String, _ bytes: [UInt8], _ limits: CodecLimits = limits) -> Result<
        [UInt8], CodecFailure
    > {
        do throws(CodecFailure) {
            guard let coding = ContentCoding(name: name.utf8) else { return .failure(.malformed) }
            return .success(try coding.decode(bytes, limits: limits))
        } catch {
            return .failure(error)
        }
    }

    static func bytes(_ base64: String) throws -> [UInt8] { try Array(#require(Data(base64Encoded: base64))) }

    @Test(arguments: samples) func `what other programs wrote is read`(_ coding: String, _ base64: String) throws {
        #expect(Self.decode(coding, try Self.bytes(base64)) == .success(Self.text))
    }

    @Test(arguments: samples) func `cut off anywhere it is malformed`(_ coding: String, _ base64: String) throws {
        let whole = try Self.bytes(base64)
        for count in 0..<whole.count {
            #expect(Self.decode(coding, Array(whole.prefix(count))) == .failure(.malformed), "\(count)")
        }
    }

    @Test(arguments: samples) func `bytes behind the end are malformed`(_ coding: String, _ base64: String) throws {
        #expect(Self.decode(coding, try Self.bytes(base64) + [1]) == .failure(.malformed))
    }

    @Test(arguments: samples) func `damage is never a crash`(_ coding: String, _ base64: String) throws {
        let whole = try Self.bytes(base64)
        for place in whole.indices {
            for bit in 0..<8 {
                var bytes = whole
                bytes[place] ^= 1 << bit
                if case .success(let text) = Self.decode(coding, bytes) { #expect(text.count <= Self.limits.bytesMax) }
            }
        }
    }

    @Test(arguments: samples) func `the size is limited`(_ coding: String, _ base64: String) throws {
        let bytes = try Self.bytes(base64)
        let exact = CodecLimits(bytesMax: Self.text.count)
        #expect(Self.decode(coding, bytes, exact) == .success(Self.text))
        #expect(Self.decode(coding, bytes, CodecLimits(bytesMax: Self.text.count - 1)) == .failure(.tooLarge))
        #expect(
            Self.decode(coding, bytes, CodecLimits(bytesMax: 1 << 20, ratioMax: 1, ratioFreeBytes: 10))
                == .failure(.ratio))
    }

    @Test func `what was packed is the same each time, and read again`() throws {
        let text = Array(String(repeating: "{\"hello\":\"world\"}", count: 1000).utf8)
        let packed = try Deflate.gzip(text)
        #expect(packed.count < text.count / 10)
        #expect(try Deflate.gzip(text) == packed)
        #expect(Self.decode("x-gzip", packed) == .success(text))
        #expect(Self.decode("GZIP", packed + packed) == .success(text + text))
        #expect(Self.decode("gzip", try Deflate.gzip([])) == .success([]))
    }

    @Test func `a bomb is stopped at the limit`() throws {
        let zeros = [UInt8](repeating: 0, count: 64 << 20)
        let bomb = try Deflate.gzip(zeros, level: 9)
        #expect(bomb.count < 100_000)
        #expect(Self.decode("gzip", bomb, CodecLimits(bytesMax: 1 << 30)) == .failure(.ratio))
        #expect(Self.decode("gzip", bomb, CodecLimits(bytesMax: 1 << 20, ratioMax: 10_000)) == .failure(.tooLarge))
    }

    @Test(arguments: ["", "identity", "compress", "gzip, gzip", "gzip;q=1", "lzma"])
    func `other codings are not known`(_ name: String) { #expect(ContentCoding(name: name.utf8) == nil) }
}
