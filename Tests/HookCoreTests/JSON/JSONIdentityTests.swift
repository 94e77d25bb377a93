// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@Suite struct JSONIdentityTests {
    /// Puts a text together again from the tape: everything between the children stays as it was.
    private func reassembled(_ document: JSONDocument, _ index: Int) -> [UInt8] {
        let node = document.nodes[index]
        let children = document.children(of: index)
        if children.isEmpty { return Array(document.text(of: index)) }
        var output: [UInt8] = []
        var at = Int(node.start)
        for child in children {
            output.append(contentsOf: document.bytes[at..<Int(document.nodes[child].start)])
            output.append(contentsOf: self.reassembled(document, child))
            at = Int(document.nodes[child].end)
        }
        output.append(contentsOf: document.bytes[at..<Int(node.end)])
        return output
    }

    private func checkTape(_ document: JSONDocument) {
        for (index, node) in document.nodes.enumerated() {
            #expect(node.start < node.end && Int(node.end) <= document.bytes.count)
            #expect(Int(node.next) > index && Int(node.next) <= document.nodes.count)
            if node.kind == .array || node.kind == .object {
                #expect(document.children(of: index).count == Int(node.count))
            } else {
                #expect(Int(node.next) == index + 1 && node.count == 0)
            }
        }
    }

    @Test(arguments: 0..<40)
    func `what is printed is parsed to the same, compact or indented`(seed: Int) throws {
        var generator = JSONTextGenerator(seed: UInt64(seed))
        for _ in 0..<10 {
            let value = generator.value(depth: 5)
            for layout in [JSONValue.Layout.compact, .indented] {
                let document = try JSONDocument(parsing: value.encoded(layout))
                #expect(JSONValue(document) == value)
                #expect(self.reassembled(document, 0) == value.encoded(layout))
                self.checkTape(document)
                // Without duplicates both policies read the same.
                let other = try JSONDocument(parsing: value.encoded(layout), limits: JSONLimits(duplicateKeys: .last))
                #expect(JSONValue(other) == value)
            }
        }
    }

    @Test(arguments: 0..<20)
    func `no damage crashes or is taken for the whole`(seed: Int) throws {
        var generator = JSONTextGenerator(seed: UInt64(1000 + seed))
        let text = JSONValue.array([generator.value(depth: 3)]).encoded()
        for cut in 0..<min(text.count, 300) {
            #expect(throws: JSONFailure.self) { try JSONDocument(parsing: Array(text[..<cut])) }
        }
        let hostile: [UInt8] = Array("[]{}\",:\\u0e-+.truefalsn \n".utf8) + [0, 0x80, 0xC2, 0xE0, 0xF4, 0xFF]
        for _ in 0..<300 {
            var damaged = text
            for _ in 0..<Int.random(in: 1..<4, using: &generator.random) {
                let at = Int.random(in: 0..<damaged.count, using: &generator.random)
                damaged[at] = hostile[Int.random(in: 0..<hostile.count, using: &generator.random)]
            }
            for policy in [JSONLimits.DuplicateKeys.refuse, .last] {
                let read = try? JSONDocument(parsing: damaged, limits: JSONLimits(depthMax: 5, duplicateKeys: policy))
                let isExpected = NaiveJSON.accepts(damaged, depthMax: 5, refusingDuplicates: policy == .refuse)
                #expect((read != nil) == isExpected, "\(String(decoding: damaged, as: UTF8.self))")
                if let read { self.checkTape(read) }
            }
        }
    }

    @Test(arguments: 0..<20)
    func `short texts of hostile characters are judged as the standard does`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"a\":", "\"\\u0061\":", "\\", "\\u", "d800", "\\udc00", "0",
            "-", "1", ".5",
            "e", "E+1", "true", "nul", "l", " ", "\n", "\u{1}", "é", "😀", "\u{FEFF}", "{}", "[]", "\"\"",
        ].map { Array($0.utf8) }
        for _ in 0..<3000 {
            let count = Int.random(in: 1..<9, using: &random)
            let text = (0..<count).flatMap { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            let isExpected = NaiveJSON.accepts(text, depthMax: 2, refusingDuplicates: true)
            let isRead = (try? JSONDocument(parsing: text, limits: JSONLimits(depthMax: 2))) != nil
            #expect(isRead == isExpected, "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test func `real payloads are put together again byte for byte`() throws {
        guard let folder = PublicCorpora.folder("github-webhooks") else { return }
        for line in try FileSystem.read("\(folder)/events.jsonl").split(separator: 0x0A) {
            let document = try JSONDocument(parsing: Array(line))
            #expect(self.reassembled(document, 0) == Array(line))
            #expect(JSONValue(document).encoded().count <= line.count)
        }
    }
}
