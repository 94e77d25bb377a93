// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// Bodies that cost a reader more than their sender: refused by the built router, whose memory stays where it was.
@Suite struct FormatAttackTests {
    static func project(_ sink: String) throws -> Project {
        try Project([
            "routes/main.yaml": """
            version: 1
            sources:
              open: {path: /in, verify: none}
              wide: {path: /wide, verify: none, limits: {body: 8MiB, decoded: 1GiB, ratio: 100}}
            destinations:
              plain: {url: "\(sink)/plain"}
            routes:
              good: {match: {data.order.@id: "7"}, to: plain, format: json}

            """
        ])
    }

    /// Most memory that the process has held, in KiB.
    static func peak(_ server: Server) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(server.process.pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return try #require(line.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") })
    }

    static func entities(_ head: String, _ body: String) -> String { "<!DOCTYPE r [\(head)]><r>\(body)</r>" }

    static func attacks(_ sink: String) -> [(name: String, xml: String, code: String)] {
        let laughs = (1...9).map { number in
            "<!ENTITY l\(number) \"\(String(repeating: "&l\(number - 1);", count: 10))\">"
        }.joined()
        let long = String(repeating: "A", count: 50_000)
        return [
            ("a file", Self.entities("<!ENTITY x SYSTEM \"file:///etc/passwd\">", "&x;"), "xml/doctype"),
            ("a host", Self.entities("<!ENTITY x SYSTEM \"\(sink)/x\">", "&x;"), "xml/doctype"),
            (
                "a parameter entity",
                Self.entities("<!ENTITY % p SYSTEM \"\(sink)/p\"> %p;", ""), "xml/doctype"
            ),
            ("an external subset", "<!DOCTYPE r SYSTEM \"\(sink)/dtd\"><r/>", "xml/doctype"),
            ("billion laughs", Self.entities("<!ENTITY l0 \"lol\">" + laughs, "&l9;"), "xml/doctype"),
            (
                "quadratic blow-up",
                Self.entities("<!ENTITY a \"\(long)\">", String(repeating: "&a;", count: 50_000)), "xml/doctype"
            ),
            (
                "a declaration behind comments", "<?xml version='1.0'?><!-- <r> --><?p?>\n<!DOCTYPE r><r/>",
                "xml/doctype"
            ),
            ("deep nesting", String(repeating: "<a>", count: 300_000), "xml/too-large"),
            ("a huge attribute", "<a b=\"\(String(repeating: "x", count: 900_000))\"/>", "xml/too-large"),
            (
                "very many attributes",
                "<a \((0..<100_000).map { "a\($0)=''" }.joined(separator: " ").prefix(1_000_000))",
                "xml/too-large"
            ),
            ("very many elements", "<r>\(String(repeating: "<a/>", count: 200_000))</r>", "xml/too-large"),
            ("a huge name", "<\(String(repeating: "a", count: 900_000))/>", "xml/too-large"),
            (
                "XInclude",
                "<r xmlns:x=\"http://www.w3.org/2001/XInclude\"><x:include href=\"file:///etc/passwd\"/></r>", ""
            ),
        ]
    }

