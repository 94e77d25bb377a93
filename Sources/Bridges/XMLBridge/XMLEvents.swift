// SPDX-License-Identifier: Apache-2.0
// libxml2's pull reader behind one type: bytes in, events out. No pointer leaves this file.

internal import CXML

/// One step of a document. Texts are UTF-8.
package enum XMLEvent: Sendable, Equatable {
    /// Attributes in their order, namespace declarations among them; names with their prefixes as written.
    case start(name: [UInt8], attributes: [XMLAttribute])
    case end
    /// Character data, CDATA sections among it; one run may come in parts.
    case text([UInt8])
}

package struct XMLAttribute: Sendable, Equatable {
    package let name: [UInt8]
    package let value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// Reads a well-formed document without a document type declaration, within limits. Comments and processing
/// instructions are left out. Nothing is loaded: no file, no network, no entity beyond the five of XML.
///
/// - Ownership: the reader and a copy of the text are freed in `deinit`; events are copies.
/// - Isolation: one thread at a time.
@safe package final class XMLEvents {
    private let reader: xmlTextReaderPtr
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var isEmptyElement = false

    /// libxml2 wants to be set up once, before threads use it.
    private static let isReady: Bool = {
        xmlInitParser()
        return true
    }()

    /// Longest text that libxml2 counts in 32 bits.
    private static let bytesMax = Int(Int32.max)

    /// - Parameter charset: of the content type, where it has one.
    package init(_ bytes: [UInt8], charset: String? = nil, limits: XMLLimits = XMLLimits()) throws(XMLFailure) {
        let text = try XMLEncoding.utf8(bytes, charset: charset)
        guard text.count < Self.bytesMax else { throw XMLFailure(.limit, "the text is larger than 2 GiB") }
        var check = XMLGuard(text, limits: limits)
        try check.check()
        precondition(Self.isReady, "the parser is set up")
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, text.count))
        _ = unsafe input.initialize(from: text)
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
            | XML_PARSE_IGNORE_ENC.rawValue
        xmlResetLastError()
        let made = unsafe input.withMemoryRebound(to: CChar.self) { memory in
            unsafe xmlReaderForMemory(memory.baseAddress, Int32(text.count), nil, "UTF-8", Int32(bitPattern: options))
        }
        guard let made = unsafe made else {
            unsafe input.deallocate()
            throw XMLFailure(.limit, "there is no memory for a reader")
        }
        unsafe self.reader = made
        unsafe self.input = input
    }

    deinit {
        unsafe xmlFreeTextReader(self.reader)
        unsafe self.input.deallocate()
    }

    /// The next event; nil at the end of the document.
    package func next() throws(XMLFailure) -> XMLEvent? {
        if self.isEmptyElement {
            self.isEmptyElement = false
            return .end
        }
        while true {
            switch unsafe xmlTextReaderRead(self.reader) {
            case 1: break
            case 0: return nil
            default: throw self.failure()
            }
            switch unsafe xmlReaderTypes(UInt32(bitPattern: xmlTextReaderNodeType(self.reader))) {
            case XML_READER_TYPE_ELEMENT: return self.start()
            case XML_READER_TYPE_END_ELEMENT: return .end
            case XML_READER_TYPE_TEXT, XML_READER_TYPE_CDATA, XML_READER_TYPE_SIGNIFICANT_WHITESPACE,
                XML_READER_TYPE_WHITESPACE:
                return .text(unsafe Self.bytes(xmlTextReaderConstValue(self.reader)))
            case XML_READER_TYPE_DOCUMENT_TYPE, XML_READER_TYPE_ENTITY_REFERENCE:
                // The guard has refused these; a parser that sees one all the same is not followed.
                throw XMLFailure(.declaration, "a document type declaration is not taken")
            default: continue
            }
        }
    }

    private func start() -> XMLEvent {
        let name = unsafe Self.bytes(xmlTextReaderConstName(self.reader))
        self.isEmptyElement = unsafe xmlTextReaderIsEmptyElement(self.reader) == 1
        var attributes: [XMLAttribute] = []
        while unsafe xmlTextReaderMoveToNextAttribute(self.reader) == 1 {
            let value = unsafe Self.bytes(xmlTextReaderConstValue(self.reader))
            let isDeclaration = unsafe xmlTextReaderIsNamespaceDecl(self.reader) == 1
            unsafe attributes.append(
                XMLAttribute(
                    name: Self.bytes(xmlTextReaderConstName(self.reader)),
                    value: isDeclaration ? Self.namespace(value) : value))
        }
        _ = unsafe xmlTextReaderMoveToElement(self.reader)
        return .start(name: name, attributes: attributes)
    }

    /// libxml2 2.9 keeps an ampersand in the name of a namespace as `&#38;`, and in other attributes as it is.
    private static func namespace(_ value: [UInt8]) -> [UInt8] {
        let kept = Array("&#38;".utf8)
        var output: [UInt8] = []
        var at = 0
        while at < value.count {
            output.append(value[at])
            at += value[at...].starts(with: kept) ? kept.count : 1
        }
        return output
    }

    private static func bytes(_ text: UnsafePointer<xmlChar>?) -> [UInt8] {
        guard let text = unsafe text else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: text, count: Int(xmlStrlen(text))))
    }

    private func failure() -> XMLFailure {
        guard let error = unsafe xmlGetLastError() else { return XMLFailure(.malformed, "the text is not well-formed") }
        let message = unsafe error.pointee.message.map { unsafe String(cString: $0) } ?? "the text is not well-formed"
        let line = unsafe Int(error.pointee.line)
        // One line, without the newline that libxml2 puts behind it; names in it come from the sender.
        let clean = message.split(separator: "\n").joined(separator: " ").prefix(200)
        return XMLFailure(.malformed, String(clean), line: line > 0 ? line : nil)
    }
}
