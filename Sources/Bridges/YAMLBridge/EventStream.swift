// SPDX-License-Identifier: Apache-2.0
// libyaml's parser behind one type: bytes in, events with marks out. No pointer leaves this file.

internal import CYAML

/// One step of a document.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(String)
        case scalar(String, YAMLNode.Style)
        case sequenceStart, mappingStart
        case sequenceEnd(isFlow: Bool), mappingEnd(isFlow: Bool)
    }

    let kind: Kind
    let anchor: String?
    let tag: String?
    let mark: YAMLMark
}

/// Owns a libyaml parser and a copy of its input.
///
/// - Ownership: both are freed in `deinit`; events are copies.
/// - Isolation: one thread at a time.
@safe final class EventStream {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let file: String

    /// Nil where libyaml has no memory.
    init?(_ bytes: ArraySlice<UInt8>, file: String) {
        unsafe self.parser = .allocate(capacity: 1)
        unsafe self.input = .allocate(capacity: max(1, bytes.count))
        self.file = file
        _ = unsafe self.input.initialize(from: bytes)
        guard unsafe yaml_parser_initialize(self.parser) == 1 else {
            unsafe self.parser.initialize(to: yaml_parser_t())
            return nil
        }
        unsafe yaml_parser_set_encoding(self.parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(self.parser, self.input.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(self.parser)
        unsafe self.parser.deallocate()
        unsafe self.input.deallocate()
    }

    func next() throws(YAMLFailure) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(self.parser, &event) == 1 else { throw self.failure() }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe self.translate(event)
    }

    private func translate(_ event: yaml_event_t) -> YAMLEvent {
        let data = unsafe event.data
        let mark = unsafe self.mark(from: event.start_mark)
        switch unsafe event.type {
        case YAML_SCALAR_EVENT:
            let scalar = unsafe data.scalar
            let style = unsafe Self.style(scalar.style)
            return unsafe YAMLEvent(
                kind: .scalar(Self.text(scalar.value, scalar.length), style), anchor: Self.text(scalar.anchor),
                tag: Self.text(scalar.tag),
                mark: style == .block ? mark : self.mark(from: event.start_mark, to: event.end_mark))
        case YAML_SEQUENCE_START_EVENT:
            return unsafe YAMLEvent(
                kind: .sequenceStart, anchor: Self.text(data.sequence_start.anchor),
                tag: Self.text(data.sequence_start.tag), mark: mark)
        case YAML_MAPPING_START_EVENT:
            return unsafe YAMLEvent(
                kind: .mappingStart, anchor: Self.text(data.mapping_start.anchor),
                tag: Self.text(data.mapping_start.tag), mark: mark)
        case YAML_ALIAS_EVENT:
            return unsafe YAMLEvent(
                kind: .alias(Self.text(data.alias.anchor) ?? ""), anchor: nil, tag: nil,
                mark: self.mark(from: event.start_mark, to: event.end_mark))
        default:
            // The end of a block is where the next token stands; only a flow collection ends with a bracket of its own.
            let isFlow = unsafe event.end_mark.index > event.start_mark.index
            return unsafe YAMLEvent(
                kind: Self.bracket(event.type, isFlow), anchor: nil, tag: nil, mark: mark)
        }
    }

    private static func bracket(_ type: yaml_event_type_t, _ isFlow: Bool) -> YAMLEvent.Kind {
        switch type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd(isFlow: isFlow)
        case YAML_MAPPING_END_EVENT: .mappingEnd(isFlow: isFlow)
        // `YAML_NO_EVENT` comes only after the end of the stream.
        default: .streamEnd
        }
    }

    private static func style(_ style: yaml_scalar_style_t) -> YAMLNode.Style {
        switch style {
        case YAML_PLAIN_SCALAR_STYLE: .plain
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .quoted
        }
    }

    private static func text(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int) -> String {
        unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
        unsafe bytes.map { unsafe String(cString: $0) }
    }

    private func mark(from start: yaml_mark_t, to end: yaml_mark_t? = nil) -> YAMLMark {
        let isOneLine = end.map { $0.line == start.line && $0.column > start.column } ?? false
        let length = isOneLine ? (end?.column ?? 0) - start.column : 1
        return YAMLMark(file: self.file, line: start.line + 1, column: start.column + 1, length: length)
    }

    private func failure() -> YAMLFailure {
        let parser = unsafe self.parser.pointee
        let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "cannot be read as YAML"
        if unsafe parser.error == YAML_READER_ERROR {
            return unsafe YAMLFailure(.syntax, problem, at: self.mark(atByte: parser.problem_offset))
        }
        return unsafe YAMLFailure(.syntax, problem, at: self.mark(from: parser.problem_mark))
    }

    /// libyaml's reader counts bytes, not lines.
    private func mark(atByte offset: Int) -> YAMLMark {
        var line = 1
        var column = 1
        let before = unsafe Array(self.input.prefix(max(0, offset)))
        for byte in before {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return YAMLMark(file: self.file, line: line, column: column)
    }
}
