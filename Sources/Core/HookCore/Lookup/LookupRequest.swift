// SPDX-License-Identifier: Apache-2.0

/// One HTTP look-up of one event: the address is filled in, credentials are not.
package struct LookupRequest: Sendable, Equatable {
    package let route: RouteName
    package let spec: HTTPLookupSpec
    package let onError: EnrichSpec.OnError
    package let url: String
    /// Names in lower case.
    package let headers: [(name: String, value: String)]
    /// What two look-ups have in common that may share an answer: address, headers, and who asks.
    package let key: String

    package static func == (left: Self, right: Self) -> Bool { left.key == right.key }

    /// `host:port`, for bounds and metrics; a name from the configuration, as the host is literal.
    package var host: String { self.spec.url.origin }
}

/// What a look-up came to.
package enum LookupAnswer: Sendable, Equatable {
    /// JSON text.
    case found([UInt8])
    /// The peer says that there is no such thing (404, 410).
    case missing
    case failed(LookupFailure)
}

/// Why there is no answer.
package struct LookupFailure: Error, Sendable, Equatable {
    /// Of ``CodeRegistry``.
    package let code: String
    package let message: String
    /// Another try may help.
    package let isTransient: Bool

    package init(code: String, message: String, isTransient: Bool) {
        self.code = code
        self.message = message
        self.isTransient = isTransient
    }
}

/// Answers that are known while a route is decided. What is not known makes the route wait; nobody else waits.
package protocol LookupAnswers: Sendable {
    /// Nil: not known now.
    func answer(to request: LookupRequest) -> LookupAnswer?
}

extension HTTPLookupSpec {
    /// The request for an event; the path whose value is missing or unfit where it cannot be made.
    ///
    /// Values reach path, query and headers only, percent-encoded where they stand in the URL.
    package func request(
        for event: Event, route: RouteName, onError: EnrichSpec.OnError
    ) throws(LookupFailure) -> LookupRequest {
        var url = self.url.origin + (try Self.text(self.url.path, event, Self.segment))
        var separator =
            self.url.path.parts.contains { part in
                if case .literal(let text) = part { text.utf8.contains(UInt8(ascii: "?")) } else { false }
            } ? "&" : "?"
        for (name, template) in self.query {
            let value = try Self.text(template, event) { value, _ throws(LookupFailure) in value }
            url += "\(separator)\(PercentCoding.encode(name))=\(PercentCoding.encode(value))"
            separator = "&"
        }
        var headers: [(name: String, value: String)] = []
        for (name, template) in self.headers {
            headers.append(
                (name.lowercased(), try Self.text(template, event) { value, _ throws(LookupFailure) in value }))
        }
        let words = headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        return LookupRequest(
            route: route, spec: self, onError: onError, url: url, headers: headers,
            key: "\(url)\n\(words)\n\(self.auth.map { "\($0)" } ?? "")")
    }

    private static func text(
        _ template: Template, _ event: Event,
        _ encoded: (String, FieldPath) throws(LookupFailure) -> String
    ) throws(LookupFailure) -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .literal(let literal): text += literal
            case .field(let path):
                guard let value = event.scalar(at: path) else {
                    throw self.failure("the event has no text, number or boolean at \(path)")
                }
                guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                    throw self.failure("the value at \(path) holds a control character")
                }
                text += try encoded(value, path)
            }
        }
        return text
    }

    private static func segment(_ value: String, _ path: FieldPath) throws(LookupFailure) -> String {
        // Encoding does not help: receivers fold `%2E%2E` like `..`.
        guard value != ".", value != "..", !value.isEmpty else {
            throw self.failure("the value at \(path) would change the folder of the URL")
        }
        return PercentCoding.encode(value)
    }

    private static func failure(_ message: String) -> LookupFailure {
        LookupFailure(code: "enrich/no-key", message: message, isTransient: false)
    }
}
