// SPDX-License-Identifier: Apache-2.0
// `multipart/form-data` (RFC 7578, with the framing of RFC 2046, section 5.1). Strict: what two readers might cut at
// different places is refused, so no field can hide from one of them.
package import HookCore
import HookCrypto

/// Reads multipart forms.
package enum MultipartBody {
    package static let partsMax = 256
    package static let headerBytesMax = 8 * 1024
    package static let nameBytesMax = 256
    /// RFC 2046, section 5.1.1.
    private static let boundaryBytesMax = 70

    /// The parts as a JSON object; see `docs/manual/formats.md`.
    ///
    /// - Shape: fields are strings, JSON parts their value, files
    ///   `{"filename", "content_type", "size", "text" or "base64"}`.
    package static func json(
        of body: [UInt8], contentType: ArraySlice<UInt8>?, limits: JSONLimits
    ) throws(FormatFailure) -> [UInt8] {
        guard let boundary = contentType.flatMap({ MediaType.parameter("boundary", of: $0) }),
            boundary.count <= self.boundaryBytesMax, boundary.last != 0x20,
            boundary.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
        else { throw self.invalid("The content type has no boundary of 1 to 70 characters.") }
        var fields = FieldList()
        var parts = PartCutter(body, boundary: boundary)
        var count = 0
        while let part = try parts.next() {
            count += 1
            guard count <= self.partsMax else {
                throw FormatFailure("form/too-many-parts", "There are more than \(self.partsMax) parts.", status: 413)
            }
            let head = try PartHead(part.head)
            fields.add(head.name, json: try self.value(of: head, part.content, limits))
        }
        return fields.json
    }

    static func invalid(_ detail: String) -> FormatFailure { FormatFailure("form/multipart", detail) }

    private static func value(
        of head: PartHead, _ content: ArraySlice<UInt8>, _ limits: JSONLimits
    ) throws(FormatFailure) -> [UInt8] {
        let kind = BodyKind(contentType: head.contentType)
        guard let filename = head.filename else {
            if kind == .json {
                do throws(JSONFailure) {
                    let document = try JSONDocument(parsing: Array(content), limits: limits)
                    return Array(document.text(of: 0))
                } catch {
                    throw self.invalid("The JSON of a part is malformed: \(error.reason.rawValue).")
                }
            }
            if UTF8Text.isValid(content) { return UTF8Text.quoted(content) }
            return self.file(nil, head.contentType, content, isText: false)
        }
        let isText = kind == .text || kind == .json || kind == .xml || kind == .ndjson || kind == .form
        return self.file(filename, head.contentType, content, isText: isText && UTF8Text.isValid(content))
    }

    private static func file(
        _ filename: [UInt8]?, _ contentType: ArraySlice<UInt8>?, _ content: ArraySlice<UInt8>, isText: Bool
    ) -> [UInt8] {
        var output = Array("{".utf8)
        if let filename {
            output += "\"filename\":".utf8
            output += UTF8Text.quoted(filename)
            output += ",".utf8
        }
        output += "\"content_type\":".utf8
        output += UTF8Text.quoted(contentType ?? Array("application/octet-stream".utf8)[...])
        output += ",\"size\":\(content.count),\"\(isText ? "text" : "base64")\":".utf8
        output += UTF8Text.quoted(isText ? Array(content) : Base64.encode(Array(content)))
        output += "}".utf8
        return output
    }
}

/// The head of one part.
private struct PartHead {
    private(set) var name: [UInt8] = []
    private(set) var filename: [UInt8]?
    private(set) var contentType: ArraySlice<UInt8>?

