// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookTestKit
import LuaBridge
import Testing

@testable import HookTransform

/// The linter reads what Lua reads: whatever Lua's own compiler accepts, it accepts, and nothing makes it crash.
@Suite struct LuaAgreementTests {
    /// Code that uses the whole grammar, in pieces.
    static let pieces: [String] = [
        "local a <const>, b = 1, 'x'\n", "goto l1 do ::l1:: end ::l1::\n", "while true do break end\n",
        "repeat local x = 1 until x == 1\n", "for i = 1, 10, 2 do print(i) end\n",
        "for k, v in pairs({}) do print(k, v) end\n",
        "function a.b.c:d(x, ...) return ..., x end\n", "local function f(...) return select('#', ...) end\n",
        "if a then b = 1 elseif c then d = 2 else e = 3 end\n", "x, y.z, w[1] = f(), g{1}, h'x'\n",
        "local t = {1, 2; a = 3, ['b'] = 4, [5] = 6, f(), function() end,}\n", "a.b['c'].d(1)(2):e(3){4}'5' = 6\n",
        "local s = 'a\\z   \\n\\65\\x41\\u{1F600}' .. \"\\\"\" .. [[\n]] .. [==[ ]] ]==]\n", "-- comment\n",
        "--[[ long\n]]\n",
        "--[==[ ]] ]==]\n", "return 1 + 2 * 3 ^ 4 ^ 5 // 6 % 7 - -8 .. 'x' .. 'y'\n",
        "local n = 0x1.8p3 + 1e10 + .5 + 3. + 0xA\n",
        "local b2 = ~1 & 2 | 3 ~ 4 << 5 >> 6\n", "local c = not a == b ~= c <= d >= e < f > g and h or i\n",
        "local m = #t, -x, not y\n", "(f or g)(1)\n", ";;;\n", "do local _ENV = {} end\n", "local z <close> = nil\n",
        "a = function(self) return self end\n", "f(a)(b)(c)\n", "f:g 'x' {1}\n", "return\n", "return;\n",
    ]

    static func accepts(_ source: [UInt8], _ state: LuaState) -> Bool {
        do {
            _ = try state.load(chunk: "x", source: source)
            return true
        } catch {
            return false
        }
    }

    static func check(_ sources: [[UInt8]]) throws -> (accepted: Int, refused: Int) {
        let state = try LuaState()
        var counts = (accepted: 0, refused: 0)
        for source in sources {
            let isLua = Self.accepts(source, state)
            let isRead = LuaParser.facts(of: source) != nil
            if isLua {
                counts.accepted += 1
                #expect(isRead, "\(String(decoding: source, as: UTF8.self))")
            } else {
                counts.refused += 1
            }
        }
        return counts
    }

    static func shipped() throws -> [[UInt8]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appendingPathComponent("scripts")
        let paths = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap {
            $0 as? URL
        }
        return try (paths ?? []).filter { $0.pathExtension == "lua" }.map { Array(try Data(contentsOf: $0)) }
    }

    @Test func `shipped scripts are read and clean`() throws {
        let sources = try Self.shipped()
        let counts = try Self.check(sources)
        #expect(counts.accepted > 2 && counts.refused == 0)
        for source in sources {
            #expect(LuaLintTests.findings(String(decoding: source, as: UTF8.self)).map(\.message) == [])
        }
    }

    @Test(arguments: [1, 2, 3]) func `programs made of pieces`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let sources = (0..<1500).map { _ -> [UInt8] in
            var text = ""
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let piece = Self.pieces.randomElement(using: &random) ?? ""
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text += "do \(piece) end\n"
                case 1: text += "local function g(...) \(piece) end\n"
                default: text += piece
                }
            }
            return Array(text.utf8)
        }
        let counts = try Self.check(sources)
        #expect(counts.accepted > 300 && counts.refused > 50)
    }

    @Test(arguments: [4, 5, 6]) func `damaged programs`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let whole = try Self.shipped() + [Array(Self.pieces.joined().utf8)]
        let tokens = [
            "end", "(", ")", "..", "=", "'", "[[", "]]", "--", "\n", "local ", "::", "{", "}", "\\", "\u{0}", "é",
        ]
        let sources = (0..<1500).map { _ -> [UInt8] in
            var source = whole.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0...source.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: source.removeSubrange(place..<min(source.count, place + Int.random(in: 1...8, using: &random)))
                case 1: source.insert(contentsOf: (tokens.randomElement(using: &random) ?? "").utf8, at: place)
                case 2: if place < source.count { source[place] = UInt8.random(in: 0...255, using: &random) }
                default: source.removeSubrange(place...)
                }
            }
            return source
        }
        let counts = try Self.check(sources)
        #expect(counts.accepted > 100 && counts.refused > 500)
    }

    @Test func `what is deep is refused by both, and breaks neither`() throws {
        let deep = ["(", "{", "- ", "not ", "function() return ", "f(", "a..", "2^"].map { piece in
            Array(("return " + String(repeating: piece, count: 5000) + "1").utf8)
        }
        #expect(try Self.check(deep).accepted == 0)
        let shallow = ["(": ")", "{": "}", "f(": ")"].map { open, close in
            Array(("return " + String(repeating: open, count: 90) + "1" + String(repeating: close, count: 90)).utf8)
        }
        #expect(try Self.check(shallow).accepted == 3)
    }
}
