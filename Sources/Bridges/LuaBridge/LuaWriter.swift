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

    /// Forgets all values and keeps the memory.
    mutating func removeAll() {
        self.operations.removeAll(keepingCapacity: true)
        self.documents.removeAll()
        self.references.removeAll()
        self.count = 0
    }

    // The C side reads words in the byte order of the machine.

    private mutating func word(_ value: UInt32) {
        unsafe withUnsafeBytes(of: value) { unsafe self.operations.append(contentsOf: $0) }
    }

    private mutating func long(_ value: UInt64) {
        unsafe withUnsafeBytes(of: value) { unsafe self.operations.append(contentsOf: $0) }
    }

    private mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.word(UInt32(clamping: bytes.count))
        unsafe self.operations.append(contentsOf: bytes)
    }

    package mutating func pushNil() { self.operation(Int(HS_OP_NIL)) }

    package mutating func push(_ value: Bool) { self.operation(Int(value ? HS_OP_TRUE : HS_OP_FALSE)) }

    package mutating func push(_ value: Int64) {
        self.operation(Int(HS_OP_INTEGER))
        self.long(UInt64(bitPattern: value))
    }

    package mutating func push(_ value: Double) {
        self.operation(Int(HS_OP_FLOAT))
        self.long(value.bitPattern)
    }

    // HOT: these are concrete, since a generic one is not specialised for callers in other modules.

    /// Pushes a string of bytes.
    package mutating func push(_ bytes: [UInt8]) {
        self.operation(Int(HS_OP_STRING))
        unsafe bytes.withUnsafeBufferPointer { unsafe self.text($0) }
    }

    /// Pushes a string of bytes.
    package mutating func push(_ bytes: ArraySlice<UInt8>) {
        self.operation(Int(HS_OP_STRING))
        unsafe bytes.withUnsafeBufferPointer { unsafe self.text($0) }
    }

    package mutating func push(_ text: String) {
        self.operation(Int(HS_OP_STRING))
        self.text(text)
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { unsafe self.text($0) }
    }

    /// Pushes a JSON number's text as integer, float or exact `num`, whichever keeps its value.
    package mutating func push(number text: [UInt8]) {
        self.operation(Int(HS_OP_NUM))
        unsafe text.withUnsafeBufferPointer { unsafe self.text($0) }
    }

    /// Pushes a new table of a declared lazy kind.
    package mutating func push(lazy kind: LuaLazyKind) {
        self.operation(Int(HS_OP_LAZY))
        self.operations.append(kind.number)
    }

    /// Pushes the document of the call, see `LuaState.call(_:prepared:text:tape:read:)`.
    package mutating func pushDocument() {
        self.operation(Int(HS_OP_JSON))
        self.word(0)
    }

    /// Pushes the JSON null sentinel.
    package mutating func pushNull() { self.operation(Int(HS_OP_NULL)) }

    package mutating func push(_ value: LuaReference) {
        self.operation(Int(HS_OP_REFERENCE))
        self.word(UInt32(bitPattern: value.slot))
        self.references.append(value)
    }

    package mutating func push(_ function: LuaFunction) { self.push(function.reference) }

    /// Pushes a userdata that carries a number; scripts can hand it around and nothing else.
    package mutating func push(handle value: Int64, of type: String) {
        self.operation(Int(HS_OP_HANDLE))
        self.word(UInt32(clamping: type.utf8.count))
        self.long(UInt64(bitPattern: value))
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
        // Swapped, not copied: a second owner would copy all bytes at the first append.
        var writer = LuaTableWriter(arguments: LuaArguments())
        swap(&writer.arguments, &self)
        fill(&writer)
        swap(&writer.arguments, &self)
        if let name {
            self.operation(Int(HS_OP_READONLY))
            self.text(name)
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
        self.arguments.push(key)
        value(&self.arguments)
        self.arguments.mark(Int(HS_OP_SET))
    }

    /// Sets a field whose name is bytes; `value` must push exactly one value.
    package mutating func set(bytes key: ArraySlice<UInt8>, _ value: (inout LuaArguments) -> Void) {
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
