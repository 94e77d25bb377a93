// SPDX-License-Identifier: Apache-2.0
// Fills the holes of URLs. Scheme, host and port are literal text of the configuration; values reach path and query
// only, percent-encoded so that none can end its segment.
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
            url += "\(separator)\(PercentCoding.encode(name))=\(PercentCoding.encode(value))"
            separator = "&"
        }
        for (name, value) in overrides.query {
            url += "\(separator)\(PercentCoding.encode(name))=\(PercentCoding.encode(value))"
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
                text += PercentCoding.encode(value)
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
        return PercentCoding.encode(path) { byte in
            byte > 0x20 && byte < 0x7F && !"\"#<>\\^`{|}".utf8.contains(byte)
        }
    }
}
