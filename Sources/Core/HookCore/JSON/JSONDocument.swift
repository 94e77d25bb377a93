// SPDX-License-Identifier: Apache-2.0
// A parsed JSON text (RFC 8259) as a flat tape of nodes over the original bytes. Nothing is copied, converted or
// forgotten: every node remembers where its text stands, so that exact numbers, key order and untouched parts survive.
import Glibc

/// What one node of a tape is.
package enum JSONKind: UInt8, Sendable, BitwiseCopyable {
    case null
    case `false`
    case `true`
    case number
    case string
    case array
    case object
}

/// One value on the tape; for members of an object a key node (kind string) stands before its value node.
///
/// - Shape: preorder. The first child of a container is the node after it; `next` is the tape index of the node
///   behind the whole subtree, so `next` of a child is its sibling.
/// - Units: `start` and `end` are byte offsets into the text; strings include their quotes.
package struct JSONNode: Sendable, BitwiseCopyable {
    package let start: UInt32
    package internal(set) var end: UInt32
    package internal(set) var next: UInt32
    /// Children of a container: elements of an array, members of an object.
    package internal(set) var count: UInt32
    package let kind: JSONKind
    /// A string with at least one backslash escape: its text is not its value.
    package let isEscaped: Bool

    init(kind: JSONKind, start: UInt32, end: UInt32, next: UInt32, count: UInt32 = 0, isEscaped: Bool = false) {
        self.start = start
        self.end = end
        self.next = next
        self.count = count
        self.kind = kind
        self.isEscaped = isEscaped
    }
}

/// How strictly a text is read.
package struct JSONLimits: Sendable {
    package enum DuplicateKeys: Sendable {
        case refuse
        /// The last value of a key counts, everywhere: earlier members of the same key are not on the tape and not in
        /// `count`. The text of the object still has them.
        case last
    }

    /// Nesting allowed; an array or object at the top is depth 1.
    package var depthMax: Int
    package var duplicateKeys: DuplicateKeys

    package init(depthMax: Int = 64, duplicateKeys: DuplicateKeys = .refuse) {
        self.depthMax = depthMax
        self.duplicateKeys = duplicateKeys
    }
}

/// Why a text was refused, and at which byte.
package struct JSONFailure: Error, Sendable, Equatable {
    package enum Reason: String, Sendable {
        case unexpectedEnd = "the text ends in the middle of a value"
        case unexpectedByte = "this byte cannot stand here"
        case badNumber = "this is not a JSON number"
        case badEscape = "this escape is not known to JSON"
        case badUnicode = "this is not valid UTF-8, or half a surrogate pair"
        case controlCharacter = "a control character must be escaped in a string"
        case tooDeep = "the nesting is deeper than the limit"
        case duplicateKey = "this key stands twice in one object"
        case textAfterEnd = "there is text after the end of the value"
        case tooLarge = "the text is larger than 4 GiB"
    }

    package let reason: Reason
    /// Byte offset from the start of the text.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// A validated JSON text and its tape.
///
/// - Complexity: parsing is linear in the bytes; a member look-up is linear in the members of one object.
package struct JSONDocument: Sendable {
    package let bytes: [UInt8]
    package let nodes: ContiguousArray<JSONNode>

    /// Validates the whole of `bytes` and builds the tape.
    package init(
        parsing bytes: [UInt8], limits: JSONLimits = JSONLimits(), kernel: JSONKernel = .best
    ) throws(JSONFailure) {
        if let tape = kernel.tape(of: bytes, depthMax: limits.depthMax) {
            self.nodes = tape
        } else {
            self.nodes = try JSONParser.parse(bytes, limits: limits)
        }
        self.bytes = bytes
    }

    package var root: JSONNode { self.nodes[0] }

    /// The original text of a node.
    package func text(of index: Int) -> ArraySlice<UInt8> {
        self.bytes[Int(self.nodes[index].start)..<Int(self.nodes[index].end)]
    }

    /// The bytes of a string's value, escapes resolved.
    package func stringBytes(of index: Int) -> [UInt8] {
        let node = self.nodes[index]
        let inner = self.bytes[Int(node.start) + 1..<Int(node.end) - 1]
        return node.isEscaped ? JSONEscapes.resolve(inner) : Array(inner)
    }

    /// A string's value; nil where the node is of another kind.
    package func string(of index: Int) -> String? {
        guard self.nodes[index].kind == .string else { return nil }
        return String(decoding: self.stringBytes(of: index), as: UTF8.self)
    }

    /// The tape index of the value of a member; nil where the node is no object or has no such key.
    /// With duplicate keys allowed, the last one: the tape holds no other.
    package func member(_ key: some Collection<UInt8>, of index: Int) -> Int? {
        guard self.nodes[index].kind == .object else { return nil }
        let found = key.withContiguousStorageIfAvailable { unsafe self.memberValue($0, of: index) }
        return unsafe found ?? Array(key).withUnsafeBufferPointer { unsafe self.memberValue($0, of: index) }
    }

    /// HOT: mapping of every event. Most keys differ in length already.
    private func memberValue(_ key: UnsafeBufferPointer<UInt8>, of index: Int) -> Int? {
        unsafe self.bytes.withUnsafeBufferPointer { text in
            var at = index + 1
            let end = Int(self.nodes[index].next)
            while at < end {
                if unsafe self.isKey(at, equalTo: key, in: text) { return at + 1 }
                at = Int(self.nodes[at + 1].next)
            }
            return nil
        }
    }

    private func isKey(
        _ index: Int, equalTo key: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let node = self.nodes[index]
        if node.isEscaped { return unsafe self.stringBytes(of: index).elementsEqual(key) }
        guard Int(node.end - node.start) - 2 == key.count else { return false }
        guard let one = key.baseAddress, let other = text.baseAddress else { return key.isEmpty }
        return unsafe memcmp(one, other + Int(node.start) + 1, key.count) == 0
    }

    /// The tape index of the value at a path of keys from the top; nil where something on the way is missing.
    package func find(_ path: [String]) -> Int? {
        var at = 0
        for key in path {
            guard let next = self.member(key.utf8, of: at) else { return nil }
            at = next
        }
        return at
    }

    /// Tape indices of the elements of an array, or of the values of an object, in order.
    package func children(of index: Int) -> [Int] {
        let isObject = self.nodes[index].kind == .object
        guard isObject || self.nodes[index].kind == .array else { return [] }
        var result: [Int] = []
        var at = index + 1
        let end = Int(self.nodes[index].next)
        while at < end {
            let value = isObject ? at + 1 : at
            result.append(value)
            at = Int(self.nodes[value].next)
        }
        return result
    }
}
