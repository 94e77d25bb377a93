// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookFormats

/// Values of an event as `set` writes them.
struct EventValues {
    let event: Event

    /// JSON text; nil where the value is one path alone and the event has nothing there.
    func json(of value: StepValue) throws(FormatFailure) -> [UInt8]? {
        switch value {
        case .literal(let text): return text
        case .field(let path): return self.json(at: path)
        case .text(let template): return Self.quoted(try self.text(of: template))
        case .list(let items):
            var text: [UInt8] = [UInt8(ascii: "[")]
            for item in items {
                if text.count > 1 { text.append(UInt8(ascii: ",")) }
                // A place in a list is kept, so that the others keep theirs.
                text += try self.json(of: item) ?? Array("null".utf8)
            }
            return text + [UInt8(ascii: "]")]
        case .object(let members):
            var text: [UInt8] = [UInt8(ascii: "{")]
            for member in members {
                guard let value = try self.json(of: member.value) else { continue }
                if text.count > 1 { text.append(UInt8(ascii: ",")) }
                text += Self.quoted(member.key) + [UInt8(ascii: ":")] + value
            }
            return text + [UInt8(ascii: "}")]
        }
    }

    private func json(at path: FieldPath) -> [UInt8]? {
        switch path.root {
        case .data:
            guard let data = self.event.data, let node = data.find(path.keys) else { return nil }
            return Array(data.text(of: node))
        case .version: return self.event.version.map { Array("\($0)".utf8) }
        default: return self.event.scalar(at: path).map(Self.quoted)
        }
    }

    private static func quoted(_ text: String) -> [UInt8] {
        var json: [UInt8] = []
        JSONEscapes.appendQuoted(text.utf8, to: &json)
        return json
    }

    private func text(of template: Template) throws(FormatFailure) -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .literal(let literal): text += literal
            case .field(let path):
                guard let value = self.event.scalar(at: path) else {
                    throw FormatFailure(
                        "output/missing-value", "set: the event has no text, number or truth value at \(path)")
                }
                text += value
            }
        }
        return text
    }
}
