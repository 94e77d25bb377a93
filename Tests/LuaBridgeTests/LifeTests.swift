// SPDX-License-Identifier: Apache-2.0
// Memory and threads: leaks, failing allocations, the wrong thread.
import CLuaTrampoline
import Glibc
import HookCore
import Testing

@testable import LuaBridge

@Suite(.serialized)
struct `Life of a state` {
    static let source = """
        local data = ...
        local t = {}
        for i = 1, 20 do t[i] = ('x'):rep(i) .. tostring(i / 3) end
        table.sort(t)
        for k, v in pairs(data) do t[k] = nil end
        local ok = pcall(function() return data.n.x end)
        data.list[2] = {a = json.encode(t), b = ('abc'):gsub('b', '%0%0')}
        data.copy = copy(data.list)
        return data
        """

    /// The resident set in bytes.
    static func resident() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 127, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }

    static func cycle() throws {
        let state = try LuaState()
        try state.register("host") { _ throws(HostFailure) in 0 }
        let document = try JSONDocument(parsing: Array("{\"n\":null,\"list\":[1,2.50,{\"k\":\"v\"}]}".utf8))
        let function = try state.load(chunk: "c.lua", source: Array(self.source.utf8))
        try state.freeze()
        _ = try state.call(
            function,
            arguments: {
                $0.pushJSON(document.bytes, nodes: document.nodes)
            }, results: { results throws(LuaFailure) in try results.json(at: 1) })
    }

    /// In a process of its own, because other tests run at the same time in this one.
    @Test func `ten thousand cycles leak nothing`() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<500 { try `Life of a state`.cycle() }
            let before = `Life of a state`.resident()
            for _ in 0..<10_000 { try `Life of a state`.cycle() }
            let growth = `Life of a state`.resident() - before
            #expect(growth < 4 << 20, "the resident set grew by \(growth) bytes")
            #expect(hs_all_bytes() == 0)
        }
    }

    @Test func `the allocator of a closed state is balanced`() {
        let state = hs_open(16 << 20, 0)
        #expect(state != nil)
        #expect(hs_bytes_in_use(state) > 0)
        #expect(hs_close_balance(state) == 0)
    }

    @Test func `opening survives the failure of every allocation`() {
        var n: Int64 = 1
        while n < 100_000 {
            guard let state = hs_open(16 << 20, n) else {
                n += 1
                continue
            }
            hs_fail_allocations(state, 0)
            #expect(hs_close_balance(state) == 0)
            break
        }
        #expect(n > 100 && n < 100_000)
    }

    @Test func `a call survives the failure of every allocation`() throws {
        let document = try JSONDocument(parsing: Array("{\"n\":null,\"list\":[1,2.50,{\"k\":\"v\"}]}".utf8))
        var succeeded = false
        var n: Int64 = 1
        var kinds: Set<String> = []
        while !succeeded, n < 20_000 {
            let state = try LuaState()
            let function = try state.load(chunk: "c.lua", source: Array(Self.source.utf8))
            try state.freeze()
            hs_fail_allocations(state.pointer, n)
            do {
                _ = try state.call(
                    function,
                    arguments: {
                        $0.pushJSON(document.bytes, nodes: document.nodes)
                    }, results: { results throws(LuaFailure) in try results.json(at: 1) })
                succeeded = true
            } catch {
                kinds.insert("\(error.kind)")
            }
            hs_fail_allocations(state.pointer, 0)
            n += 1
        }
        #expect(succeeded)
        #expect(kinds == ["memory"])
        #expect(n > 50)
    }

    @Test func `references are released`() throws {
        let state = try LuaState()
        let function = try state.load(chunk: "r.lua", source: Array("return {}, function() end".utf8))
        try state.freeze()
        for _ in 0..<1000 {
            _ = try state.call(function) { results throws(LuaFailure) in
                (try results.reference(1), try results.function(2))
            }
        }
        let before = state.bytesInUse
        for _ in 0..<10_000 {
            _ = try state.call(function) { results throws(LuaFailure) in
                (try results.reference(1), try results.function(2))
            }
        }
        #expect(state.bytesInUse < before + 200_000)
    }

    @Test func `use from another thread traps`() async {
        await #expect(processExitsWith: .failure) {
            let state = try LuaState()
            final class Box: @unchecked Sendable {
                let state: LuaState
                init(_ state: LuaState) { self.state = state }
            }
            let box = Unmanaged.passRetained(Box(state))
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { context in
                    let box = Unmanaged<Box>.fromOpaque(context!).takeUnretainedValue()
                    try? box.state.freeze()
                    return nil
                }, box.toOpaque())
            pthread_join(thread, nil)
        }
    }
}
