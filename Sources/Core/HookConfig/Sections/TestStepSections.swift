// SPDX-License-Identifier: Apache-2.0
// What goes into a test: events, requests, time.

internal import HookCore
internal import YAMLBridge

/// Where a body comes from; every kind of step has the same keys under its own words.
struct BodyDraft: Sendable {
    var bytes: [UInt8]?

    static func fields(value: String, file: String, raw: String?) -> [Field<BodyDraft>] {
        var fields: [Field<BodyDraft>] = [
            Field(value, .json, "The body, written as YAML and sent as JSON.") { $0.bytes = $1.encoded() },
            Field(file, .fileBytes, \.bytes, "File with the body, beside the test."),
        ]
        if let raw { fields.append(Field(raw, .text, "The body, byte for byte.") { $0.bytes = Array($1.utf8) }) }
        return fields
    }

    /// The body, with a finding where several keys give one.
    func checked(_ node: YAMLNode, keys: [String], _ checker: Checker) -> [UInt8] {
        let present = keys.compactMap { node.entry(of: $0)?.key }
        if present.count > 1 {
            checker.report(
                "config/conflict", at: present[1].at,
                "\"\(present[0].raw ?? "")\" and \"\(present[1].raw ?? "")\" exclude each other",
                hint: "keep one")
        }
        return self.bytes ?? Array("{}".utf8)
    }
}

struct EventStepDraft: Sendable {
    var type: EventPattern?
    var step = RouteTestSpec.EventStep(type: "", body: [])
    var body = BodyDraft()

    static let section = Section<EventStepDraft>(
        title: "a test event", summary: "An event, as if it had been verified.",
        fields: [
            Field("type", .eventPattern, \.type, isRequired: true, "Event type, with @ for a version."),
            Field("source", .testSource, \.step.source, "Source that it comes from."),
            Field("id", .looseText, \.step.id, "The sender's id."),
            Field("subject", .text, \.step.subject, "The subject."),
            Field("headers", .map(of: .looseText, keys: "header names"), "Headers.") { draft, items in
                draft.step.headers = items.map { ($0.name, $0.value) }
            },
            Field("query", .text, \.step.query, "Query, without the question mark."),
        ] + BodyDraft.fields(value: "data", file: "data_file", raw: nil).map { $0.lifted(to: \.body) })
}

struct RequestStepDraft: Sendable {
    var source: SourceName?
    var step = RouteTestSpec.RequestStep(source: "", body: [])
    var body = BodyDraft()

    static let section = Section<RequestStepDraft>(
        title: "a test request", summary: "A request, as it would come over HTTP.",
        fields: [
            Field("source", .testSource, \.source, isRequired: true, "Source that it goes to."),
            Field("method", .choice(["POST", "PUT", "GET"]), \.step.method, default: "POST", "HTTP method."),
            Field("headers", .map(of: .looseText, keys: "header names"), "Headers.") { draft, items in
                draft.step.headers = items.map { ($0.name, $0.value) }
            },
            Field("query", .text, \.step.query, "Query, without the question mark."),
            Field(
                "sign", .boolean, \.step.signs, default: "false",
                "Whether it is signed as the provider would, with a test key."),
        ] + BodyDraft.fields(value: "body", file: "body_file", raw: "body_raw").map { $0.lifted(to: \.body) })
}

struct StepDraft: Sendable {
    var action: RouteTestSpec.Step.Action?
    var expect: RouteTestSpec.Expectation?

    static let actions = ["event", "request", "advance"]

    static let section = Section<StepDraft>(
        title: "a step", summary: "One of event, request and advance; and what must come of it.",
        fields: [
            Field("event", .testEvent, "An event, as if it had been verified.") { $0.action = .event($1) },
            Field("request", .testRequest, "A request, as it would come over HTTP.") { $0.action = .request($1) },
            Field("advance", .duration(.milliseconds(1) ... .seconds(365 * 86_400)), "Moves the clock.") {
                $0.action = .advance($1)
            },
            Field("expect", .testExpectation, \.expect, "What must come of this step alone."),
        ])
}

extension Shape {
    static var testEvent: Shape<RouteTestSpec.EventStep> {
        let section = EventStepDraft.section
        return Shape<RouteTestSpec.EventStep>(
            section.title, example: "{type: order.created, data: {}}", schema: section.schema, sections: [section.note]
        ) { node, checker in
            var draft = EventStepDraft()
            guard section.read(node, into: &draft, checker), let type = draft.type else { return nil }
            draft.step.type = type.type
            draft.step.version = type.version
            draft.step.body = draft.body.checked(node, keys: ["data", "data_file"], checker)
            return draft.step
        }
    }

