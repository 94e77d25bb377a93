// SPDX-License-Identifier: Apache-2.0
// Pick, omit, rename and set in one pass over a document. What no step touches is copied as its original text: numbers
// keep their digits, strings their escapes, objects the order of their keys.
import HookCore
import HookFormats

/// Applies declarative steps to documents.
struct Reshape {
    let event: Event
    let bytesMax: Int

    /// The body after one layer of steps, as JSON text.
    ///
    /// - Errors: `output/not-object` where `set` needs an object and finds another value, `output/missing-value` where a text
    ///   has a hole without a value, `output/too-large`.
    func applied(_ spec: ReshapeSpec, to document: JSONDocument) throws(FormatFailure) -> [UInt8] {
        var writer = ReshapeWriter(document: document, event: self.event, bytesMax: self.bytesMax)
        let place = ReshapePlace(pick: spec.pick, omit: spec.omit, rename: spec.rename, set: spec.set)
        try writer.write(0, place, path: [])
        return writer.output
    }
}

/// What the steps mean at one place of a document; nil where they mean nothing there.
private struct ReshapePlace {
    var pick: StepTree?
    var omit: StepTree?
    var rename: StepTree?
    var set: StepTree?

    var isIdle: Bool { self.pick == nil && self.omit == nil && self.rename == nil && self.set == nil }
}

private struct ReshapeWriter {
    let document: JSONDocument
    let event: Event
    let bytesMax: Int
    var output: [UInt8] = []

    init(document: JSONDocument, event: Event, bytesMax: Int) {
        self.document = document
        self.event = event
        self.bytesMax = bytesMax
    }

    mutating func write(_ node: Int, _ place: ReshapePlace, path: [String]) throws(FormatFailure) {
        if place.isIdle { return try self.append(self.document.text(of: node)) }
        switch self.document.nodes[node].kind {
        case .object: try self.writeObject(node, place, path)
        case .array:
            self.output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in self.document.children(of: node) where self.stays(element, place.pick) {
                self.writeComma(&isFirst)
                try self.write(element, place, path: path)
            }
            self.output.append(UInt8(ascii: "]"))
        case .null where place.set != nil: try self.writeMissing(place.set ?? StepTree(), path)
        case let kind:
            if place.set != nil {
                throw FormatFailure(
                    "output/not-object", "set: \(FieldPath(.data, path)) is a \(kind), which has no keys to set")
            }
            try self.append(self.document.text(of: node))
        }
    }

    /// Below what is picked only in part, a value without keys holds nothing that was picked.
    private func stays(_ node: Int, _ pick: StepTree?) -> Bool {
        guard pick != nil else { return true }
        let kind = self.document.nodes[node].kind
        return kind == .object || kind == .array
    }

    // MARK: Objects

    private struct Member {
        let node: Int
        let key: [UInt8]
        /// Nil where it keeps its name.
        let newKey: [UInt8]?
        let pick: StepTree?

        var value: Int { self.node + 1 }
    }

    private mutating func writeObject(_ node: Int, _ place: ReshapePlace, _ path: [String]) throws(FormatFailure) {
        let members = self.members(of: node, place)
        let taken = Set(members.compactMap(\.newKey))
        var done: Set<[UInt8]> = []
        var isFirst = true
        self.output.append(UInt8(ascii: "{"))
        for member in members {
            // A renamed member takes the place of the one that had the name.
            if member.newKey == nil, taken.contains(member.key) { continue }
            let name = member.newKey ?? member.key
            let set = place.set?.branch(name)
            if set != nil { done.insert(name) }
            self.writeComma(&isFirst)
            try self.writeKey(member)
            if case .set(let value)? = set?.end, let text = try self.text(of: value) {
                try self.append(text[...])
                continue
            }
            let below = ReshapePlace(
                pick: member.pick, omit: place.omit?.branch(member.key), rename: Self.below(place.rename, member.key),
                set: set.flatMap { $0.branches.isEmpty ? nil : $0 })
            try self.write(member.value, below, path: path + [String(decoding: name, as: UTF8.self)])
        }
        for branch in place.set?.branches ?? [] where !done.contains(branch.key) {
            try self.writeNew(branch, path, &isFirst)
        }
        self.output.append(UInt8(ascii: "}"))
    }

    /// Nil where nothing is meant below a key.
    private static func below(_ tree: StepTree?, _ key: [UInt8]) -> StepTree? {
        tree?.branch(key).flatMap { $0.branches.isEmpty ? nil : $0 }
    }

    /// The members that stay.
    private func members(of node: Int, _ place: ReshapePlace) -> [Member] {
        self.document.children(of: node).compactMap { value in
            let key = self.document.stringBytes(of: value - 1)
            var below: StepTree?
            if let pick = place.pick {
                guard let branch = pick.branch(key) else { return nil }
                if branch.end == nil { below = branch }
                if !self.stays(value, below) { return nil }
            }
            if place.omit?.branch(key)?.end != nil { return nil }
            var newKey: [UInt8]?
            if case .renamed(let name)? = place.rename?.branch(key)?.end { newKey = Array(name.utf8) }
            return Member(node: value - 1, key: key, newKey: newKey, pick: below)
        }
    }

    private mutating func writeKey(_ member: Member) throws(FormatFailure) {
        if let name = member.newKey {
            JSONEscapes.appendQuoted(name, to: &self.output)
        } else {
            try self.append(self.document.text(of: member.node))
        }
        self.output.append(UInt8(ascii: ":"))
    }

    private mutating func writeComma(_ isFirst: inout Bool) {
        if !isFirst { self.output.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    // MARK: set

    /// A member that the document does not have.
    private mutating func writeNew(
        _ branch: StepTree.Branch, _ path: [String], _ isFirst: inout Bool
    ) throws(FormatFailure) {
        var value: [UInt8]?
        if case .set(let end)? = branch.tree.end {
            value = try self.text(of: end)
            if value == nil { return }
        }
        self.writeComma(&isFirst)
        JSONEscapes.appendQuoted(branch.key, to: &self.output)
        self.output.append(UInt8(ascii: ":"))
        if let value {
            try self.append(value[...])
        } else {
            try self.writeMissing(branch.tree, path + [String(decoding: branch.key, as: UTF8.self)])
        }
    }

    /// An object that is there only because something in it is set.
    private mutating func writeMissing(_ tree: StepTree, _ path: [String]) throws(FormatFailure) {
        var isFirst = true
        self.output.append(UInt8(ascii: "{"))
        for branch in tree.branches { try self.writeNew(branch, path, &isFirst) }
        self.output.append(UInt8(ascii: "}"))
    }

    private func text(of value: StepValue) throws(FormatFailure) -> [UInt8]? {
        try EventValues(event: self.event).json(of: value)
    }

    private mutating func append(_ text: ArraySlice<UInt8>) throws(FormatFailure) {
        guard self.output.count + text.count <= self.bytesMax else {
            throw FormatFailure("output/too-large", "the steps make more than \(self.bytesMax) bytes")
        }
        self.output.append(contentsOf: text)
    }
}
