// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// Named values in order, several of one name together: what forms and multipart bodies become.
///
/// - Shape: an object of the names in the order of their first value. A name that comes once is a value, one that comes
///   again is a list; a name that ends in `[]` is a list under the name without it, however often it comes.
struct FieldList {
    private var names: [(name: [UInt8], values: [[UInt8]], isList: Bool)] = []
    private var places: [[UInt8]: Int] = [:]

    /// - Parameter json: the value as JSON text.
    mutating func add(_ name: [UInt8], json: [UInt8]) {
        let isList = name.count > 2 && name.suffix(2).elementsEqual("[]".utf8)
        let key = isList ? Array(name.dropLast(2)) : name
        if let place = self.places[key] {
            self.names[place].values.append(json)
            self.names[place].isList = true
        } else {
            self.places[key] = self.names.count
            self.names.append((key, [json], isList))
        }
    }

    var json: [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "{")]
        for (place, field) in self.names.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            JSONEscapes.appendQuoted(field.name, to: &output)
            output.append(UInt8(ascii: ":"))
            if field.isList { output.append(UInt8(ascii: "[")) }
            output += field.values.joined(separator: [UInt8(ascii: ",")])
            if field.isList { output.append(UInt8(ascii: "]")) }
        }
        output.append(UInt8(ascii: "}"))
        return output
    }
}

/// Bytes that should be text.
enum UTF8Text {
    static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }

    static func quoted(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        JSONEscapes.appendQuoted(bytes, to: &output)
        return output
    }
}

/// `application/x-www-form-urlencoded`.
package enum FormBody {
    /// Fields of one form.
    package static let fieldsMax = 10_000

    /// The fields as a JSON object of strings; see `docs/manual/formats.md`.
    package static func json(of body: [UInt8]) throws(FormatFailure) -> [UInt8] {
        var fields = FieldList()
        var count = 0
        var isText = true
        FormText.forEachParameter(of: body) { name, value in
            count += 1
            if count > Self.fieldsMax { return }
            if isText { isText = UTF8Text.isValid(name) && UTF8Text.isValid(value) }
            if isText { fields.add(name, json: UTF8Text.quoted(value)) }
        }
        if count > self.fieldsMax {
            throw FormatFailure("form/invalid", "The form has more than \(self.fieldsMax) fields.", status: 413)
        }
        guard isText else { throw FormatFailure("form/invalid", "A name or value of the form is not UTF-8.") }
        return fields.json
    }

    /// The form that an object stands for: lists repeat their name, null has an empty value.
    package static func bytes(of document: JSONDocument) throws(FormatFailure) -> [UInt8] {
        guard document.root.kind == .object else {
            throw FormatFailure("output/form", "a form is made from an object, and the body is a \(document.root.kind)")
        }
        var output: [UInt8] = []
        for value in document.children(of: 0) {
            let name = document.stringBytes(of: value - 1)
            let isList = document.nodes[value].kind == .array
            for item in isList ? document.children(of: value) : [value] {
                let text: [UInt8]
                switch document.nodes[item].kind {
                case .string: text = document.stringBytes(of: item)
                case .number, .true, .false: text = Array(document.text(of: item))
                case .null: text = []
                case .array, .object:
                    throw FormatFailure(
                        "output/form", "\(String(decoding: name, as: UTF8.self)) holds an \(document.nodes[item].kind)")
                }
                if !output.isEmpty { output.append(UInt8(ascii: "&")) }
                self.append(name, to: &output)
                output.append(UInt8(ascii: "="))
                self.append(text, to: &output)
            }
        }
        return output
    }

    /// WHATWG URL, section 5.2: letters, digits and `*-._` stay, a space is `+`.
    private static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case 0x20: output.append(UInt8(ascii: "+"))
            case UInt8(ascii: "~"): output += PercentCoding.encode([byte]) { _ in false }
            default:
                output += PercentCoding.encode([byte]) { PercentCoding.isUnreserved($0) || $0 == UInt8(ascii: "*") }
            }
        }
    }
}

/// `text/…`.
package enum TextBody {
    /// The text as a JSON string; nil where its characters are not known: then the body is bytes.
    package static func json(of body: [UInt8], contentType: ArraySlice<UInt8>?) -> [UInt8]? {
        let charset = contentType.flatMap { MediaType.parameter("charset", of: $0) } ?? Array("utf-8".utf8)
        switch String(decoding: charset, as: UTF8.self).lowercased() {
        case "utf-8", "utf8", "us-ascii", "ascii":
            let text = body.starts(with: [0xEF, 0xBB, 0xBF]) ? body.dropFirst(3) : body[...]
            return UTF8Text.isValid(text) ? UTF8Text.quoted(text) : nil
        case "iso-8859-1", "latin1":
            return UTF8Text.quoted(body.flatMap { $0 < 0x80 ? [$0] : [0xC0 | $0 >> 6, 0x80 | $0 & 0x3F] })
        default: return nil
        }
    }
}
