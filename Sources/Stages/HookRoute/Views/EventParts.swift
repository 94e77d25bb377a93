// SPDX-License-Identifier: Apache-2.0
// `split:`. One event becomes as many views as its list has elements. An element that stands alone keeps its text; one
// that sees its parent gets a member more.
import HookCore

enum EventParts {
    static let notListCode = "split/not-a-list"
    static let tooManyCode = "split/too-many"
    static let clashCode = "split/parent-clash"

    /// The parts of an event, numbered from 1 in the order of the list; none of an empty list.
    ///
    /// - Parameter targets: most targets that one part can reach.
    /// - Bounds: ``SplitSpec/partsMax`` parts and ``SplitSpec/bytesMax`` bytes of them; with many targets so few parts
    ///   that an event's deliveries can be numbered.
    /// - Errors: the failures above, as those of a script.
    static func parts(of event: Event, _ split: SplitSpec, targets: Int) throws(ScriptFailure) -> [Event] {
        guard let data = event.data else { throw self.failure(self.notListCode, split, "the event has no data") }
        guard let list = data.find(split.keys) else {
            throw self.failure(self.notListCode, split, "the event has nothing at \(split.path)")
        }
        guard data.nodes[list].kind == .array else {
            throw self.failure(
                self.notListCode, split, "\(split.path) is \(Self.words(data.nodes[list].kind)), not a list")
        }
        let count = Int(data.nodes[list].count)
        let countMax = min(SplitSpec.partsMax, Self.ordinalsMax / max(targets, 1))
        guard count <= countMax else {
            throw self.failure(
                self.tooManyCode, split, "\(split.path) has \(count) elements; at most \(countMax) are split")
        }
        let parent = split.parent.map { Parent(name: $0, of: data, split) }
        guard
            Int(data.nodes[list].end - data.nodes[list].start) + count * (parent?.text.count ?? 0) <= SplitSpec.bytesMax
        else {
            let words = "with what each repeats of the event, the parts have more than \(SplitSpec.bytesMax) bytes"
            throw self.failure(self.tooManyCode, split, words)
        }
        var parts: [Event] = []
        parts.reserveCapacity(count)
        for element in data.children(of: list) {
            var document = data.part(at: element)
            if let parent { document = try parent.joined(to: document, number: parts.count + 1, split) }
            parts.append(
                event.reshaped(
                    version: event.version, body: document.bytes, data: document, part: parts.count + 1))
        }
        return parts
    }

    /// Numbers of the deliveries of one event.
    private static let ordinalsMax = Int(UInt16.max)

    static func failure(_ code: String, _ split: SplitSpec, _ message: String) -> ScriptFailure {
        ScriptFailure(code: code, script: "split \(split.path)", message: message)
    }

    private static func words(_ kind: JSONKind) -> String {
        switch kind {
        case .null: "null"
        case .true, .false: "a truth value"
        case .number: "a number"
        case .string: "text"
        case .object: "an object"
        case .array: "a list"
        }
    }

    /// What every part repeats.
    private struct Parent {
        let name: String
        let text: [UInt8]

        init(name: String, of data: JSONDocument, _ split: SplitSpec) {
            self.name = name
            var rest: [UInt8] = []
            data.appendText(without: split.keys, to: &rest)
            self.text = rest
        }

        /// An object gets the parent as its last member; anything else becomes `{"value": …, "parent": …}`.
        func joined(
            to part: JSONDocument, number: Int, _ split: SplitSpec
        ) throws(ScriptFailure) -> JSONDocument {
            var object = part
            if part.root.kind != .object {
                object = try Self.parsed(Array(#"{"value":"#.utf8) + part.text(of: 0) + [UInt8(ascii: "}")], split)
            }
            guard object.member(self.name.utf8, of: 0) == nil,
                let text = object.text(setting: [self.name], to: self.text)
            else {
                throw EventParts.failure(
                    EventParts.clashCode, split,
                    "part \(number) has a member \"\(self.name)\" of its own; give the parent's another name (parent: NAME)"
                )
            }
            return try Self.parsed(text, split)
        }

        private static func parsed(_ text: [UInt8], _ split: SplitSpec) throws(ScriptFailure) -> JSONDocument {
            do throws(JSONFailure) {
                return try JSONDocument(parsing: text, limits: EventViews.limits)
            } catch {
                throw EventParts.failure(
                    EventParts.tooManyCode, split, "a part cannot be read: \(error.reason.rawValue)")
            }
        }
    }
}
