// SPDX-License-Identifier: Apache-2.0
// Writes JSON text piece by piece into a buffer. What was not changed is copied as its original text: numbers keep
// their digits, strings their escapes, objects their order.

package enum JSONWriter {
    /// One part of a document that gets another text.
    package struct Edit: Sendable {
        /// Tape index of the value (not of a key) that is replaced.
        package let node: Int
        /// Valid JSON text of the new value.
        package let text: [UInt8]

        package init(node: Int, text: [UInt8]) {
            self.node = node
            self.text = text
        }
    }

    /// Appends the original text of a node, byte for byte.
    package static func appendText(of node: Int, in document: JSONDocument, to output: inout [UInt8]) {
        output.append(contentsOf: document.text(of: node))
    }

    /// Appends the original text of a node with some of the values in it replaced.
    ///
    /// - Bounds: an edit outside of `node`, or inside of a part that another edit replaces, is left out; of two for
    ///   one node the last counts.
    /// - Complexity: linear in the text and the edits, after sorting the edits.
    package static func appendText(
        of node: Int, in document: JSONDocument, replacing edits: [Edit], to output: inout [UInt8]
    ) {
        var at = Int(document.nodes[node].start)
        var next = node
        let end = Int(document.nodes[node].next)
        for edit in Self.inOrder(edits) where edit.node >= next && edit.node < end {
            let replaced = document.nodes[edit.node]
            output.append(contentsOf: document.bytes[at..<Int(replaced.start)])
            output.append(contentsOf: edit.text)
            at = Int(replaced.end)
            next = Int(replaced.next)
        }
        output.append(contentsOf: document.bytes[at..<Int(document.nodes[node].end)])
    }

    /// By node; the last of several for one node comes first, and so is the one that counts.
    private static func inOrder(_ edits: [Edit]) -> [Edit] {
        edits.enumerated().sorted { ($0.element.node, $1.offset) < ($1.element.node, $0.offset) }.map(\.element)
    }

    /// Appends a string literal with quotes and the escapes that JSON demands.
    package static func append(_ text: String, to output: inout [UInt8]) {
        JSONEscapes.appendQuoted(text.utf8, to: &output)
    }

    /// Appends bytes as a string literal; false, and nothing appended, where they are not UTF-8.
    package static func appendString(checking bytes: some Collection<UInt8>, to output: inout [UInt8]) -> Bool {
        let isUTF8 =
            bytes.withContiguousStorageIfAvailable { unsafe Self.isUTF8($0.span) } ?? Self.isUTF8(Array(bytes).span)
        guard isUTF8 else { return false }
        JSONEscapes.appendQuoted(bytes, to: &output)
        return true
    }

    private static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes)
            return true
        } catch {
            // Where it goes wrong is of no use to a caller who made the bytes.
            return false
        }
    }

    /// Appends the shortest decimal number that is read back as this double, `1.0` for one; false, and nothing
    /// appended, for NaN and infinities, which JSON cannot say.
    package static func append(_ value: Double, to output: inout [UInt8]) -> Bool {
        guard value.isFinite else { return false }
        // Swift's description is the shortest that round-trips, and for finite numbers always valid JSON.
        let shortest = Array(value.description.utf8)
        // Between 2^53 and 2^64 the shortest may be another integer than the double, which matters to readers that
        // keep integers exact, as this product does: there all digits are written.
        if value.magnitude > Self.lastExact, JSONNumber(text: shortest[...]) != JSONNumber(value) {
            guard Self.append(JSONNumber(value), to: &output) else { return false }
            output.append(contentsOf: ".0".utf8)
        } else {
            output.append(contentsOf: shortest)
        }
        return true
    }

    /// 2^53: up to here the shortest decimal of an integral double is that integer.
    private static let lastExact = 9_007_199_254_740_992.0

    /// Appends an integer in decimal.
    package static func append(_ value: Int64, to output: inout [UInt8]) {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        Self.append(value.magnitude, to: &output)
    }

    /// Appends an integer in decimal.
    package static func append(_ value: UInt64, to output: inout [UInt8]) {
        let start = output.count
        var rest = value
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        output[start...].reverse()
    }

    /// Appends a number by value; false, and nothing appended, where it is not finite.
    package static func append(_ number: JSONNumber, to output: inout [UInt8]) -> Bool {
        switch number {
        case .integer(let value): Self.append(value, to: &output)
        case .unsigned(let value): Self.append(value, to: &output)
        case .double(let value): return Self.append(value, to: &output)
        }
        return true
    }
}
