// SPDX-License-Identifier: Apache-2.0
// A table of `lookups:`: keys and rows in one piece of memory, found by hash. Made once per change of its file.

/// Rows by key. Immutable; shared by every revision in which its file is the same.
package final class LookupTable: Sendable, CustomReflectable {
    /// Rows of one table; a slot holds a row's number.
    package static let rowsMax = 1_000_000

    private struct Row: BitwiseCopyable {
        let key: UInt32
        let text: UInt32
        let end: UInt32
    }

    package let name: LookupName
    /// Of keys and rows: two tables with equal digests say the same.
    package let digest: UInt64
    private let bytes: [UInt8]
    private let rows: ContiguousArray<Row>
    /// Numbers of rows from 1, by hash, with linear probing; 0: free.
    private let slots: ContiguousArray<UInt32>

    /// - Parameter rows: JSON texts by key; keys differ, and all together have less than 4 GiB.
    package init(name: LookupName, rows: [(key: [UInt8], text: [UInt8])]) {
        precondition(rows.count <= Self.rowsMax, "whoever reads a file refuses more rows")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.reduce(0) { $0 + $1.key.count + $1.text.count })
        var size = 8
        while size < rows.count * 2 { size *= 2 }
        var places: ContiguousArray<Row> = []
        places.reserveCapacity(rows.count)
        var slots = ContiguousArray<UInt32>(repeating: 0, count: size)
        for row in rows {
            let start = UInt32(bytes.count)
            bytes += row.key
            let text = UInt32(bytes.count)
            bytes += row.text
            places.append(Row(key: start, text: text, end: UInt32(bytes.count)))
            var slot = Self.slot(of: row.key, in: size)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(places.count)
        }
        self.name = name
        self.bytes = bytes
        self.rows = places
        self.slots = slots
        // Where keys end and texts begin counts too.
        let borders = places.flatMap { [$0.text, $0.end] }.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) }
        }
        self.digest = Checksum.xxh64(bytes, seed: Checksum.xxh64(borders))
    }

    package var count: Int { self.rows.count }

    /// The JSON text of the row with this key; nil where there is none. Keys compare by bytes.
    ///
    /// - Complexity: constant, besides the length of the key.
    package func row(_ key: [UInt8]) -> ArraySlice<UInt8>? {
        var slot = Self.slot(of: key, in: self.slots.count)
        while self.slots[slot] != 0 {
            let row = self.rows[Int(self.slots[slot]) - 1]
            if self.bytes[Int(row.key)..<Int(row.text)].elementsEqual(key) {
                return self.bytes[Int(row.text)..<Int(row.end)]
            }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    private static func slot(of key: [UInt8], in size: Int) -> Int {
        Int(truncatingIfNeeded: Checksum.xxh64(key)) & (size - 1)
    }

    /// What a comparison of configurations looks at.
    package var customMirror: Mirror { Mirror(self, children: ["name": self.name.text, "digest": "\(self.digest)"]) }
}
