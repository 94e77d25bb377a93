// SPDX-License-Identifier: Apache-2.0
// libyaml's events with the bytes that each stands on: for tools that rewrite a file and must not lose what a tree does
// not hold (comments, quotes, flow style).

internal import CYAML

/// One event and its place in the text.
package struct YAMLSyntaxEvent: Sendable {
    package enum Kind: Sendable, Equatable {
        case plain, quoted, block
        case alias
        case sequence(isFlow: Bool)
        case mapping(isFlow: Bool)
        case end
        case documentStart(isExplicit: Bool)
        case documentEnd(isExplicit: Bool)
    }

    package let kind: Kind
    /// Byte offsets. A node begins at its anchor or tag where it has one; an empty scalar has no bytes.
    package let bytes: Range<Int>
    /// The anchor that a node defines, or the name that an alias uses.
    package let anchor: String?
}

package enum YAMLSyntax {
    /// The events of a text that ``YAMLReader`` has accepted; nil where libyaml refuses it.
    ///
    /// - Shape: no byte order mark; lines end with LF.
    /// - Complexity: linear.
    package static func events(of text: [UInt8]) -> [YAMLSyntaxEvent]? {
        var parser = unsafe yaml_parser_t()
        guard unsafe yaml_parser_initialize(&parser) == 1 else { return nil }
        defer { unsafe yaml_parser_delete(&parser) }
        let offsets = Self.offsets(of: text)
        return unsafe text.withUnsafeBufferPointer { input in
            unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            unsafe yaml_parser_set_input_string(&parser, input.baseAddress, input.count)
            var events: [YAMLSyntaxEvent] = []
            while true {
                var event = unsafe yaml_event_t()
                guard unsafe yaml_parser_parse(&parser, &event) == 1 else { return nil }
                defer { unsafe yaml_event_delete(&event) }
                if unsafe event.type == YAML_STREAM_END_EVENT { return events }
                let place = unsafe (event.start_mark.index, event.end_mark.index)
                let range = offsets.map { $0[min(place.0, $0.count - 1)]..<$0[min(place.1, $0.count - 1)] }
                let bytes = range ?? place.0..<place.1
                if let kind = unsafe Self.kind(of: event) {
                    events.append(unsafe YAMLSyntaxEvent(kind: kind, bytes: bytes, anchor: Self.anchor(of: event)))
                }
            }
        }
    }

    /// Byte offset of each scalar, which is what libyaml counts; nil where every scalar is one byte.
    private static func offsets(of text: [UInt8]) -> [Int]? {
        guard text.contains(where: { $0 >= 0x80 }) else { return nil }
        return text.indices.filter { text[$0] & 0xC0 != 0x80 } + [text.count]
    }

    private static func kind(of event: yaml_event_t) -> YAMLSyntaxEvent.Kind? {
        let data = unsafe event.data
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            switch unsafe data.scalar.style {
            case YAML_PLAIN_SCALAR_STYLE: return .plain
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: return .block
            default: return .quoted
            }
        case YAML_ALIAS_EVENT: return .alias
        case YAML_SEQUENCE_START_EVENT:
            return .sequence(isFlow: unsafe data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
        case YAML_MAPPING_START_EVENT:
            return .mapping(isFlow: unsafe data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
        case YAML_DOCUMENT_START_EVENT: return .documentStart(isExplicit: unsafe data.document_start.implicit == 0)
        case YAML_DOCUMENT_END_EVENT: return .documentEnd(isExplicit: unsafe data.document_end.implicit == 0)
        default: return nil
        }
    }

    private static func anchor(of event: yaml_event_t) -> String? {
        let data = unsafe event.data
        switch unsafe event.type {
        case YAML_SCALAR_EVENT: return unsafe Self.text(data.scalar.anchor)
        case YAML_ALIAS_EVENT: return unsafe Self.text(data.alias.anchor)
        case YAML_SEQUENCE_START_EVENT: return unsafe Self.text(data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: return unsafe Self.text(data.mapping_start.anchor)
        default: return nil
        }
    }

    private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
        unsafe bytes.map { unsafe String(cString: $0) }
    }
}
