// SPDX-License-Identifier: Apache-2.0

/// Plain values in memory of their own, never changed again: read beside every event without counting references.
///
/// - Isolation: whoever makes it frees it, when nobody reads it any more.
@safe struct SchemaTable<Item: BitwiseCopyable & Sendable> {
    private let items: UnsafeMutablePointer<Item>
    let count: Int

    init(_ values: ContiguousArray<Item>) {
        self.count = values.count
        unsafe self.items = .allocate(capacity: max(values.count, 1))
        for (place, value) in values.enumerated() { unsafe (self.items + place).initialize(to: value) }
    }

    /// HOT.
    @inline(__always)
    subscript(place: Int) -> Item {
        assert(place >= 0 && place < self.count, "only compiled places are asked for")
        return unsafe self.items[place]
    }

    @inline(__always)
    subscript(place: Int32) -> Item { self[Int(place)] }

    /// Where a run of values begins.
    @inline(__always)
    func address(of place: Int32) -> UnsafePointer<Item> { unsafe UnsafePointer(self.items + Int(place)) }

    func free() { unsafe self.items.deallocate() }
}

/// The tables of one program.
struct SchemaTables {
    let nodes: SchemaTable<SchemaNode>
    let numbers: SchemaTable<SchemaNumberRules>
    let strings: SchemaTable<SchemaStringRules>
    let arrays: SchemaTable<SchemaArrayRules>
    let objects: SchemaTable<SchemaObjectRules>
    let logics: SchemaTable<SchemaLogicRules>
    let slots: SchemaTable<SchemaSlot>
    let keys: SchemaTable<UInt8>
    /// Members of lists: schemas, patterns, constants.
    let lists: SchemaTable<Int32>
    /// The tape and the text of the constants.
    let constants: SchemaTable<JSONNode>
    let constantText: SchemaTable<UInt8>

    init(_ draft: SchemaDraft, constants: JSONDocument) {
        self.nodes = SchemaTable(draft.nodes)
        self.numbers = SchemaTable(draft.numbers)
        self.strings = SchemaTable(draft.strings)
        self.arrays = SchemaTable(draft.arrays)
        self.objects = SchemaTable(draft.objects)
        self.logics = SchemaTable(draft.logics)
        self.slots = SchemaTable(draft.slots)
        self.keys = SchemaTable(draft.keys)
        self.lists = SchemaTable(draft.lists)
        self.constants = SchemaTable(constants.nodes)
        self.constantText = SchemaTable(ContiguousArray(constants.bytes))
    }

    func free() {
        self.nodes.free()
        self.numbers.free()
        self.strings.free()
        self.arrays.free()
        self.objects.free()
        self.logics.free()
        self.slots.free()
        self.keys.free()
        self.lists.free()
        self.constants.free()
        self.constantText.free()
    }
}
