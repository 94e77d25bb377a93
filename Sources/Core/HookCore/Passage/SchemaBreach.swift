// SPDX-License-Identifier: Apache-2.0

/// Why an event is not what the catalogue says of its type and version.
package struct SchemaBreach: Sendable, Equatable {
    /// `event/schema`, or `event/unknown-version`.
    package let code: String
    /// `order.created@2`.
    package let name: String
    /// At least one.
    package let violations: [SchemaViolation]

    package init(code: String, name: String, violations: [SchemaViolation]) {
        self.code = code
        self.name = name
        self.violations = violations
    }

    /// One line for people: the first violation, and how many there are besides.
    package var summary: String {
        guard let first = self.violations.first else { return "not valid" }
        let more = self.violations.count > 1 ? ", and \(self.violations.count - 1) more" : ""
        return "\(first.pointer.isEmpty ? "the event" : first.pointer) \(first.detail)\(more)"
    }

    /// As a held entry keeps it: a line of the traceback for each violation.
    package var failure: ScriptFailure {
        ScriptFailure(
            code: self.code, script: self.name, message: self.summary, place: self.violations.first?.rule,
            traceback: self.violations.map { $0.json.text })
    }
}

extension HeldEntry.Kind {
    /// In lists and filters.
    package var word: String {
        switch self {
        case .failed: "failed"
        case .awaitingLookup: "lookup"
        case .quarantined: "quarantine"
        }
    }
}

extension Prepared {
    /// Why the event is kept aside instead of being routed; nil for all others.
    package var breachCode: String? { self.held.first { $0.kind == .quarantined }?.failure.code }
}

extension SchemaViolation {
    /// An entry of `errors` of a problem (RFC 9457).
    package var json: JSONValue {
        [
            "pointer": .string(self.pointer), "detail": .string(self.detail), "code": .string(self.keyword),
            "rule": .string(self.rule),
        ]
    }

    /// From a line of ``SchemaBreach/failure``; nil where it is something else.
    package init?(line: String) {
        // Any other text is a line of somebody else's traceback.
        guard let value = try? JSONValue(parsing: Array(line.utf8)), let pointer = value["pointer"]?.stringValue,
            let detail = value["detail"]?.stringValue, let keyword = value["code"]?.stringValue,
            let rule = value["rule"]?.stringValue
        else { return nil }
        self.init(pointer: pointer, keyword: keyword, rule: rule, detail: detail)
    }
}

extension CatalogueSpec {
    /// What of an event is against the catalogue; nil where nothing is, or the catalogue has nothing to say about it.
    ///
    /// - An event without a version counts as one of the current version.
    /// - A version that a declared type does not have is a breach; a type that is not declared is none.
    /// - Of data that is no JSON a schema that allows not everything is broken as a whole.
    package func breach(of event: Event) -> SchemaBreach? { self.breach(event.type, event.version, event.data) }

    package func breach(_ name: String, _ number: Int?, _ data: JSONDocument?) -> SchemaBreach? {
        guard let type = self.type(name), !type.versions.isEmpty else { return nil }
        guard let version = number.map(type.version) ?? type.current else {
            let known = type.versions.map { "\($0.number)" }.joined(separator: ", ")
            return SchemaBreach(
                code: "event/unknown-version", name: "\(name)@\(number ?? 0)",
                violations: [
                    SchemaViolation(
                        pointer: "", keyword: "version", rule: "\(type.mark.file):\(type.mark.line)",
                        detail: "is of version \(number ?? 0), which the catalogue does not have; it has \(known)")
                ])
        }
        guard let schema = version.schema, let program = schema.program else { return nil }
        let full = "\(name)@\(version.number)"
        guard let data else {
            return SchemaBreach(
                code: "event/schema", name: full,
                violations: [
                    SchemaViolation(
                        pointer: "", keyword: "type", rule: schema.path,
                        detail: "has no data: the body is of a type that is not read")
                ])
        }
        if program.isValid(data) { return nil }
        return SchemaBreach(code: "event/schema", name: full, violations: program.violations(data))
    }

    /// `order.created@2`, where the catalogue has a schema for it.
    package func checkedName(_ name: String, _ number: Int?) -> String? {
        guard let type = self.type(name), let version = number.map(type.version) ?? type.current,
            version.schema != nil
        else { return nil }
        return "\(name)@\(version.number)"
    }
}
