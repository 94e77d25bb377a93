// SPDX-License-Identifier: Apache-2.0
// One sandboxed lua_State. Every call into Lua goes through C functions that are protected, so that a Lua error, which
// is a longjmp, never crosses a Swift frame.

internal import CLuaTrampoline
internal import Glibc

/// A function of the host that scripts may call.
///
/// - Returns: how many results it pushed.
package typealias LuaHostFunction = (inout LuaCall) throws(HostFailure) -> Int

/// Parses a JSON text for `json.decode`: the tape goes into `LuaDecoded`. Throws the reason as a message.
package typealias LuaDecoder = (_ bytes: [UInt8]) throws(HostFailure) -> LuaDecoded

/// A parsed JSON text for `json.decode`.
package struct LuaDecoded {
    let document: LuaDocument

    package init<Node>(_ bytes: [UInt8], nodes: ContiguousArray<Node>) {
        self.document = LuaDocument(bytes: bytes, tape: LuaTapeOf(nodes), mayRepeatKeys: false, name: "json")
    }
}

/// One Lua state with the sandboxed library.
///
/// - Isolation: confined to the thread that made it; use from another traps.
/// - Ownership: scripts, references and host functions live as long as the state.
@safe
package final class LuaState {
    package let limits: LuaLimits
    @safe let pointer: OpaquePointer
    let life = LuaLife()
    /// Changes with every call: windows of an earlier one are refused.
    private(set) var epoch = 0
    private let thread = pthread_self()
    private var functions: [LuaHostFunction] = []
    private var isCalling = false
    /// Receives what scripts print.
    package var onPrint: ((String) -> Void)?
    /// Parses for `json.decode`.
    package var decoder: LuaDecoder?
    /// Answers for lazy tables.
    package var fields: (any LuaFieldSource)?
    /// What the last field came to; its memory is used again.
    private var field = LuaArguments()
    /// ``limits`` as the C side takes them.
    private let budget: hs_limits

    package init(limits: LuaLimits = LuaLimits()) throws(LuaFailure) {
        guard let pointer = unsafe hs_open(Int64(limits.memoryBytes), 0) else {
            throw LuaFailure(.memory, "not enough memory for a Lua state")
        }
        self.limits = limits
        self.budget = Self.budget(of: limits)
        unsafe self.pointer = pointer
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe hs_set_bodies(pointer, context, Self.hostBody, Self.decodeBody, Self.printBody)
        unsafe hs_set_field_body(pointer, Self.fieldBody)
    }

    deinit {
        self.checkThread()
        unsafe hs_close(self.pointer)
    }

    private func checkThread() {
        precondition(pthread_equal(pthread_self(), self.thread) != 0, "a LuaState is used on another thread")
    }

    private func enter() {
        self.checkThread()
        for slot in self.life.take() { unsafe hs_unref(self.pointer, slot) }
    }

    // MARK: Loading

    /// Compiles a text chunk. `name` is its path in messages.
    package func load(
        chunk name: String, source: [UInt8], environment: LuaReference? = nil
    ) throws(LuaFailure) -> LuaFunction {
        self.enter()
        var slot: Int32 = 0
        let status = unsafe source.withUnsafeBufferPointer { source in
            unsafe hs_load(self.pointer, "@" + name, source.baseAddress, source.count, environment?.slot ?? 0, &slot)
        }
        if status != HS_OK { throw self.failure(status, chunk: name) }
        return LuaFunction(reference: LuaReference(slot: slot, life: self.life))
    }

    /// A table for the global names of one script; it reads through to the shared globals.
    package func makeEnvironment() throws(LuaFailure) -> LuaReference {
        self.enter()
        var slot: Int32 = 0
        let status = unsafe hs_new_environment(self.pointer, &slot)
        if status != HS_OK { throw self.failure(status) }
        return LuaReference(slot: slot, life: self.life)
    }

    /// The function that a script defined under a global name; nil where there is none.
    package func function(
        named name: String, in environment: LuaReference? = nil
    ) throws(LuaFailure) -> LuaFunction? {
        self.enter()
        var slot: Int32 = 0
        var kind: Int32 = 0
        let status = unsafe hs_get_named(self.pointer, environment?.slot ?? 0, name, &slot, &kind)
        if status != HS_OK { throw self.failure(status) }
        guard slot != 0 else { return nil }
        let reference = LuaReference(slot: slot, life: self.life)
        return LuaKind(rawValue: kind) == .function ? LuaFunction(reference: reference) : nil
    }

    /// Makes the shared globals and libraries read-only. Call after registering and before loading files, so that none
    /// can replace a function under the others.
    package func seal() throws(LuaFailure) {
        self.enter()
        let status = unsafe hs_seal(self.pointer)
        if status != HS_OK { throw self.failure(status) }
    }

    /// Makes globals, environments and module tables read-only and takes the memory baseline. Call after loading.
    package func freeze() throws(LuaFailure) {
        self.enter()
        let status = unsafe hs_freeze(self.pointer)
        if status != HS_OK { throw self.failure(status) }
    }

    /// Offers a function to scripts, as a global or below a table (`json.encode`).
    ///
    /// - Parameter cost: steps charged for each call; work that grows is charged with `LuaCall.charge`.
    package func register(
        _ name: String, cost: Int = 10, _ body: @escaping LuaHostFunction
    ) throws(LuaFailure) {
        self.enter()
        let status = unsafe hs_register(
            self.pointer, name, Int32(truncatingIfNeeded: self.functions.count), Int64(cost))
        if status != HS_OK { throw self.failure(status) }
        self.functions.append(body)
    }

    // MARK: Calling

    /// Seeds `math.random` for the next call.
    package func seedRandom(_ seed: UInt64) {
        self.enter()
        unsafe hs_seed(self.pointer, seed)
    }

    /// Calls a function; `results` may read the results (and write JSON) until it returns.
    ///
    /// - Returns: what `results` made, and the exact steps used, the writing of JSON included.
    package func call<R>(
        _ function: LuaFunction, limits override: LuaLimits? = nil, arguments: (inout LuaArguments) -> Void = { _ in },
        results: (inout LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> (value: R, steps: Int) {
        self.enter()
        precondition(!self.isCalling, "a LuaState is called from inside a call: use LuaCall.invoke")
        self.isCalling = true
        self.epoch += 1
        var input = LuaArguments()
        arguments(&input)
        let limits = override.map { Self.budget(of: $0) } ?? self.budget
        let outcome: Result<R, LuaFailure> = self.withDocuments(of: input, from: 0) {
            do throws(LuaFailure) {
                return .success(try self.run(function, limits, input, results))
            } catch {
                return .failure(error)
            }
        }
        self.epoch += 1
        self.isCalling = false
        return (try outcome.get(), self.stepsUsed)
    }

    /// Nests the scopes in which the memory of all documents may be read.
    private func withDocuments<R>(of input: LuaArguments, from first: Int, _ body: () -> R) -> R {
        guard first < input.documents.count else {
            defer { unsafe hs_end(self.pointer) }
            return body()
        }
        let document = input.documents[first]
        return unsafe document.bytes.withUnsafeBufferPointer { bytes in
            unsafe document.tape.withNodes { nodes in
                let tape = unsafe nodes.bindMemory(to: hs_node.self)
                _ = unsafe hs_add_document(
                    self.pointer, bytes.baseAddress, bytes.count, tape.baseAddress, tape.count,
                    document.mayRepeatKeys ? 1 : 0, document.name)
                return self.withDocuments(of: input, from: first + 1, body)
            }
        }
    }

    /// HOT: calls a function with prepared arguments and the document that ``LuaArguments/pushDocument()`` stands for.
    ///
    /// - Parameter text: a JSON text, or empty for none.
    /// - Parameter tape: its nodes; see ``LuaArguments/pushJSON(_:nodes:named:mayRepeatKeys:)`` for their shape.
    /// - Parameter read: may read the results until it returns; it is not called where the call failed.
    /// - Returns: the exact steps used, the writing of JSON included.
    package func call(
        _ function: LuaFunction, prepared: LuaArguments, text: Span<UInt8>, tape: RawSpan, read: (LuaResults) -> Void
    ) throws(LuaFailure) -> Int {
        self.enter()
        precondition(!self.isCalling, "a LuaState is called from inside a call: use LuaCall.invoke")
        self.isCalling = true
        self.epoch += 1
        let failure: LuaFailure? = unsafe text.withUnsafeBufferPointer { text in
            unsafe tape.withUnsafeBytes { tape in
                defer { unsafe hs_end(self.pointer) }
                // Rounded up: a span of one element leaves out the padding behind it.
                let count = (tape.count + Self.nodeStride - 1) / Self.nodeStride
                let nodes = unsafe tape.baseAddress?.bindMemory(to: hs_node.self, capacity: count)
                if count > 0 {
                    _ = unsafe hs_add_document(
                        self.pointer, text.baseAddress, text.count, nodes, count, 0, "data")
                }
                do throws(LuaFailure) {
                    read(try self.start(function, self.budget, prepared))
                    return nil
                } catch {
                    return error
                }
            }
        }
        self.epoch += 1
        self.isCalling = false
        if let failure { throw failure }
        return self.stepsUsed
    }

    /// What a node of a tape must take; see ``call(_:prepared:text:tape:read:)``.
    package static var nodeStride: Int { MemoryLayout<hs_node>.stride }

    private static func budget(of limits: LuaLimits) -> hs_limits {
        let wall = limits.wall.components
        return hs_limits(
            steps: Int64(limits.steps), memory_bytes: Int64(limits.memoryBytes),
            wall_nanoseconds: wall.seconds * 1_000_000_000 + wall.attoseconds / 1_000_000_000)
    }

    private func run<R>(
        _ function: LuaFunction, _ budget: hs_limits, _ input: LuaArguments,
        _ results: (inout LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        var window = try self.start(function, budget, input)
        return try results(&window)
    }

    private func start(
        _ function: LuaFunction, _ budget: hs_limits, _ input: LuaArguments
    ) throws(LuaFailure) -> LuaResults {
        var budget = budget
        var count: Int32 = 0
        let status = unsafe input.operations.withUnsafeBufferPointer { operations in
            unsafe hs_call(
                self.pointer, function.reference.slot, operations.baseAddress, operations.count, &budget, &count)
        }
        if status != HS_OK { throw self.failure(status) }
        return LuaResults(window: self.window(base: 0, count: Int(count)))
    }

    func invoke<R>(
        _ function: LuaFunction, arguments: (inout LuaArguments) -> Void,
        results: (LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        let top = unsafe hs_top(self.pointer)
        defer { unsafe hs_set_top(self.pointer, top) }
        let status = unsafe hs_push_reference(self.pointer, function.reference.slot)
        if status != HS_OK { throw self.failure(status) }
        return try self.invoke(at: top + 1, arguments: arguments, results: results)
    }

    func invoke<R>(
        at index: Int32, arguments: (inout LuaArguments) -> Void, results: (LuaResults) throws(LuaFailure) -> R
    ) throws(LuaFailure) -> R {
        var input = LuaArguments()
        arguments(&input)
        precondition(input.documents.isEmpty, "documents are pushed with the outer call")
        let top = unsafe hs_top(self.pointer)
        defer { unsafe hs_set_top(self.pointer, top) }
        var count: Int32 = 0
        let status = unsafe input.operations.withUnsafeBufferPointer { operations in
            unsafe hs_invoke(self.pointer, index, operations.baseAddress, operations.count, &count)
        }
        if status != HS_OK { throw self.failure(status) }
        return try results(LuaResults(window: self.window(base: top, count: Int(count))))
    }

    /// Exact steps of the call that ended last.
    package var stepsUsed: Int { Int(unsafe hs_steps(self.pointer)) }

    /// A budget or memory was spent: throw this state away and build a new one.
    package var isPoisoned: Bool { unsafe hs_poisoned(self.pointer) != 0 }

    /// Bytes that Lua holds now.
    package var bytesInUse: Int { Int(unsafe hs_bytes_in_use(self.pointer)) }

    // MARK: For the reading types

    func window(base: Int32, count: Int) -> LuaWindow {
        LuaWindow(state: self, base: base, count: count, epoch: self.epoch)
    }

    func reference(at index: Int32) throws(LuaFailure) -> LuaReference {
        var slot: Int32 = 0
        let status = unsafe hs_reference(self.pointer, index, &slot)
        if status != HS_OK { throw self.failure(status) }
        return LuaReference(slot: slot, life: self.life)
    }

    func writeJSON(at index: Int32, path: String, limit: Int) throws(LuaFailure) -> LuaJSON {
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        var unchanged: Int32 = 0
        let status = unsafe hs_json_write(self.pointer, index, path, limit, &bytes, &count, &unchanged)
        if status != HS_OK { throw self.failure(status) }
        if unchanged != 0 { return .unchanged }
        return unsafe .bytes([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
    }

    // MARK: Callbacks; thunk, unwrap, forward

    private static let hostBody: hs_host_body = { context, index, _ in
        guard let context = unsafe context else { return 1 }
        let state = unsafe Unmanaged<LuaState>.fromOpaque(context).takeUnretainedValue()
        return state.runHost(Int(index))
    }

    private static let decodeBody: hs_decode_body = { context, bytes, count, _ in
        guard let context = unsafe context else { return 1 }
        let state = unsafe Unmanaged<LuaState>.fromOpaque(context).takeUnretainedValue()
        return unsafe state.runDecoder([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
    }

    private static let printBody: hs_print_body = { context, bytes, count in
        guard let context = unsafe context else { return }
        let state = unsafe Unmanaged<LuaState>.fromOpaque(context).takeUnretainedValue()
        state.onPrint?(unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
    }

    private static let fieldBody: hs_field_body = { context, kind, place, key, count, _ in
        guard let context = unsafe context else { return 0 }
        let state = unsafe Unmanaged<LuaState>.fromOpaque(context).takeUnretainedValue()
        return unsafe state.runField(
            LuaLazyKind(UInt8(truncatingIfNeeded: kind)), Int(place), UnsafeBufferPointer(start: key, count: count))
    }

    // HOT: once for each field that a script touches.
    private func runField(_ kind: LuaLazyKind, _ place: Int, _ key: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard let fields = self.fields else { return 0 }
        self.field.removeAll()
        let isThere =
            if place >= 0 {
                fields.push(field: place, of: kind, into: &self.field)
            } else if unsafe key.baseAddress == nil {
                fields.pushAll(of: kind, into: &self.field)
            } else {
                unsafe fields.push(key: [UInt8](key), of: kind, into: &self.field)
            }
        guard isThere else { return 0 }
        precondition(self.field.count == 1 && self.field.documents.isEmpty, "a field is one value")
        self.reply(self.field.operations)
        return 1
    }

    private func runHost(_ index: Int) -> Int32 {
        let count = Int(unsafe hs_top(self.pointer))
        var call = LuaCall(window: self.window(base: 0, count: count))
        do throws(HostFailure) {
            let pushed = try self.functions[index](&call)
            precondition(pushed == call.results.count, "a host function pushed another number of results than it said")
            unsafe hs_begin_reply(self.pointer)
            for document in call.results.documents where self.handOver(document) != 0 {
                throw HostFailure("not enough memory")
            }
            self.reply(call.results.operations)
            return 0
        } catch {
            self.reply(Array(error.message.utf8))
            return 1
        }
    }

    private func runDecoder(_ bytes: [UInt8]) -> Int32 {
        guard let decoder = self.decoder else {
            self.reply(Array("json.decode is not available".utf8))
            return 1
        }
        do throws(HostFailure) {
            return self.handOver(try decoder(bytes).document)
        } catch {
            self.reply(Array(error.message.utf8))
            return 1
        }
    }

    /// Copies a document into the state; it lives until the call ends. 0, or 1 when memory ran out.
    private func handOver(_ document: LuaDocument) -> Int32 {
        unsafe document.bytes.withUnsafeBufferPointer { bytes in
            unsafe document.tape.withNodes { nodes in
                let tape = unsafe nodes.bindMemory(to: hs_node.self)
                return unsafe hs_decoded(
                    self.pointer, bytes.baseAddress, bytes.count, tape.baseAddress, tape.count, document.name)
            }
        }
    }

    private func reply(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer {
            _ = unsafe hs_reply(self.pointer, $0.baseAddress, $0.count)
        }
    }
}
