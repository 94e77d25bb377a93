// SPDX-License-Identifier: Apache-2.0
// `hookswitch fmt`: one shape for route files, so that a difference in review is a difference in meaning. What is
// written is read again and compared before anybody sees it.

package import HookCore
internal import YAMLBridge

/// What became of one file.
package enum FormatOutcome: Sendable, Equatable {
    /// It has its form already.
    case unchanged
    case changed([UInt8])
    /// It is no YAML, or holds something that is left alone; nothing is to be written.
    case refused(Diagnostic)
}

package enum RouteFormat {
    /// Which declarations give the order of keys.
    package enum Kind: Sendable {
        case routeFile
        case settings
    }

    /// A change of columns can bring comments out of line; the second pass then has the last word.
    private static let passesMax = 5

    /// The file in its form: keys in the order of their declaration, two spaces a level, comments where they belong.
    ///
    /// - Guarantee: the result means the same, has the same comments, and is its own form.
    /// - Complexity: linear, three readings a pass.
    package static func format(_ bytes: [UInt8], file: String, kind: Kind = .routeFile) -> FormatOutcome {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let text = Self.withPlainBreaks(hasMark ? Array(bytes.dropFirst(3)) : bytes)
        do throws(FormatFailure) {
            let order = kind == .routeFile ? Self.routeOrder : Self.settingsOrder
            let first = try Self.read(text, file)
            var current = text
            for _ in 0..<Self.passesMax {
                let next = try Self.pass(current, order, file)
                if next == current { break }
                current = next
            }
            // The last word: whatever the passes did, it reads as before and is its own form.
            let after = try Self.read(current, file)
            guard first.meaning == after.meaning, first.comments == after.comments,
                try Self.pass(current, order, file) == current
            else { throw .changed }
            let result = hasMark ? [0xEF, 0xBB, 0xBF] + current : current
            return result == bytes ? .unchanged : .changed(result)
        } catch {
            return .refused(error.diagnostic(file, text))
        }
    }

    private static let routeOrder = KeyOrder(schema: RouteSchema.json())
    private static let settingsOrder = KeyOrder(schema: RouteSchema.settings())

    private static func pass(_ text: [UInt8], _ order: KeyOrder, _ file: String) throws(FormatFailure) -> [UInt8] {
        guard let events = YAMLSyntax.events(of: text) else { throw .changed }
        do throws(SyntaxRefusal) {
            var syntax = try SyntaxReader.read(text, events)
            syntax.root = syntax.root.map(order.ordered)
            return SyntaxWriter.write(syntax)
        } catch {
            throw .leftAlone(error)
        }
    }

    private static func withPlainBreaks(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(0x0D) else { return text }
        return text.indices.filter {
            text[$0] != 0x0D || ($0 + 1 < text.count && text[$0 + 1] != 0x0A) || $0 + 1 == text.count
        }
        .map { text[$0] }
    }

    private static func read(
        _ text: [UInt8], _ file: String
    ) throws(FormatFailure) -> (meaning: Meaning?, comments: [String]) {
        let tree: YAMLNode?
        do throws(YAMLFailure) {
            tree = try YAMLReader.read(text, file: file)
        } catch {
            throw .unreadable(error)
        }
        guard let events = YAMLSyntax.events(of: text) else { throw .changed }
        return (tree.map(Meaning.init), SyntaxComments.texts(of: text, events))
    }
}

/// Why a file is not formatted.
private enum FormatFailure: Error {
    case unreadable(YAMLFailure)
    case leftAlone(SyntaxRefusal)
    /// A fault of ours that was caught: the result would have meant something else.
    case changed

    func diagnostic(_ file: String, _ text: [UInt8]) -> Diagnostic {
        switch self {
        case .unreadable(let failure):
            return Diagnostic(failure.code, at: failure.mark.mark, failure.message, hint: failure.hint)
        case .leftAlone(let refusal):
            let start = SyntaxText.lineStart(of: min(refusal.offset, text.count), in: text)
            let line = text[..<start].count { $0 == 0x0A } + 1
            let column = SyntaxText.width(text[start..<min(refusal.offset, text.count)]) + 1
            return Diagnostic(
                "format/left-alone", .warning, at: Mark(file: file, line: line, column: column),
                "the file is left as it is: it has \(refusal.what)", hint: "route files need none; write it plainly")
        case .changed:
            return Diagnostic(
                "format/meaning", at: Mark(file: file, line: 1, column: 1),
                "the file is left as it is: formatted, it would not read the same",
                hint: "this is a fault of hookswitch; please report the file")
        }
    }
}

/// What a tree says, whatever the order of its keys.
private indirect enum Meaning: Equatable {
    case scalar(YAMLScalar)
    case list([Meaning])
    /// Sorted by key; equal keys in their own order.
    case map([Member])

    struct Member: Equatable {
        let key: Meaning
        let name: String
        let value: Meaning
    }

    init(_ node: YAMLNode) {
        switch node.content {
        case .scalar: self = .scalar(node.scalar ?? .null)
        case .sequence(let items): self = .list(items.map(Meaning.init))
        case .mapping(let entries):
            let members = entries.map { Member(key: Meaning($0.key), name: $0.key.raw ?? "", value: Meaning($0.value)) }
            let order = members.indices.sorted {
                members[$0].name == members[$1].name
                    ? $0 < $1 : members[$0].name.utf8.lexicographicallyPrecedes(members[$1].name.utf8)
            }
            self = .map(order.map { members[$0] })
        }
    }
}
