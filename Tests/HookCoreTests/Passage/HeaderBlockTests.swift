// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct HeaderBlockTests {
    @Test func `fields keep order, repetition and bytes through the stored form`() {
        var block = HeaderBlock([("Content-Type", "application/json"), ("X-A", ""), ("x-a", "two: with: colons ")])
        block.append([UInt8]("X-Raw".utf8), [0xFF, 0x3A, 0x20, 0x80])
        #expect(
            block.pairs.map(\.name) == ["content-type", "x-a", "x-a", "x-raw"])
        let again = HeaderBlock(stored: block.bytes)
        #expect(again == block)
        #expect(again["x-a"] == "")
        #expect(again.first("x-raw").map(Array.init) == [0xFF, 0x3A, 0x20, 0x80])
        #expect(again["X-A"] == nil)
        #expect(HeaderBlock(stored: []) == HeaderBlock())
    }

    @Test func `both ways to append write the same`() {
        let pairs = [("Content-Type", "a"), ("É", "ü"), ("", "")]
        var spans = HeaderBlock()
        for (name, value) in pairs {
            let (name, value) = (Array(name.utf8), Array(value.utf8))
            spans.append(name: name.span, value: value.span)
        }
        #expect(spans == HeaderBlock(pairs))
    }

    @Test(arguments: [
        "", "\r\n", ":", "a", "a:", "a: b", "a: b\r", "a:b\r\n", "a:\r\n", ": \r\n", "\r\n\r\n: x\r\na: b\r\n",
        "a: b\n",
    ])
    func `damaged stored forms never crash`(text: String) {
        let block = HeaderBlock(stored: Array(text.utf8))
        #expect(block.pairs.count == block.fields.count)
        #expect(block.fields.count <= 2)
    }

    @Test func `any bytes can be read as a stored form`() {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("\r\n: ab".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            for pair in HeaderBlock(stored: bytes).pairs {
                #expect(!pair.value.utf8.contains(0) && !pair.name.contains(":"))
            }
        }
    }
}
