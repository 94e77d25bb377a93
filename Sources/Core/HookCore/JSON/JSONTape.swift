// SPDX-License-Identifier: Apache-2.0

/// The tape while it grows: plain memory, since an array would check its ownership at every append.
///
/// INVARIANT: `count <= capacity`, and the first `count` nodes are initialised. Nodes are plain values.
@safe struct JSONTape: ~Copyable {
    private var memory: UnsafeMutablePointer<JSONNode>
    private var capacity: Int
    private(set) var count = 0

    /// - Parameter textBytes: real payloads have a node in 16 to 30 bytes; more nodes make the tape grow.
    init(textBytes: Int) {
        self.capacity = textBytes / 16 + 16
        unsafe self.memory = .allocate(capacity: self.capacity)
    }

    deinit { unsafe self.memory.deallocate() }

    @inline(__always)
    mutating func append(_ node: JSONNode) {
        if self.count == self.capacity { self.grow() }
        unsafe self.memory.advanced(by: self.count).initialize(to: node)
        self.count += 1
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: self.capacity * 2)
        unsafe larger.moveInitialize(from: self.memory, count: self.count)
        unsafe self.memory.deallocate()
        unsafe self.memory = larger
        self.capacity *= 2
    }

    @inline(__always)
    subscript(index: Int) -> JSONNode {
        get {
            assert(index < self.count, "only nodes on the tape are asked for")
            return unsafe self.memory[index]
        }
        set {
            assert(index < self.count, "only nodes on the tape are changed")
            unsafe self.memory[index] = newValue
        }
    }

    /// Moves the stretch `range` down to `target`, which may overlap, and keeps its inner links right.
    mutating func move(_ range: Range<Int>, to target: Int) {
        let shift = UInt32(range.lowerBound - target)
        if shift == 0 { return }
        for index in range {
            var node = self[index]
            node.next -= shift
            self[Int(index - Int(shift))] = node
        }
    }

    mutating func truncate(to count: Int) {
        precondition(count <= self.count, "a tape is only cut at its end")
        self.count = count
    }

    /// The finished tape, exactly as large as it is.
    func nodes() -> ContiguousArray<JSONNode> {
        unsafe ContiguousArray(UnsafeBufferPointer(start: self.memory, count: self.count))
    }
}
