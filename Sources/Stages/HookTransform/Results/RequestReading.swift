// SPDX-License-Identifier: Apache-2.0
// The second result of a transform: what it wants of the request. Scripts are trusted less than route files, so nothing
// passes that could frame a second request, name another host or forge our signature.
import HookCore

/// A checked request table.
struct RequestReading: Equatable {
    /// Nil where the table asked for nothing besides the content type.
    private(set) var overrides: RequestOverrides?
    private(set) var contentType: String?

    /// Longest value of a header, path or query field, in bytes.
    static let valueBytesMax = 8 * 1024
    static let fieldsMax = 64
    static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    static let keys = ["headers", "path", "query", "method", "content_type", "key"]

    /// Framing (RFC 9112), hop-by-hop fields (RFC 9110, section 7.6.1), the host, and the fields that we sign with
    /// (Standard Webhooks 1.0.0).
    static let reservedHeaders: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade", "webhook-id", "webhook-signature", "webhook-timestamp",
    ]

    /// - Parameter value: the table as JSON.
    init(_ value: JSONValue, path: String = "request") throws(ResultProblem) {
        guard case .object(let members) = value else {
            throw ResultProblem(path, "is no table with \(Self.keys.joined(separator: ", "))")
        }
        var overrides = RequestOverrides()
        for member in members {
            let place = "\(path).\(member.key)"
            switch member.key {
            case "headers": overrides.headers = try Self.headers(member.value, place)
            case "path": overrides.path = try Self.target(member.value, place)
            case "query": overrides.query = try Self.fields(member.value, place)
            case "method": overrides.method = try Self.method(member.value, place)
            case "content_type": self.contentType = try Self.mediaType(member.value, place)
            // The key orders deliveries of one destination; without ordering it is checked and has no effect.
            case "key": _ = try Self.scalar(member.value, place)
            default:
                let near = NearestName.to(member.key, among: Self.keys).map { "; did you mean \($0)?" } ?? ""
                throw ResultProblem(place, "is not known\(near)")
            }
        }
        self.overrides = overrides.isEmpty ? nil : overrides
    }

    // MARK: Members

    private static func headers(_ value: JSONValue, _ path: String) throws(ResultProblem) -> [(
        name: String, value: String
    )] {
        let fields = try self.fields(value, path)
        for field in fields {
            let place = "\(path).\(Self.printable(field.name))"
            guard Self.isToken(field.name) else { throw ResultProblem(place, "is no name of a header") }
            let name = field.name.lowercased()
            if name == "content-type" { throw ResultProblem(place, "is set with content_type") }
            if Self.reservedHeaders.contains(name) {
                throw ResultProblem(place, "belongs to the delivery and cannot be set by a script")
            }
            try Self.checkHeaderValue(field.value, place)
        }
        return fields
    }

    private static func target(_ value: JSONValue, _ path: String) throws(ResultProblem) -> String {
        guard case .string(let text) = value else { throw ResultProblem(path, "is no string") }
        guard text.utf8.first == UInt8(ascii: "/"), !text.hasPrefix("//") else {
            throw ResultProblem(path, "must begin with one /")
        }
        guard text.utf8.count <= Self.valueBytesMax else { throw ResultProblem(path, "is longer than 8 KiB") }
        // RFC 3986 allows only visible ASCII here; a fragment is never sent.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw ResultProblem(
                path, "holds a space, a control or non-ASCII character or #; encode values with url.encode")
        }
        // A value of the event that was put into the path as it came could climb out of it.
        guard !Self.climbs(text) else {
            throw ResultProblem(path, "holds a . or .. segment; encode values with url.encode")
        }
        return text
    }

    /// Whether the path has a dot segment (RFC 3986, section 5.2.4), also where its dots are escaped or `\` stands for `/`.
    private static func climbs(_ target: String) -> Bool {
        let path = target.prefix { $0 != "?" }.lowercased().replacing("%2e", with: ".").replacing("%5c", with: "/")
        return path.replacing("\\", with: "/").split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    private static func method(_ value: JSONValue, _ path: String) throws(ResultProblem) -> String {
        guard case .string(let text) = value, Self.methods.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
            throw ResultProblem(path, "must be one of \(Self.methods.joined(separator: ", "))")
        }
        return text
    }

    private static func mediaType(_ value: JSONValue, _ path: String) throws(ResultProblem) -> String {
        guard case .string(let text) = value else { throw ResultProblem(path, "is no string") }
        try Self.checkHeaderValue(text, path)
        guard let slash = text.firstIndex(of: "/"), slash != text.startIndex, text.utf8.count <= 255 else {
            throw ResultProblem(path, "is no media type such as text/plain")
        }
        return text
    }

    /// A table of name → scalar or list of scalars, in its order.
    private static func fields(_ value: JSONValue, _ path: String) throws(ResultProblem) -> [(
        name: String, value: String
    )] {
        var members: [JSONValue.Member] = []
        switch value {
        case .object(let given): members = given
        // An empty table may have come out as a list.
        case .array(let values) where values.isEmpty: break
        default: throw ResultProblem(path, "is no table of names and values")
        }
        var fields: [(name: String, value: String)] = []
        for member in members {
            let place = "\(path).\(Self.printable(member.key))"
            if case .array(let values) = member.value {
                for value in values { fields.append((member.key, try Self.scalar(value, place))) }
            } else {
                fields.append((member.key, try Self.scalar(member.value, place)))
            }
        }
        guard fields.count <= Self.fieldsMax else {
            throw ResultProblem(path, "holds more than \(Self.fieldsMax) fields")
        }
        return fields
    }

    private static func scalar(_ value: JSONValue, _ path: String) throws(ResultProblem) -> String {
        let text: String
        switch value {
        case .string(let given): text = given
        case .number(let given): text = given
        case .bool(let given): text = given ? "true" : "false"
        case .null, .array, .object: throw ResultProblem(path, "is no string, number or boolean")
        }
        guard text.utf8.count <= Self.valueBytesMax else { throw ResultProblem(path, "is longer than 8 KiB") }
        return text
    }

    // MARK: Characters

    /// A name of a header, of a length that receivers take.
    static func isToken(_ text: String) -> Bool { text.utf8.count <= 256 && HTTPToken.isToken(text) }

    /// Refuses what could end a header field: CR, LF, NUL and every other control character but the tab.
    static func checkHeaderValue(_ text: String, _ path: String) throws(ResultProblem) {
        guard text.utf8.allSatisfy({ ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7F }) else {
            throw ResultProblem(path, "holds a line break or another control character")
        }
    }

    /// A name for people: control characters replaced, cut to 40 bytes.
    private static func printable(_ name: String) -> String {
        String(decoding: name.utf8.prefix(40).map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