    static var testRequest: Shape<RouteTestSpec.RequestStep> {
        let section = RequestStepDraft.section
        return Shape<RouteTestSpec.RequestStep>(
            section.title, example: "{source: github, body: {}}", schema: section.schema, sections: [section.note]
        ) { node, checker in
            var draft = RequestStepDraft()
            guard section.read(node, into: &draft, checker), let source = draft.source else { return nil }
            draft.step.source = source
            draft.step.body = draft.body.checked(node, keys: ["body", "body_file", "body_raw"], checker)
            return draft.step
        }
    }

    static var testStep: Shape<RouteTestSpec.Step> {
        let section = StepDraft.section
        return Shape<RouteTestSpec.Step>(
            section.title, example: "{advance: 5s}", schema: section.schema, sections: [section.note]
        ) {
            node, checker in
            var draft = StepDraft()
            guard section.read(node, into: &draft, checker) else { return nil }
            guard StepDraft.actions.count(where: { node.entry(of: $0) != nil }) == 1 else {
                checker.report(
                    "test/input", at: node.at, "a step is one of event, request and advance",
                    hint: "split it into several steps")
                return nil
            }
            return draft.action.map { RouteTestSpec.Step($0, expect: draft.expect) }
        }
    }

    /// Any YAML that JSON can say.
    static var json: Shape<JSONValue> {
        Shape<JSONValue>("any value", example: "{id: 1}", schema: true) { node, checker in
            JSONFromYAML.value(node, checker)
        }
    }

    /// The bytes of a file beside the one that names it.
    static var fileBytes: Shape<[UInt8]> {
        Shape<[UInt8]>("a file beside the test", example: "fixtures/event.json", schema: ["type": "string"]) {
            node, checker in
            Shape<String>.testFile.read(node, checker).flatMap { checker.files[$0] }
        }
    }

    /// A file beside the one that names it, as a path from the project's root.
    static var testFile: Shape<String> {
        Shape<String>("a file beside the test", example: "fixtures/event.json", schema: ["type": "string"]) {
            node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let path = RelativePath.resolve(text, beside: node.mark.file) else {
                checker.report(
                    "test/file", at: node.at, "\"\(text)\" leaves the project", hint: "a path inside the project")
                return nil
            }
            guard checker.files[path] != nil else {
                let near = NearestName.to(path, among: checker.files.keys.sorted())
                checker.report(
                    "test/file", at: node.at, "there is no file \(path)", hint: near.map { "did you mean \"\($0)\"?" })
                return nil
            }
            return path
        }
    }
}

enum RelativePath {
    /// `fixtures/a.json` beside `routes/shop/x.yaml` is `routes/shop/fixtures/a.json`; nil where it leaves the project.
    static func resolve(_ text: String, beside file: String) -> String? {
        guard !text.isEmpty, text.utf8.first != UInt8(ascii: "/") else { return nil }
        var steps = file.split(separator: "/").dropLast().map(String.init)
        for step in text.split(separator: "/") {
            switch step {
            case ".": continue
            case "..": if steps.popLast() == nil { return nil }
            default: steps.append(String(step))
            }
        }
        return steps.joined(separator: "/")
    }
}

enum JSONFromYAML {
    static func value(_ node: YAMLNode, _ checker: Checker) -> JSONValue? {
        checker.warnIfAmbiguous(node)
        switch node.content {
        case .sequence(let items):
            let values = items.compactMap { self.value($0, checker) }
            return values.count == items.count ? .array(values) : nil
        case .mapping:
            guard let entries = checker.entries(of: node, expected: "a map") else { return nil }
            let members = entries.compactMap { key, entry in
                self.value(entry.value, checker).map { JSONValue.Member(key, $0) }
            }
            return members.count == entries.count ? .object(members) : nil
        case .scalar: return self.scalar(node, checker)
        }
    }

    private static func scalar(_ node: YAMLNode, _ checker: Checker) -> JSONValue? {
        switch node.scalar {
        case .bool(let value): return .bool(value)
        case .number(let text): return .number(text)
        case .string(let text): return .string(text)
        case .unusableNumber(let text):
            checker.report(
                "config/type", at: node.at, "JSON has no number \(text)", hint: "quote it where text is meant")
            return nil
        case .null, nil: return .null
        }
    }
}
