// SPDX-License-Identifier: Apache-2.0
// What must come of a test.

internal import HookCore
internal import YAMLBridge

/// `expect:`.
enum TestExpectation {
    static let section = Section<RouteTestSpec.Expectation>(
        title: "an expectation", summary: "What must come of the steps.",
        fields: [
            Field("status", .integer(100...599, example: "202"), \.status, "Status of the answer to the last request."),
            Field("duplicate", .boolean, \.duplicate, "Whether the last request had come before."),
            Field(
                "deliveries", .exactList(of: .delivery), \.deliveries, "The exact set: an extra or a missing one fails."
            ),
            Field(
                "attempts", .map(of: .exactList(of: .duration(.zero ... .seconds(365 * 86_400))), keys: "destinations"),
                "Times of attempts since the test began, in a step since the step; jitter is off."
            ) { draft, items in
                draft.attempts = items.map { (DestinationName($0.name), $0.value) }
            },
            Field(
                "dead_letters", .exactList(of: .testDestination), \.deadLetters,
                "Destinations whose delivery failed for good, exact set."),
            Field("held", .exactList(of: .testRoute), \.held, "Routes that hold the event, exact set."),
            Field("unmatched", .boolean, \.unmatched, "Whether no route matched."),
            Field(
                "emitted", .exactList(of: .emittedEvent), \.emitted,
                "Events that routes emitted, exact set; in this version routes emit none."),
            Field(
                "max_steps", .integer(1...100_000_000, example: "10000"), \.maxSteps, "Most steps of any script call."),
            Field("check", .check, \.check, "A Lua assertion about the result: code, or file.lua#function."),
        ])

    /// A misspelt destination would expect what never happens.
    static func checkNames(_ node: YAMLNode, _ checker: Checker) {
        for entry in node.value(of: "attempts")?.entries ?? [] {
            _ = Shape<DestinationName>.testDestination.read(entry.key, checker)
        }
    }
}

/// An entry of `deliveries:` while it is read.
struct DeliveryDraft: Sendable {
    var spec: RouteTestSpec.ExpectedDelivery
    var to: String?

    static let section = Section<DeliveryDraft>(
        title: "an expected delivery", summary: "One delivery and what is known about it.",
        fields: [
            Field("to", .expectedTarget, \.to, isRequired: true, "Destination."),
            Field("route", .testRoute, "Route that sends it.") { $0.spec.route = $1.text },
            Field(
                "version", .integer(0...1_000_000, example: "1"), \.spec.version,
                "Version of the event that goes out."),
            Field("body", .json, \.spec.body, "The body, equal as JSON."),
            Field("contains", .json, \.spec.contains, "Members that the body has, among others."),
            Field(
                "golden", .goldenFile, \.spec.golden,
                "File with the exact bytes, beside the test; test --update writes it."),
            Field("method", .text, \.spec.method, "Method of the request."),
            Field("url", .text, \.spec.url, "URL of the request, its query included."),
            Field("headers", .map(of: .looseText, keys: "header names"), "Headers that the request has.") {
                draft, items in
                draft.spec.headers = items.map { ($0.name, $0.value) }
            },
        ])
}

/// An entry of `emitted:` while it is read.
struct EmittedDraft: Sendable {
    var type: EventPattern?
    var data: JSONValue?
    var contains: JSONValue?

    static let section = Section<EmittedDraft>(
        title: "an emitted event", summary: "One event that a route emits.",
        fields: [
            Field("type", .eventPattern, \.type, isRequired: true, "Event type, with @ for a version."),
            Field("data", .json, \.data, "The data, equal as JSON."),
            Field("contains", .json, \.contains, "Members that the data has, among others."),
        ])
}

extension Shape {
    static var testExpectation: Shape<RouteTestSpec.Expectation> {
        let section = TestExpectation.section
        return Shape<RouteTestSpec.Expectation>(
            section.title, example: "{deliveries: []}", schema: section.schema, sections: [section.note]
        ) { node, checker in
            var expectation = RouteTestSpec.Expectation()
            guard section.read(node, into: &expectation, checker) else { return nil }
            TestExpectation.checkNames(node, checker)
            return expectation
        }
    }

    static var delivery: Shape<RouteTestSpec.ExpectedDelivery> {
        let section = DeliveryDraft.section
        return Shape<RouteTestSpec.ExpectedDelivery>(
            section.title, example: "{to: chat}", schema: section.schema, sections: [section.note]
        ) { node, checker in
            var draft = DeliveryDraft(spec: RouteTestSpec.ExpectedDelivery(to: "", mark: node.at))
            guard section.read(node, into: &draft, checker), let to = draft.to else { return nil }
            draft.spec.to = to
            return draft.spec
        }
    }

    static var emittedEvent: Shape<RouteTestSpec.ExpectedEvent> {
        let section = EmittedDraft.section
        return Shape<RouteTestSpec.ExpectedEvent>(
            section.title, example: "{type: order.digest}", schema: section.schema, sections: [section.note]
        ) { node, checker in
            var draft = EmittedDraft()
            guard section.read(node, into: &draft, checker), let type = draft.type else { return nil }
            var event = RouteTestSpec.ExpectedEvent(type: type.type, version: type.version)
            event.data = draft.data
            event.contains = draft.contains
            return event
        }
    }

    /// A Lua assertion: code, or `file.lua#function`.
    static var check: Shape<ScriptID> {
        Shape<ScriptID>(
            "Lua code, or file.lua#function", example: "assert(#deliveries == 1)", schema: ["type": "string"]
        ) { node, checker in
            guard case .string(let text) = node.scalar else {
                checker.reportType(
                    node, expected: "Lua code, or file.lua#function", example: "assert(#deliveries == 1)")
                return nil
            }
            if let named = ScriptSpec.Body(reference: text) { return checker.check(named, at: node.at) }
            return checker.check(.inline(text), at: node.codeMark)
        }
    }

    /// A file beside the test that need not be there yet, as a path from the project's root.
    static var goldenFile: Shape<String> {
        Shape<String>("a file beside the test", example: "golden/chat.json", schema: ["type": "string"]) {
            node, checker in
            guard let text = Shape<String>.text.read(node, checker) else { return nil }
            guard let path = RelativePath.resolve(text, beside: node.mark.file),
                path.utf8.starts(with: "routes/".utf8)
            else {
                checker.report(
                    "test/file", at: node.at, "\"\(text)\" leaves routes/", hint: "a path such as golden/chat.json")
                return nil
            }
            return path
        }
    }
}
