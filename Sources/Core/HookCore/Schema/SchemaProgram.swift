// SPDX-License-Identifier: Apache-2.0
// A schema as flat tables of plain values: what ``SchemaRun`` walks beside the tape of an event. Everything that can be
// known without an event is known here: references are indices, keys stand in hash tables, numbers are parsed.

/// A compiled JSON Schema (draft 2020-12, or draft-07).
///
/// - Isolation: immutable; may be used from every thread at once.
///
// SAFETY: the tables are written before the program is handed on, and freed when nobody holds it.
package final class SchemaProgram: @unchecked Sendable {
    let tables: SchemaTables
    let patterns: [TextPattern]
    /// Every constant of the schema, as the elements of one array.
    let constants: JSONDocument
    /// Per dynamic anchor the schema that each resource has for it.
    let dynamicTargets: [[Int32: Int32]]
    /// Per node `routes/schemas/order.json#/properties/total`.
    let locations: [String]
    let root: Int32

    init(_ draft: SchemaDraft, root: Int32, constants: JSONDocument) {
        self.tables = SchemaTables(draft, constants: constants)
        self.patterns = draft.patterns
        self.dynamicTargets = draft.dynamicTargets
        self.locations = draft.locations
        self.constants = constants
        self.root = root
    }

    deinit { self.tables.free() }
}

/// The tables while they grow.
struct SchemaDraft {
    var nodes: ContiguousArray<SchemaNode> = [SchemaNode(), SchemaNode(kinds: 0)]
    var numbers: ContiguousArray<SchemaNumberRules> = []
    var strings: ContiguousArray<SchemaStringRules> = []
    var arrays: ContiguousArray<SchemaArrayRules> = []
    var objects: ContiguousArray<SchemaObjectRules> = []
    var logics: ContiguousArray<SchemaLogicRules> = []
    var slots: ContiguousArray<SchemaSlot> = []
    var keys: ContiguousArray<UInt8> = []
    var lists: ContiguousArray<Int32> = []
    var patterns: [TextPattern] = []
    var dynamicTargets: [[Int32: Int32]] = []
    var locations: [String] = ["", ""]
}

/// One schema. Node 0 lets everything through, node 1 nothing.
struct SchemaNode: BitwiseCopyable, Sendable {
    static let always: Int32 = 0
    static let never: Int32 = 1
    static let none: Int32 = -1
    static let allKinds: UInt8 = 0x7F

    /// A bit for each ``JSONKind`` that may stand here.
    var kinds: UInt8 = SchemaNode.allKinds
    /// A number has to be a whole one.
    var isWhole = false
    /// Nothing but the kinds counts.
    var isBare = false
    /// The schema has `unevaluatedProperties` or `unevaluatedItems`.
    var isWatching = false
    /// The document, or part with an `$id`, that it belongs to.
    var resource: Int32 = 0
    /// Indices into the tables of rules; -1 where there are none.
    var number: Int32 = -1
    var string: Int32 = -1
    var array: Int32 = -1
    var object: Int32 = -1
    var logic: Int32 = -1
}

/// A run of ``SchemaProgram/lists``.
struct SchemaList: BitwiseCopyable, Sendable {
    var first: Int32 = 0
    var count: Int32 = 0
}

/// `minimum` and the like. Bounds are elements of the constants, -1 where there are none.
struct SchemaNumberRules: BitwiseCopyable, Sendable {
    var minimum: Int32 = -1
    var exclusiveMinimum: Int32 = -1
    var maximum: Int32 = -1
    var exclusiveMaximum: Int32 = -1
    /// The bounds for a whole number of up to 18 digits, where all bounds are such numbers.
    var low = Int64.min
    var high = Int64.max
    var isPlain = true
    /// `multipleOf`: significant digits and the power of ten of the last one; 0: none.
    var divisor: UInt64 = 0
    var divisorScale = 0
}

struct SchemaStringRules: BitwiseCopyable, Sendable {
    /// Characters, which are Unicode scalars.
    var minLength: Int32 = 0
    var maxLength = Int32.max
    var pattern: Int32 = -1
    /// Asserted; see ``SchemaFormat``.
    var format: SchemaFormat?
}

struct SchemaArrayRules: BitwiseCopyable, Sendable {
    var minItems: Int32 = 0
    var maxItems = Int32.max
    var isUnique = false
    var prefix = SchemaList()
    /// Schemas: -1 where the keyword is not there.
    var items: Int32 = -1
    var contains: Int32 = -1
    var minContains: Int32 = 1
    var maxContains = Int32.max
    var unevaluated: Int32 = -1
}

struct SchemaObjectRules: BitwiseCopyable, Sendable {
    var minProperties: Int32 = 0
    var maxProperties = Int32.max
    var properties = SchemaKeys()
    /// Keys of the table that must be there.
    var required: Int32 = 0
    /// Pairs of a pattern and a schema.
    var patterns = SchemaList()
    var additional: Int32 = -1
    var names: Int32 = -1
    var unevaluated: Int32 = -1
    /// Triples of a key (an element of the constants), a schema or -1, and another key that must be there or -1.
    var dependents = SchemaList()
}

/// What holds whatever the value is. Schemas: -1 where the keyword is not there.
struct SchemaLogicRules: BitwiseCopyable, Sendable {
    var reference: Int32 = -1
    /// Index into ``SchemaProgram/dynamicTargets``; `dynamicDefault` where no resource on the way has the anchor.
    var dynamic: Int32 = -1
    var dynamicDefault: Int32 = -1
    var all = SchemaList()
    var any = SchemaList()
    var one = SchemaList()
    var not: Int32 = -1
    var condition: Int32 = -1
    var then: Int32 = -1
    var otherwise: Int32 = -1
    /// Elements of the constants, one of which the value is; `hasValues` tells none from no keyword.
    var values = SchemaList()
    var hasValues = false
    /// The texts among them, where there are many.
    var texts = SchemaKeys()
}

/// A hash table of keys inside of ``SchemaProgram/slots``.
struct SchemaKeys: BitwiseCopyable, Sendable {
    var first: Int32 = 0
    /// Slots less one, a power of two; -1: no keys.
    var mask: Int32 = -1
}

struct SchemaSlot: BitwiseCopyable, Sendable {
    /// Where the key stands in ``SchemaProgram/keys``; -1: a free slot.
    var start: Int32 = -1
    var length: Int32 = 0
    /// -1: the key is only asked for, by `required`.
    var schema: Int32 = -1
    var isRequired = false

    /// The same at compile time and at run time; collisions are a matter of the schema, not of the event.
    @inline(__always)
    static func hash(_ length: Int, _ first: UInt8, _ middle: UInt8, _ last: UInt8) -> Int {
        let value =
            UInt64(UInt32(truncatingIfNeeded: length)) << 24 | UInt64(first) << 16 | UInt64(middle) << 8 | UInt64(last)
        return Int(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) >> 40)
    }
}

/// One place where an event breaks its schema.
package struct SchemaViolation: Sendable, Equatable {
    /// JSON pointer into the event; empty for the whole.
    package let pointer: String
    /// The keyword that says so: `minimum`.
    package let keyword: String
    /// Where it stands: `routes/schemas/order.json#/properties/total/minimum`.
    package let rule: String
    /// One phrase for people.
    package let detail: String

    package init(pointer: String, keyword: String, rule: String, detail: String) {
        self.pointer = pointer
        self.keyword = keyword
        self.rule = rule
        self.detail = detail
    }
}
