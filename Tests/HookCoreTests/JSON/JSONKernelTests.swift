// SPDX-License-Identifier: Apache-2.0
// Every set of instructions must give what the exact parser gives: the same tape, or the same reason at the same place.
import HookCore
import Testing

@Suite struct JSONKernelTests {
    /// What a parse came to, comparable.
    private enum Outcome: Equatable {
        case tape(ContiguousArray<[UInt32]>)
        case failure(JSONFailure)
    }

    private static func parse(_ bytes: [UInt8], _ limits: JSONLimits, _ kernel: JSONKernel) -> Outcome {
        do throws(JSONFailure) {
            let nodes = try JSONDocument(parsing: bytes, limits: limits, kernel: kernel).nodes
            return .tape(
                ContiguousArray(
                    nodes.map { [$0.start, $0.end, $0.next, $0.count, UInt32($0.kind.rawValue), $0.isEscaped ? 1 : 0] })
            )
        } catch {
            return .failure(error)
        }
    }

    /// What this machine can run, all but the exact parser.
    static let kernels = JSONKernel.allCases.filter { $0.isAvailable && $0 != .exact && $0 != .best }

    /// False where a kernel differs from the exact parser.
    @discardableResult
    private static func agree(_ bytes: [UInt8], _ limits: JSONLimits = JSONLimits()) -> Bool {
        let expected = self.parse(bytes, limits, .exact)
        var isSame = true
        for kernel in self.kernels where self.parse(bytes, limits, kernel) != expected {
            isSame = false
            Issue.record("\(kernel) differs on \(String(decoding: bytes, as: UTF8.self)) = \(bytes)")
        }
        return isSame
    }

    @Test func `portable C and the base instructions are always there`() {
        #expect(JSONKernel.plain.isAvailable && JSONKernel.best.isAvailable)
        #expect(JSONKernel.sse2.isAvailable || JSONKernel.neon.isAvailable)
    }

    @Test(arguments: kernels)
    func `texts without fault take the quick way`(kernel: JSONKernel) throws {
        let texts = [
            "[1,2]", "{\"a\":{}}", "{\"a\":\"\\n\\u00e9\",\"b\\n\":[true,1.5e3,\"é\"]}",
            "[" + String(repeating: "{\"key\":\"value\"},", count: 4000) + "null]",
        ]
        for text in texts { #expect(kernel.tape(of: Array(text.utf8), depthMax: 64) != nil, "\(text.prefix(80))") }
        guard let folder = PublicCorpora.folder("github-webhooks") else { return }
        for line in try FileSystem.read("\(folder)/events.jsonl").split(separator: 0x0A).prefix(100) {
            #expect(kernel.tape(of: Array(line), depthMax: 64) != nil)
        }
    }

    @Test func `the public suite is judged alike at every distance from a block border`() throws {
        guard let folder = PublicCorpora.folder("json-parsing/test_parsing") else { return }
        for name in try FileSystem.names(in: folder) {
            let bytes = try FileSystem.read("\(folder)/\(name)")
            for policy in [JSONLimits.DuplicateKeys.refuse, .last] {
                Self.agree(bytes, JSONLimits(duplicateKeys: policy))
            }
            guard bytes.count < 200 else { continue }
            // A structure around it, so that texts of one scalar take the quick way too.
            for shift in stride(from: 0, to: 65, by: 3) {
                let around = Array("[0,{\"k\":\(String(repeating: " ", count: shift))".utf8) + bytes + Array("}]".utf8)
                Self.agree(around)
            }
        }
    }

    @Test(arguments: 0..<12)
    func `generated texts have the same tape, cut anywhere the same refusal`(seed: Int) {
        var generator = JSONTextGenerator(seed: UInt64(2000 + seed))
        for round in 0..<4 {
            let text = JSONValue.array([generator.value(depth: 4), generator.value(depth: 2)])
                .encoded(round.isMultiple(of: 2) ? .compact : .indented)
            guard Self.agree(text) else { return }
            Self.agree(text, JSONLimits(depthMax: 3))
            for _ in 0..<60 {
                guard Self.agree(Array(text[..<Int.random(in: 0..<text.count, using: &generator.random)])) else {
                    return
                }
            }
        }
    }

    @Test func `every byte of a sample may be cut off, flipped or replaced`() {
        let sample = Array(
            #" {"id":-1.5e+3,"ключ":[true,false,null,{}],"s":"a\"\\\u00e9\ud83d\ude00é😀","n":[0,10,[]],"a-long-key-of-33-bytes-and-then-some":{"x":1,"y":"z"} } "#
                .utf8)
        let hostile: [UInt8] =
            Array("[]{}\",:\\u0e-+.tfn 9\n".utf8) + [0, 0x0C, 0x1A, 0x7F, 0x80, 0xC2, 0xED, 0xF4, 0xFF]
        for place in sample.indices {
            Self.agree(Array(sample[..<place]))
            Self.agree(Array(sample[place...]))
            for bit in 0..<8 {
                var flipped = sample
                flipped[place] ^= 1 << UInt8(bit)
                guard Self.agree(flipped) else { return }
            }
            for byte in hostile {
                var replaced = sample
                replaced[place] = byte
                guard Self.agree(replaced) else { return }
                replaced.insert(byte, at: place)
                guard Self.agree(replaced) else { return }
            }
        }
    }

    @Test func `runs of backslashes cross block borders`() {
        for length in 1..<10 {
            for shift in 50..<70 {
                for tail in ["\"", "n\"", "\"\"", "u0041\""] {
                    let text =
                        "[\"" + String(repeating: "x", count: shift) + String(repeating: "\\", count: length) + tail
                        + ",1]"
                    guard Self.agree(Array(text.utf8)) else { return }
                }
            }
        }
    }

    @Test func `characters of every length cross block borders, whole or broken`() {
        let sequences: [[UInt8]] = [
            [0xC3, 0xA9], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
            [0x80],
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80],
        ]
        for shift in 54..<68 {
            for one in sequences {
                for two in sequences {
                    let text =
                        Array("[1,\"".utf8) + Array(repeating: 0x61, count: shift) + one + two + Array("\"]".utf8)
                    guard Self.agree(text), Self.agree(Array(text.dropLast(2))) else { return }
                }
            }
        }
    }

