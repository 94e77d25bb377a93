// SPDX-License-Identifier: Apache-2.0
// Fills the holes of URLs. Scheme, host and port are literal text of the configuration; values reach path and query
// only,
// percent-encoded so that none can end its segment.
import HookCore

enum URLRendering {
    static func url(_ plan: DestinationPlan, _ overrides: RequestOverrides) throws(DeliverFailure) -> String {
        let path: String
        if let override = overrides.path {
            path = try Self.checked(override)
        } else {
            path = try Self.path(plan.url.path, overrides)
        }
        var url = plan.url.origin + path
        var separator = path.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        for (name, template) in plan.query {
            let value = try Self.text(template, overrides)
            url += "\(separator)\(Self.encoded(name))=\(Self.encoded(value))"
            separator = "&"
        }
        for (name, value) in overrides.query {
            url += "\(separator)\(Self.encoded(name))=\(Self.encoded(value))"
            separator = "&"
        }
        return url
    }

    /// A template's text with the values as they are; for headers and query values.
    static func text(_ template: Template, _ overrides: RequestOverrides) throws(DeliverFailure) -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .literal(let literal): text += literal
            case .field(let path): text += try Self.value(path, overrides)
            }
        }
        return text
    }

    private static func path(_ template: Template, _ overrides: RequestOverrides) throws(DeliverFailure) -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .literal(let literal): text += literal
            case .field(let path):
                let value = try Self.value(path, overrides)
                // Encoding does not help: receivers fold `%2E%2E` like `..`.
                if value == "." || value == ".." {
                    throw DeliverFailure(.template, "the value of {\(path)} would change the folder of the URL")
                }
                text += Self.encoded(value)
            }
        }
        return text
    }

    private static func value(_ path: FieldPath, _ overrides: RequestOverrides) throws(DeliverFailure) -> String {
        let spelling = path.description
        guard let field = overrides.fields.first(where: { $0.path.utf8.elementsEqual(spelling.utf8) }) else {
            throw DeliverFailure(.template, "the event has no value for {\(spelling)}")
        }
        return field.value
    }

    /// A path that a script gave: as it is, with the bytes that no URL can hold encoded.
    private static func checked(_ path: String) throws(DeliverFailure) -> String {
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw DeliverFailure(.request, "the path does not begin with /")
        }
        return Self.encoded(path) { byte in
            byte > 0x20 && byte < 0x7F && !"\"#<>\\^`{|}".utf8.contains(byte)
        }
    }

    /// One segment or query value: only the unreserved characters of RFC 3986, section 2.3, stay.
    static func encoded(_ text: String) -> String {
        Self.encoded(text) { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                true
            default: false
            }
        }
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func encoded(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isKept(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
