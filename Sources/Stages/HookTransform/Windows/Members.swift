// SPDX-License-Identifier: Apache-2.0
// An event takes its place in a window: its key, and what of it is kept for the function.
import HookCore

extension Transform {
    /// Makes a member of the event, or a fate of why there is none.
    func join(
        _ hit: Routed.Hit, _ aggregate: AggregateSpec, of routed: Routed, _ members: inout [WindowMember],
        _ fates: inout [Fate],
        _ held: inout [HeldEntry]
    ) {
        do throws(ScriptFailure) {
            let member = try WindowMember(hit, aggregate)
            members.append(member)
            let key = String(decoding: member.key, as: UTF8.self)
            Self.add(Fate(route: hit.route, kind: .aggregated, reason: key), after: routed, to: &fates)
        } catch {
            guard aggregate.onMissing == .hold else {
                Self.add(Fate(route: hit.route, kind: .dropped, reason: error.code), after: routed, to: &fates)
                return
            }
            held.append(HeldEntry(route: hit.route, destination: nil, failure: error, part: hit.event.part))
            Self.add(Fate(route: hit.route, kind: .held, reason: error.code), after: routed, to: &fates)
        }
    }
}

extension WindowMember {
    init(_ hit: Routed.Hit, _ aggregate: AggregateSpec) throws(ScriptFailure) {
        let event = hit.event
        let payload: Payload
        if let data = event.data {
            // A form's data is another text than its body.
            payload = event.isReshaped || data.bytes != event.body ? .own(data.bytes) : .event
        } else {
            payload = .none
        }
        self.init(
            route: hit.route, print: aggregate.print, key: try WindowKey.read(aggregate.key, of: event, for: hit.route),
            close: aggregate.close, version: event.version, part: event.part, payload: payload,
            bytes: event.data?.bytes.count ?? 0)
    }
}

/// The key of a window as JSON.
enum WindowKey {
    /// A longer key is most likely a mistake, and every one is kept twice.
    static let bytesMax = 1024

    /// The values at the paths: one as it is, several as an array.
    ///
    /// - Errors: `aggregate/missing-key`.
    static func read(_ paths: [FieldPath], of event: Event, for route: RouteName) throws(ScriptFailure) -> [UInt8] {
        var key: [UInt8] = []
        if paths.count > 1 { key.append(UInt8(ascii: "[")) }
        for (place, path) in paths.enumerated() {
            if place > 0 { key.append(UInt8(ascii: ",")) }
            guard let value = self.value(path, of: event) else {
                throw self.failure("the event has no text, number, boolean or null at \(path)", route)
            }
            key.append(contentsOf: value)
        }
        if paths.count > 1 { key.append(UInt8(ascii: "]")) }
        guard key.count <= self.bytesMax else {
            throw self.failure("the key has \(key.count) bytes; \(self.bytesMax) are the most", route)
        }
        return key
    }

    private static func failure(_ message: String, _ route: RouteName) -> ScriptFailure {
        ScriptFailure(code: "aggregate/missing-key", script: "\(route)", message: message)
    }

    private static func value(_ path: FieldPath, of event: Event) -> [UInt8]? {
        guard path.root == .data else {
            guard let text = event.scalar(at: path) else { return nil }
            return path.root == .version ? Array(text.utf8) : JSONValue.string(text).encoded()
        }
        guard let data = event.data, let node = data.find(path.keys) else { return nil }
        switch data.nodes[node].kind {
        case .object, .array: return nil
        case .null: return Array("null".utf8)
        case .true: return Array("true".utf8)
        case .false: return Array("false".utf8)
        case .number: return self.canonical(data.text(of: node))
        case .string: return JSONValue.string(String(decoding: data.stringBytes(of: node), as: UTF8.self)).encoded()
        }
    }

    /// 1, 1.0 and 1e0 are one key, as they are one number to conditions.
    private static func canonical(_ text: ArraySlice<UInt8>) -> [UInt8] {
        switch JSONNumber(text: text) {
        case .integer(let value): Array("\(value)".utf8)
        case .unsigned(let value): Array("\(value)".utf8)
        case .double: Array(text)
        }
    }
}
