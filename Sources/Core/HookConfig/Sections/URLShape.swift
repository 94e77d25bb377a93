// SPDX-License-Identifier: Apache-2.0
// URLs of destinations. Scheme, host and port are literal: a value of an event never decides which machine is called.

internal import HookCore
internal import YAMLBridge

extension Shape {
    static var destinationURL: Shape<URLTemplate> {
        Shape<URLTemplate>(
            "a URL", example: "https://chat.example.internal/hooks",
            schema: ["type": "string", "pattern": "^https?://"]
        ) { node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            do throws(PathFailure) {
                return try URLParser.url(text)
            } catch {
                checker.report("destination/url", error, in: node)
                return nil
            }
        }
    }
}

/// RFC 3986, as far as a destination needs it.
enum URLParser {
    static func url(_ text: String) throws(PathFailure) -> URLTemplate {
        let bytes = Array(text.utf8)
        guard let scheme = ["https://", "http://"].first(where: { bytes.starts(with: $0.utf8) }) else {
            let scheme = bytes.prefix { $0 != UInt8(ascii: ":") }
            if scheme.contains(UInt8(ascii: "{")) {
                throw PathFailure(
                    message: "the scheme of a URL is literal", hint: "begin with https:// or http://",
                    culprit: self.hole(in: scheme))
            }
            throw PathFailure(
                message: "\"\(text)\" is no URL that can be called", hint: "begin with https:// or http://")
        }
        if let bad = bytes.first(where: {
            $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "#")
        }) {
            throw PathFailure(
                message: bad == UInt8(ascii: "#")
                    ? "the URL has a fragment, which is never sent" : "the URL holds a space or control character",
                hint: "percent-encode it, or remove it")
        }
        let rest = bytes.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        do throws(PathFailure) {
            try self.checkAuthority(authority)
        } catch {
            throw PathFailure(
                message: error.message, hint: error.hint,
                culprit: error.culprit ?? String(decoding: authority, as: UTF8.self))
        }
        var path = Array(rest.dropFirst(authority.count))
        if path.first != UInt8(ascii: "/") { path.insert(UInt8(ascii: "/"), at: 0) }
        return URLTemplate(
            origin: scheme + String(decoding: authority, as: UTF8.self).lowercased(),
            path: try TemplateParser.template(path))
    }

    private static func checkAuthority(_ bytes: ArraySlice<UInt8>) throws(PathFailure) {
        if bytes.contains(UInt8(ascii: "@")) {
            throw PathFailure(
                message: "the URL holds a user or password",
                hint: "use auth: {basic: {username: …, password: SECRET}}")
        }
        if bytes.contains(UInt8(ascii: "{")) || bytes.contains(UInt8(ascii: "}")) {
            throw PathFailure(
                message: "host and port of a URL are literal", hint: "{path} may stand in the path and the query",
                culprit: self.hole(in: bytes))
        }
        var host = bytes
        var port: ArraySlice<UInt8>?
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else {
                throw PathFailure(message: "the host's bracket is not closed", hint: "https://[::1]:8443/")
            }
            host = bytes[...end]
            let tail = bytes[(end + 1)...]
            guard tail.isEmpty || tail.first == UInt8(ascii: ":") else {
                throw PathFailure(message: "something stands behind the host's bracket", hint: "https://[::1]:8443/")
            }
            if !tail.isEmpty { port = tail.dropFirst() }
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            host = bytes[..<colon]
            port = bytes[(colon + 1)...]
        }
        guard !host.isEmpty, host.allSatisfy(self.isHostByte) else {
            throw PathFailure(
                message: "the URL has no valid host", hint: "write international names in their xn-- form")
        }
        if let port {
            guard port.count <= 5, let number = Int(String(decoding: port, as: UTF8.self)),
                (1...65_535).contains(number)
            else {
                throw PathFailure(message: "the URL has no valid port", hint: "1 to 65535")
            }
        }
    }

    /// `{…}`, to the end where it is not closed.
    private static func hole(in bytes: ArraySlice<UInt8>) -> String? {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        let rest = bytes[start...]
        let end = rest.firstIndex(of: UInt8(ascii: "}")).map { $0 + 1 } ?? rest.endIndex
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._[]:".utf8.contains(byte)
        }
    }
}
