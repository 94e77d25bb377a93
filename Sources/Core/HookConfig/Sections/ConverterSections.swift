// SPDX-License-Identifier: Apache-2.0

internal import HookCore
internal import YAMLBridge

/// An entry of `convert:` while it is read.
struct ConverterShape: Sendable {
    var from: Int?
    var to: Int?
    var script: ScriptUse?

    static let section = Section<ConverterShape>(
        title: "a converter", summary: "A script from one version to another: f(data, ctx) gives the new data.",
        fields: [
            Field("from", .integer(0...999_999_999, example: "1"), \.from, isRequired: true, "Version that goes in."),
            Field("to", .integer(0...999_999_999, example: "2"), \.to, isRequired: true, "Version that comes out."),
            Field("script", .script, \.script, isRequired: true, "The script."),
        ])

    /// Those that lead from one declared version to another, each pair once.
    static func converters(
        _ list: [(shape: ConverterShape, mark: Mark)], of type: EventTypeSpec, _ checker: Checker
    ) -> [ConverterSpec] {
        var specs: [ConverterSpec] = []
        for (shape, mark) in list {
            guard let from = shape.from, let to = shape.to, let script = shape.script else { continue }
            let unknown = [from, to].filter { type.version($0) == nil }
            for version in unknown {
                let known = type.versions.map { "\($0.number)" }.joined(separator: ", ")
                checker.report(
                    "version/unknown", at: mark, "\(type.name) has no version \(version)",
                    hint: known.isEmpty ? "declare it below versions:" : "declared: \(known)")
            }
            if !unknown.isEmpty { continue }
            if from == to {
                checker.report(
                    "version/converter", at: mark, "the converter leads from version \(from) to itself",
                    hint: "from and to are two versions")
                continue
            }
            if let other = specs.first(where: { $0.from == from && $0.to == to }) {
                checker.report(
                    "version/converter", at: mark, "a second converter leads from version \(from) to \(to)",
                    hint: "keep one of the two", notes: [Diagnostic.Note("the first is here", at: other.mark)])
                continue
            }
            let id = checker.script(.convert, script.body, at: script.mark)
            specs.append(ConverterSpec(from: from, to: to, script: id, mark: mark))
        }
        return specs
    }
}

extension Shape {
    static var converter: Shape<(shape: ConverterShape, mark: Mark)> {
        let shape = Shape<ConverterShape>.section(ConverterShape.section, from: ConverterShape())
        return Shape<(shape: ConverterShape, mark: Mark)>(
            shape.expects, example: shape.example, schema: shape.schema, sections: shape.sections
        ) { node, checker in shape.read(node, checker).map { ($0, node.at) } }
    }

    /// An absolute http or https URL as it may stand in a `Link` header.
    static var webLink: Shape<String> {
        Shape<String>.parsed(
            "a URL", example: "https://docs.example.org/events", pattern: "^https?://"
        ) { text in
            let isPlain = text.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
                    && byte != UInt8(ascii: "\"")
            }
            let host = ["https://", "http://"].first(where: text.hasPrefix).map { text.dropFirst($0.count) }
            guard let host, isPlain, let first = host.utf8.first, first != UInt8(ascii: "/") else { return nil }
            return text
        }
    }

    /// The name of a header, or false; none that frames a message, names a delivery or signs it.
    static var versionHeader: Shape<String?> {
        Shape<String?>(
            "the name of a header, or false", example: "X-Event-Version",
            schema: ["anyOf": [["type": "string"], ["enum": [false]]]]
        ) { node, checker in
            if node.scalar == .bool(false) || node.raw == "" { return .some(nil) }
            guard let name = Shape<String>.text.read(node, checker) else { return nil }
            let taken = [
                "host", "content-length", "content-type", "transfer-encoding", "connection", "authorization",
                "webhook-id", "webhook-timestamp", "webhook-signature", "traceparent", "user-agent",
            ]
            guard HTTPToken.isToken(name), !taken.contains(name.lowercased()) else {
                checker.report(
                    "destination/header", at: node.at,
                    HTTPToken.isToken(name) ? "\(name) is set by the sender itself" : "\"\(name)\" is no header name",
                    hint: "for example X-Webhook-Version, or false for none")
                return nil
            }
            return .some(name)
        }
    }
}
