// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// Why a text is no path.
struct PathFailure: Error {
    let message: String
    let hint: String?
    /// The part of the text that is wrong; nil for all of it.
    var culprit: String?
    /// What was certainly meant in the place of the culprit.
    var replacement: String?
}

extension Checker {
    /// Points at the part of a scalar that is wrong.
    func report(_ code: String, _ failure: PathFailure, in node: YAMLNode) {
        let mark = failure.culprit.map { node.at.narrowed(to: $0, in: self.files[node.mark.file]) } ?? node.at
        self.report(code, at: mark, failure.message, hint: failure.hint, replacement: failure.replacement)
    }
}

/// Reads `data.release.name`, `headers.x-github-event`, `data."a.b"`.
enum PathParser {
    /// Roots that a key must follow.
    private static let keyedRoots: Set<FieldPath.Root> = [.headers, .query]

    static func path(_ text: String) throws(PathFailure) -> FieldPath {
        let segments = try self.segments(text)
        guard let first = segments.first, let root = FieldPath.Root(rawValue: first) else {
            throw self.noRoot(text, first: segments.first ?? "")
        }
        let keys = Array(segments.dropFirst())
        if self.keyedRoots.contains(root) && keys.isEmpty {
            throw PathFailure(message: "\"\(text)\" names no key", hint: "\(text).name")
        }
        if root != .data && root != .headers && root != .query && !keys.isEmpty {
            throw PathFailure(
                message: "\"\(root.rawValue)\" is one value and has no keys", hint: "write \(root.rawValue)")
        }
        if self.keyedRoots.contains(root) && keys.count > 1 {
            throw PathFailure(message: "\(root.rawValue) have one level of keys", hint: "quote a key that holds a dot")
        }
        // Header names carry no case (RFC 9110, 5.1); they are kept in lower case everywhere.
        return FieldPath(root, root == .headers ? keys.map { $0.lowercased() } : keys)
    }

    /// Keys between dots; a key in double quotes may hold anything, `\"` and `\\` included.
    static func segments(_ text: String) throws(PathFailure) -> [String] {
        var bytes = Array(text.utf8)[...]
        var segments: [String] = []
        while true {
            segments.append(try self.segment(&bytes, of: text))
            guard let next = bytes.popFirst() else { return segments }
            guard next == UInt8(ascii: ".") else {
                throw PathFailure(
                    message: "\"\(text)\" is no path: a dot must follow a quoted key", hint: "data.\"a.b\".c")
            }
        }
    }

    private static func segment(_ bytes: inout ArraySlice<UInt8>, of text: String) throws(PathFailure) -> String {
        if bytes.first == UInt8(ascii: "\"") { return try self.quoted(&bytes, of: text) }
        let plain = bytes.prefix { $0 != UInt8(ascii: ".") }
        guard !plain.isEmpty else {
            throw PathFailure(
                message: "\"\(text)\" is no path: a key is empty", hint: "keys stand between single dots: data.a.b")
        }
        guard
            plain.allSatisfy({
                $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}")
            })
        else {
            throw PathFailure(
                message: "\"\(text)\" is no path",
                hint: "put a key with a space, quote or brace in double quotes: data.\"a b\"")
        }
        bytes = bytes.dropFirst(plain.count)
        return String(decoding: plain, as: UTF8.self)
    }

    private static func quoted(_ bytes: inout ArraySlice<UInt8>, of text: String) throws(PathFailure) -> String {
        var key: [UInt8] = []
        bytes = bytes.dropFirst()
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: key, as: UTF8.self)
            case UInt8(ascii: "\\"): if let escaped = bytes.popFirst() { key.append(escaped) }
            default: key.append(byte)
            }
        }
        throw PathFailure(message: "\"\(text)\" is no path: a quote is not closed", hint: "data.\"a.b\"")
    }

    private static func noRoot(_ text: String, first: String) -> PathFailure {
        let roots = FieldPath.Root.allCases.map(\.rawValue)
        let rest = String(decoding: text.utf8.dropFirst(first.utf8.count), as: UTF8.self)
        let better =
            switch first {
            case "body", "payload", "event": "data\(rest)"
            default: NearestName.to(first, among: roots).map { $0 + rest } ?? "data.\(text)"
            }
        return PathFailure(
            message: "\"\(text)\" does not begin with a root (\(roots.joined(separator: ", ")))",
            hint: "did you mean \(better)?", culprit: first, replacement: String(better.dropLast(rest.count)))
    }
}