    @Test func `hostile XML is refused and costs no memory`() throws {
        let sink = try Sink()
        let server = try Server(try Self.project(sink.url))
        let type = [("content-type", "application/xml")]
        #expect(try HTTP.post(server.ingest, "/in", type, "<order id=\"7\"/>").status == 202)
        #expect(String(decoding: try sink.wait("/plain")[0].body, as: UTF8.self) == #"{"order":{"@id":"7"}}"#)
        let before = try Self.peak(server)
        for _ in 0..<3 {
            for (name, xml, code) in Self.attacks(sink.url) {
                let answer = try HTTP.post(server.ingest, "/in", type, xml)
                #expect(code.isEmpty ? answer.status == 202 : try answer.json.text("code") == code, "\(name)")
            }
        }
        #expect(try Self.peak(server) - before < 64 * 1024, "KiB")
        for path in ["/x", "/p", "/dtd"] { #expect(sink.received(path).isEmpty, "nothing was fetched") }
        #expect(try HTTP.post(server.ingest, "/in", type, "<order id=\"8\"/>").status == 202)
    }

    // MARK: Bombs

    /// A gigabyte of zeros.
    static let brotli =
        "z///fwAkAOKxQHLv//n//w+ABEAcFoDu/T////8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//B0ACIA4LQPf+n////wBIAMRhAeje"
        + "//P//x8ACYA4LADd+3/+//8DIAEQhwWge//P//9/ACQA4rAAdO//+f//D4AEQBwWgO79P////wGQAIjDAtC9/+f//z8AEgBxWAC6"
        + "9//8//8HQAIgDgtA9/6f////AEgAxGEB6N7/8///HwAJgDgsAN37f/7//wMgARCHBaB7/8///38AJADisAB07//5//8PgARAHBaA"
        + "7v0/////AZAAiMMC0L3/5///PwASAHFYALr3//z//wdAAiAOC0D3/p////8ASADEYQHo3v/z//8fAAmAOCwA3ft//v//AyABEIcF"
        + "oHv/z///fwAkAOKwAHTv//n//w+ABEAcFoDu/T////8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//B0ACIA4LQPf+n////wBIAMRh"
        + "Aeje//P//x8ACYA4LADd+3/+//8DIAEQhwWge//P//9/ACQA4rAAdO//+f//D4AEQBwWgO79P////wGQAIjDAtC9/+f//z8AEgBx"
        + "WAC69//8//8HQAIgDgtA9/6f////AEgAxGEB6N7/8///HwAJgDgsAN37f/7//wMgARCHBaB7/8///38AJADisAB07//5//8PgARA"
        + "HBaA7v0/////AZAAiMMC0L3/5///PwASAHFYALr3//z//wdAAiAOC0D3/p////8ASADEYQHo3v/z//8fAAmAOCwA3ft//v//AyAB"
        + "EIcFoHv/z///fwAkAOKwAHTv//n//w+ABEAcFoDu/T////8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//B0ACIA4LQPf+n////wBI"
        + "AMRhAeje//P//x8ACYA4LADd+3/+//8DIAEQhwWge//P//9/ACQA4rAAdO//+f//D4AEQBwWgO79P////wGQAIjDAtC9/+f//z8A"
        + "EgBxWAC69//8//8HQAIgDgtA9/6f////AEgAxGEB6N7/8///HwAJgDgsAN37f/7//wMgARCHBaB7/z8="

    /// Zeros in a frame of blocks that each say one byte and how often (RFC 8878, section 3.1.1.2.2: RLE blocks), with a
    /// window of 8 MiB and no size announced.
    static func zstd(blocks: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 13 << 3]
        for block in 1...blocks {
            let header = UInt32(128 * 1024) << 3 | 1 << 1 | (block == blocks ? 1 : 0)
            bytes += [UInt8(header & 0xFF), UInt8(header >> 8 & 0xFF), UInt8(header >> 16), 0]
        }
        return bytes
    }

    /// Zeros in one block of fixed codes (RFC 1951, section 3.2.6): one zero, then 258 more for each 13 bits.
    static func deflate(runs: Int) -> [UInt8] {
        var bits = BitWriter()
        bits.put(0b011, 3)
        bits.putCode(0b0011_0000, 8)
        for _ in 0..<runs {
            bits.putCode(0b1100_0101, 8)
            bits.putCode(0, 5)
        }
        bits.putCode(0, 7)
        return bits.bytes
    }

    static func gzip(runs: Int) -> [UInt8] { [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + Self.deflate(runs: runs) }

    @Test func `bombs are refused and cost no memory`() throws {
        let server = try Server(try Self.project("http://127.0.0.1:9"))
        let brotli = try Array(#require(Data(base64Encoded: Self.brotli)))
        #expect(try HTTP.post(server.ingest, "/in", [("content-type", "application/json")], "{}").status == 202)
        let before = try Self.peak(server)
        let bombs: [(coding: String, body: [UInt8], path: String, code: String)] = [
            ("br", brotli, "/in", "coding/ratio"), ("br", brotli, "/wide", "coding/ratio"),
            ("zstd", Self.zstd(blocks: 8), "/in", "coding/ratio"),
            ("zstd", Self.zstd(blocks: 8192), "/wide", "coding/ratio"),
            ("zstd", Self.zstd(blocks: 4000), "/in", "coding/too-large"),
            ("gzip", Self.gzip(runs: 3_000), "/in", "coding/ratio"),
            ("gzip", Self.gzip(runs: 500_000), "/in", "coding/too-large"),
            ("deflate", Self.deflate(runs: 3_000), "/in", "coding/ratio"),
            ("gzip", [0x1F, 0x8B, 8], "/in", "coding/invalid"), ("br", [0xFF, 0xFF], "/in", "coding/invalid"),
            ("gzip", Self.gzip(runs: 1), "/in", "coding/invalid"), ("compress", [1], "/in", "http/content-encoding"),
        ]
        for _ in 0..<3 {
            for bomb in bombs {
                let answer = try HTTP.send(
                    server.ingest, "POST", bomb.path,
                    [("content-type", "application/json"), ("content-encoding", bomb.coding)], bomb.body)
                #expect(try answer.json.text("code") == bomb.code, "\(bomb.coding) of \(bomb.body.count) bytes")
            }
        }
        #expect(try Self.peak(server) - before < 64 * 1024, "KiB")
    }
}

/// Bits from the lowest of each byte on.
private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    mutating func put(_ value: UInt32, _ bits: Int) {
        for bit in 0..<bits {
            if self.count % 8 == 0 { self.bytes.append(0) }
            self.bytes[self.bytes.count - 1] |= UInt8(value >> UInt32(bit) & 1) << UInt8(self.count % 8)
            self.count += 1
        }
    }

    /// Huffman codes stand with their highest bit first.
    mutating func putCode(_ code: UInt32, _ bits: Int) {
        for bit in (0..<bits).reversed() { self.put(code >> UInt32(bit) & 1, 1) }
    }
}
