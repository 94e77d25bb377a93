// SPDX-License-Identifier: Apache-2.0
// Parts of a document as documents of their own, and documents with one place changed. What is not touched keeps its
// original text.

extension JSONDocument {
    /// A text whose tape is known.
    init(bytes: [UInt8], nodes: ContiguousArray<JSONNode>) {
        self.bytes = bytes
        self.nodes = nodes
    }

    /// The subtree at a node as a document; its text is the node's, byte for byte.
    ///
    /// - Complexity: copies text and tape of the subtree; nothing is parsed.
    package func part(at index: Int) -> JSONDocument {
        let root = self.nodes[index]
        let nodes = self.nodes[index..<Int(root.next)].map { node in
            JSONNode(
                kind: node.kind, start: node.start - root.start, end: node.end - root.start,
                next: node.next - UInt32(index), count: node.count, isEscaped: node.isEscaped)
        }
        return JSONDocument(bytes: Array(self.text(of: index)), nodes: ContiguousArray(nodes))
    }

    /// Appends the whole text without the member at a path. The objects on the way are written anew, without spaces;
    /// every value in them keeps its text.
    ///
    /// - Parameter keys: at least one; a path that leads nowhere leaves the text as it is.
    package func appendText(without keys: [String], to output: inout [UInt8]) {
        self.append(0, without: keys[...], to: &output)
    }

    private func append(_ index: Int, without keys: ArraySlice<String>, to output: inout [UInt8]) {
        guard let key = keys.first, let member = self.member(key.utf8, of: index) else {
            output.append(contentsOf: self.text(of: index))
            return
        }
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for value in self.children(of: index) where value != member || keys.count > 1 {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            output.append(contentsOf: self.text(of: value - 1))
            output.append(UInt8(ascii: ":"))
            if value == member {
                self.append(value, without: keys.dropFirst(), to: &output)
            } else {
                output.append(contentsOf: self.text(of: value))
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The whole text with the value at a path replaced or added; objects on the way are made where there are none.
    /// Nil where something on the way is no object.
    ///
    /// - Parameter keys: at least one. Parameter text: valid JSON.
    package func text(setting keys: [String], to text: [UInt8]) -> [UInt8]? {
        var at = 0
        for (place, key) in keys.enumerated() {
            guard self.nodes[at].kind == .object else { return nil }
            if let next = self.member(key.utf8, of: at) {
                at = next
                continue
            }
            return self.text(adding: keys[place...], to: at, text)
        }
        let node = self.nodes[at]
        return self.bytes[..<Int(node.start)] + text + self.bytes[Int(node.end)...]
    }

    private func text(adding keys: ArraySlice<String>, to object: Int, _ text: [UInt8]) -> [UInt8] {
        let node = self.nodes[object]
        let brace = Int(node.end) - 1
        var output = Array(self.bytes[..<brace])
        output.reserveCapacity(self.bytes.count + text.count + 64)
        if node.count > 0 { output.append(UInt8(ascii: ",")) }
        for (place, key) in keys.enumerated() {
            if place > 0 { output.append(UInt8(ascii: "{")) }
            JSONWriter.append(key, to: &output)
            output.append(UInt8(ascii: ":"))
        }
        output.append(contentsOf: text)
        output.append(contentsOf: repeatElement(UInt8(ascii: "}"), count: keys.count - 1))
        output.append(contentsOf: self.bytes[brace...])
        return output
    }
}