    init(_ bytes: ArraySlice<UInt8>) throws(FormatFailure) {
        var hasDisposition = false
        for line in Self.lines(of: bytes) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy({ HTTPToken.contains($0) }),
                line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else { throw MultipartBody.invalid("A header of a part is malformed.") }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            switch name {
            case "content-disposition":
                if hasDisposition { throw MultipartBody.invalid("A part has two Content-Disposition headers.") }
                hasDisposition = true
                try self.readDisposition(value)
            case "content-type":
                guard value.allSatisfy({ $0 < 0x80 }) else {
                    throw MultipartBody.invalid("The content type of a part is not ASCII.")
                }
                self.contentType = value
            case "content-transfer-encoding":
                let known = ["7bit", "8bit", "binary"]
                guard known.contains(String(decoding: MediaType.essence(of: value), as: UTF8.self)) else {
                    throw MultipartBody.invalid("A part has a transfer encoding, which RFC 7578 does not allow.")
                }
            // RFC 7578, section 4.8: others are ignored.
            default: break
            }
        }
        guard hasDisposition else { throw MultipartBody.invalid("A part has no Content-Disposition.") }
    }

    private mutating func readDisposition(_ value: ArraySlice<UInt8>) throws(FormatFailure) {
        guard MediaType.essence(of: value).elementsEqual("form-data".utf8) else {
            throw MultipartBody.invalid("The disposition of a part is not form-data.")
        }
        var isNamed = false
        for (key, text) in IteratorSequence(FieldParameters(value)) {
            switch String(decoding: key, as: UTF8.self) {
            case "name":
                if isNamed { throw MultipartBody.invalid("A part has two names.") }
                isNamed = true
                self.name = text
            case "filename":
                if self.filename != nil { throw MultipartBody.invalid("A part has two file names.") }
                self.filename = text
            default: break
            }
        }
        guard isNamed, self.name.count <= MultipartBody.nameBytesMax, UTF8Text.isValid(self.name),
            UTF8Text.isValid(self.filename ?? [])
        else {
            throw MultipartBody.invalid("A part has no name, or one that is too long or not UTF-8.")
        }
    }

    private static func lines(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = ByteSearch.first("\r\n", in: bytes[start...]) ?? bytes.endIndex
            lines.append(bytes[start..<end])
            start = end + 2
        }
        return lines
    }
}

/// Cuts a body at its boundaries.
private struct PartCutter {
    private let body: [UInt8]
    private let delimiter: [UInt8]
    private var at: Int?
    private var isFirst = true

    init(_ body: [UInt8], boundary: [UInt8]) {
        self.body = body
        self.delimiter = Array("\r\n--".utf8) + boundary
        self.at = 0
    }

    /// Head and content of the next part; nil behind the closing boundary.
    mutating func next() throws(FormatFailure) -> (head: ArraySlice<UInt8>, content: ArraySlice<UInt8>)? {
        if self.isFirst {
            self.isFirst = false
            guard self.body.starts(with: self.delimiter.dropFirst(2)) else {
                throw MultipartBody.invalid("The body does not begin with its boundary.")
            }
            self.at = self.delimiter.count - 2
        }
        guard let behind = self.at, let start = try self.start(of: behind) else { return nil }
        // A part without a header begins with the empty line at once.
        let headEnd =
            self.body[start...].starts(with: "\r\n".utf8)
            ? start - 2 : ByteSearch.first("\r\n\r\n", in: self.body[start...])
        guard let headEnd, headEnd - start <= MultipartBody.headerBytesMax else {
            throw MultipartBody.invalid("The header of a part does not end, or is larger than 8 KiB.")
        }
        let content = headEnd + 4
        // The line break before a boundary belongs to it, also where the content is empty.
        guard let end = ByteSearch.first(self.delimiter, in: self.body[(content - 2)...]) else {
            throw MultipartBody.invalid("The last part does not end with the boundary.")
        }
        self.at = end + self.delimiter.count
        return (self.body[start..<max(start, headEnd)], self.body[content..<max(content, end)])
    }

    /// Where the part behind a boundary begins; nil where it was the closing one.
    private func start(of behind: Int) throws(FormatFailure) -> Int? {
        var rest = self.body[behind...]
        if rest.starts(with: "--".utf8) {
            rest = rest.dropFirst(2).drop { $0 == 0x20 || $0 == 0x09 }
            guard rest.isEmpty || rest.elementsEqual("\r\n".utf8) else {
                throw MultipartBody.invalid("There is text behind the closing boundary.")
            }
            return nil
        }
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
        guard rest.starts(with: "\r\n".utf8) else {
            throw MultipartBody.invalid("A boundary is not followed by the end of its line.")
        }
        return rest.startIndex + 2
    }
}

/// Finds bytes in bytes.
enum ByteSearch {
    static func first(_ text: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
        self.first(text.withUTF8Buffer { unsafe Array($0) }, in: bytes)
    }

    /// - Complexity: linear in the bytes where the wanted ones begin with a byte that is rare in them, as boundaries do.
    static func first(_ wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let head = wanted.first else { return bytes.startIndex }
        var at = bytes.startIndex
        while at + wanted.count <= bytes.endIndex {
            guard let place = bytes[at...].firstIndex(of: head), place + wanted.count <= bytes.endIndex else {
                return nil
            }
            if bytes[place..<place + wanted.count].elementsEqual(wanted) { return place }
            at = place + 1
        }
        return nil
    }
}
