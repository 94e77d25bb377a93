// SPDX-License-Identifier: Apache-2.0
import HookCore
import NIOEmbedded
import Testing

@testable import HookIngest

@Suite struct Framing {
    @Test(arguments: RawRequest.all) func `raw requests are answered as the table says`(_ example: RawRequest) throws {
        let bench = try Bench()
        try bench.send(example.bytes)
        let output = try bench.output()
        #expect(statuses(output) == example.statuses)
        #expect(output.contains("connection: close\r\n") == example.closes)
        #expect(bench.channel.isActive != example.closes)
    }

    @Test(arguments: RawRequest.all) func `the cut into packets makes no difference`(_ example: RawRequest) throws {
        let whole = try Self.answers([example.bytes[...]])
        #expect(try Self.answers(example.bytes.indices.map { example.bytes[$0...$0] }) == whole)
        if example.bytes.count < 400 {
            for cut in example.bytes.indices {
                #expect(try Self.answers([example.bytes[..<cut], example.bytes[cut...]]) == whole, "cut at \(cut)")
            }
        }
    }

    /// Changed bytes must never crash, hang the parser or depend on the cut.
    @Test(arguments: 0..<8) func `mutated requests are answered the same in any cut`(_ seed: Int) throws {
        var random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            // xorshift64 (Marsaglia 2003).
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(bound))
        }
        let spices: [[UInt8]] = ["\r\n", "\n", "\r", "\0", " ", ":", "0", "chunked", "Content-Length: 1\r\n", ",", ";"]
            .map { Array($0.utf8) }
        let small = RawRequest.all.filter { $0.bytes.count < 400 }
        for _ in 0..<250 {
            var bytes = small[next(small.count)].bytes + small[next(small.count)].bytes
            for _ in 0...next(3) {
                let place = next(bytes.count)
                switch next(4) {
                case 0: bytes[place] = UInt8(next(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: spices[next(spices.count)], at: place)
                default: bytes[place] ^= UInt8(1 << next(8))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            let whole = try Self.answers([bytes[...]])
            let cut = next(bytes.count)
            let other = cut + next(bytes.count - cut)
            #expect(try Self.answers([bytes[..<cut], bytes[cut..<other], bytes[other...]]) == whole)
            #expect(try Self.answers(bytes.indices.map { bytes[$0...$0] }) == whole)
        }
    }

    private static func answers(_ parts: [ArraySlice<UInt8>]) throws -> String {
        let bench = try Bench()
        for part in parts { try bench.send(part) }
        return try bench.output()
            + bench.seen.all.map { String(decoding: $0.body, as: UTF8.self) }.joined(separator: "|")
    }
}
