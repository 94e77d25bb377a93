// SPDX-License-Identifier: Apache-2.0
import HookCore

/// Bytes that can be read back in one way only: numbers have eight bytes, texts and lists their length before them.
struct SpecBytes {
    private(set) var bytes: [UInt8] = []

    init() { self.bytes.reserveCapacity(512) }

    mutating func put(_ number: Int) {
        var rest = UInt64(bitPattern: Int64(number))
        for _ in 0..<8 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func put(_ duration: Duration) {
        self.put(Int(duration.components.seconds))
        self.put(Int(duration.components.attoseconds))
    }

    mutating func put(_ text: String, _ tag: Int? = nil) {
        if let tag { self.put(tag) }
        self.put(text.utf8.count)
        self.bytes.append(contentsOf: text.utf8)
    }

    mutating func put(_ other: [UInt8]) {
        self.put(other.count)
        self.bytes.append(contentsOf: other)
    }

    mutating func put(_ number: JSONNumber) {
        switch number {
        case .integer(let value):
            self.put(0)
            self.put(Int(value))
        case .unsigned(let value):
            self.put(1)
            self.put(Int(bitPattern: UInt(value)))
        case .double(let value):
            self.put(2)
            self.put(Int(bitPattern: UInt(value.bitPattern)))
        }
    }

    mutating func put(_ scalar: JSONScalar, _ tag: Int) {
        self.put(tag)
        switch scalar {
        case .null: self.put(0)
        case .bool(let value): self.put(value ? 1 : 2)
        case .number(let number):
            self.put(3)
            self.put(number)
        case .string(let text): self.put(text, 4)
        }
    }

    mutating func list<Item>(_ items: [Item], _ each: (inout SpecBytes, Item) -> Void) {
        self.put(items.count)
        for item in items { each(&self, item) }
    }
}