    @Test(arguments: [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 64, 65, 127, 128, 129, 300, 3000])
    func `equal keys are found in objects of every size`(count: Int) {
        // Same length, same first and last eight bytes; then keys of every length; then keys with escapes.
        let families: [(Int) -> String] = [
            { "beginning\(1_000_000 + $0)at-the-end" }, { String(repeating: "k", count: $0 % 50) + "\($0)" },
            { "k\\u00e9\($0)" }, { "\($0)" },
        ]
        for family in families {
            let members = (0..<count).map { "\"\(family($0))\":[{\"a\":\($0)}]" }
            Self.agree(Array("{\(members.joined(separator: ","))}".utf8))
            guard count > 0 else { continue }
            for twice in [0, count / 2, count - 1] {
                let doubled = Array("{\(members.joined(separator: ",")),\(members[twice])}".utf8)
                Self.agree(doubled)
                Self.agree(doubled, JSONLimits(duplicateKeys: .last))
            }
        }
        Self.agree(Array(#"{"a\u0062":1,"ab":2}"#.utf8))
        Self.agree(Array(#"{"\ud83d\ude00":1,"😀":2,"x":3}"#.utf8))
    }

    @Test func `real payloads have the same tape`() throws {
        guard let folder = PublicCorpora.folder("github-webhooks") else { return }
        for line in try FileSystem.read("\(folder)/events.jsonl").split(separator: 0x0A).prefix(60) {
            guard Self.agree(Array(line)) else { return }
        }
    }

    /// Mutations of mutations: what is still JSON, or fails in a new way, joins the pool that the next ones start from.
    @Test(arguments: 0..<4)
    func `thousands of mutations are judged alike`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(77 + seed))
        var pool: [[UInt8]] = [
            #"{"a":[1,2.5e-3,{"b":"c\n"}],"d":null,"e":true}"#, #"[[],{},"",0,-0,"\ud800\udc00",{"":{"":[]}}]"#,
            #"{"id":186853002,"name":"SERVICE-1","owner":{"login":"org-1","site_admin":false}, "x" : "é😀"}"#,
        ].map { Array($0.utf8) }
        let pieces: [[UInt8]] =
            [
                "\"", "\\", "\\\\", "\\\"", "{\"", "\":", "\",\"", "}", "]", "[", "{", ",", ":", "0", "1e5", "-", ".5",
                "true",
                "null", " ", "\n", "\u{1}", "\\u0041", "\\ud83d", "é", "😀", String(repeating: " ", count: 64),
                String(repeating: "[", count: 70), String(repeating: "a", count: 61),
            ].map { Array($0.utf8) } + [[0x80], [0xC2], [0xF0, 0x9F], [0xFF]]
        var seen: Set<String> = []
        for _ in 0..<1500 {
            var text = pool[Int.random(in: 0..<pool.count, using: &random)]
            for _ in 0..<Int.random(in: 1..<4, using: &random) {
                let at = Int.random(in: 0...text.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: text.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)], at: at)
                case 1: text.removeSubrange(at..<min(text.count, at + Int.random(in: 0..<9, using: &random)))
                case 2 where at < text.count: text[at] = UInt8.random(in: 0...255, using: &random)
                case 3:
                    let other = pool[Int.random(in: 0..<pool.count, using: &random)]
                    text.insert(contentsOf: other.prefix(Int.random(in: 0...other.count, using: &random)), at: at)
                default:
                    text.insert(contentsOf: text[at..<min(text.count, at + 70)], at: at)
                }
            }
            if text.count > 600 { text.removeSubrange(600...) }
            guard Self.agree(text, JSONLimits(depthMax: 20, duplicateKeys: .last)) else { return }
            let outcome = Self.parse(text, JSONLimits(depthMax: 20), .best)
            #expect(outcome == Self.parse(text, JSONLimits(depthMax: 20), .exact))
            let kind =
                if case .failure(let failure) = outcome { "\(failure.reason)\(text.count / 8)" } else {
                    "\(text.count / 4)"
                }
            if seen.insert(kind).inserted { pool.append(text) }
        }
    }
}
