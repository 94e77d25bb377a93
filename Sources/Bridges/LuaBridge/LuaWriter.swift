// SPDX-License-Identifier: Apache-2.0
// Values on their way into Lua. Pushing allocates in Lua and can raise, so Swift only writes down what is to be pushed;
// the C side does it below lua_pcall after Swift has returned.

internal import CLuaTrampoline

/// A JSON text with its tape, as raw memory for the C side.
struct LuaDocument {
    let bytes: [UInt8]
    let tape: any LuaTape
    let mayRepeatKeys: Bool
    let name: String
}

/// A tape of some node type; the layout is checked when it is wrapped.
protocol LuaTape {
    func withNodes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R
}

struct LuaTapeOf<Node>: LuaTape {
    let nodes: ContiguousArray<Node>

    init(_ nodes: ContiguousArray<Node>) {
        precondition(
            MemoryLayout<Node>.stride == MemoryLayout<hs_node>.stride, "a tape node has the layout of hs_node")
        self.nodes = nodes
    }

    func withNodes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { unsafe self.nodes.withUnsafeBytes(body) }
}

/// Collects the values to push: arguments of a call or results of a host function.
package struct LuaArguments {
    var operations: [UInt8] = []
    var documents: [LuaDocument] = []
    /// References stay alive until the values are pushed.
    var references: [LuaReference] = []
    /// Values pushed so far, not counting what stands inside tables.
    package private(set) var count = 0
    private var depth = 0

    package init() {}

    private mutating func operation(_ code: Int) {
        self.operations.append(UInt8(code))
        if self.depth == 0 { self.count += 1 }
    }

    private mutating func word<T: FixedWidthInteger>(_ value: T) {
        let first = self.operations.count
        for place in 0..<MemoryLayout<T>.size {
            self.operations.append(UInt8(truncatingIfNeeded: value >> T(place * 8)))
        }
        assert(self.operations.count == first + MemoryLayout<T>.size)
    }

    private mutating func text(_ bytes: some Collection<UInt8>) {
        self.word(UInt32(clamping: bytes.count))
        self.operations.append(contentsOf: bytes)
    }

    package mutating func pushNil() { self.operation(Int(HS_OP_NIL)) }

    package mutating func push(_ value: Bool) { self.operation(Int(value ? HS_OP_TRUE : HS_OP_FALSE)) }

    package mutating func push(_ value: Int64) {
        self.operation(Int(HS_OP_INTEGER))
        self.word(value)
    }

    package mutating func push(_ value: Double) {
        self.operation(Int(HS_OP_FLOAT))
        self.word(value.bitPattern)
    }

    /// Pushes a string of bytes.
    package mutating func push(_ bytes: some Collection<UInt8>) {
        self.operation(Int(HS_OP_STRING))
        self.text(bytes)
    }

    package mutating func push(_ text: String) { self.push(text.utf8) }

    /// Pushes a JSON number's text as integer, float or exact `num`, whichever keeps its value.
    package mutating func push(number text: some Collection<UInt8>) {
        self.operation(Int(HS_OP_NUM))
        self.text(text)
    }

    /// Pushes the JSON null sentinel.
    package mutating func pushNull() { self.operation(Int(HS_OP_NULL)) }

    package mutating func push(_ value: LuaReference) {
        self.operation(Int(HS_OP_REFERENCE))
        self.word(value.slot)
        self.references.append(value)
    }

    package mutating func push(_ function: LuaFunction) { self.push(function.reference) }

    /// Pushes a userdata that carries a number; scripts can hand it around and nothing else.
    package mutating func push(handle value: Int64, of type: String) {
        self.operation(Int(HS_OP_HANDLE))
        self.word(UInt32(clamping: type.utf8.count))
        self.word(value)
        self.operations.append(contentsOf: type.utf8)
    }

    /// Pushes argument `n` (1-based) of the host function that is running.
    package mutating func push(argument n: Int) {
        self.operation(Int(HS_OP_ARGUMENT))
        self.word(UInt32(clamping: n))
    }

    /// Pushes a lazy table over a parsed JSON text (or the scalar, where the text is one).
    ///
    /// - Shape: `nodes` have the layout `{start, end, next, count: UInt32, kind: UInt8, isEscaped: Bool}` in preorder.
    /// - Ownership: kept until the call has ended; views that a script keeps longer raise an error when touched.
    package mutating func pushJSON<Node>(
        _ bytes: [UInt8], nodes: ContiguousArray<Node>, named name: String = "data", mayRepeatKeys: Bool = false
    ) {
        self.operation(Int(HS_OP_JSON))
        self.word(UInt32(clamping: self.documents.count))
        self.documents.append(
            LuaDocument(bytes: bytes, tape: LuaTapeOf(nodes), mayRepeatKeys: mayRepeatKeys, name: name))
    }

    /// Pushes a table; `readOnly` makes writes an error that shows that name.
    package mutating func pushTable(readOnly name: String? = nil, _ fill: (inout LuaTableWriter) -> Void) {
        self.operation(Int(HS_OP_TABLE))
        self.word(UInt32(0))
        self.word(UInt32(0))
        self.depth += 1
        var writer = LuaTableWriter(arguments: self)
        fill(&writer)
        self = writer.arguments
        if let name {
            self.operation(Int(HS_OP_READONLY))
            self.text(name.utf8)
        }
        self.depth -= 1
    }

    fileprivate mutating func mark(_ code: Int) { self.operation(code) }
}

/// Fills a table that is being pushed.
package struct LuaTableWriter {
    fileprivate var arguments: LuaArguments

    /// Sets a field; `value` must push exactly one value.
    package mutating func set(_ key: String, _ value: (inout LuaArguments) -> Void) {
        self.set(bytes: key.utf8, value)
    }

    /// Sets a field whose name is bytes; `value` must push exactly one value.
    package mutating func set(bytes key: some Collection<UInt8>, _ value: (inout LuaArguments) -> Void) {
        self.arguments.push(key)
        value(&self.arguments)
        self.arguments.mark(Int(HS_OP_SET))
    }

    package mutating func set(_ key: String, _ text: String) { self.set(key) { $0.push(text) } }
    package mutating func set(_ key: String, _ number: Int64) { self.set(key) { $0.push(number) } }
    package mutating func set(_ key: String, _ flag: Bool) { self.set(key) { $0.push(flag) } }

    /// Appends an element; `value` must push exactly one value.
    package mutating func append(_ value: (inout LuaArguments) -> Void) {
        value(&self.arguments)
        self.arguments.mark(Int(HS_OP_APPEND))
    }

    /// Marks the table as a JSON array, so that it is written as `[]` also when empty.
    package mutating func markArray() { self.arguments.mark(Int(HS_OP_ARRAY)) }
}
