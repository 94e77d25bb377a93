// SPDX-License-Identifier: Apache-2.0

package import HookCore
internal import YAMLBridge

/// One operator of the match language, declared once for parser, schema, help and manual.
package struct MatchOperator: Sendable {
    package let name: String
    /// `a number`, `one value`.
    package let operand: String
    package let example: String
    package let summary: String
    /// JSON Schema of the operand.
    package let schema: JSONValue
    let read: @Sendable (YAMLNode, Checker) -> ValueTest?

    package static let all: [MatchOperator] = equality + texts + numbers + others + elements

    private static let scalarSchema: JSONValue = ["type": ["string", "number", "boolean", "null"]]
    private static let testSchema: JSONValue = ["$ref": "#/definitions/test"]

    private static let equality: [MatchOperator] = [
        MatchOperator(
            name: "eq", operand: "one value", example: "{eq: published}",
            summary: "Equal: numbers by value (1 = 1.0), strings by bytes.", schema: scalarSchema
        ) { node, checker in ConditionReader.scalar(node, checker).map { .equals($0) } },
        MatchOperator(
            name: "not", operand: "a value, a list or a map of operators", example: "{not: [draft, test]}",
            summary: "Something is there and none of it passes.", schema: testSchema
        ) { node, checker in ConditionReader.test(node, checker).map { .not($0) } },
        MatchOperator(
            name: "in", operand: "a list of values", example: "{in: [DE, FR]}", summary: "Equal to one of them.",
            schema: ["type": "array", "items": scalarSchema, "minItems": 1]
        ) { node, checker in Self.scalars(node, checker).map { .anyOf($0.map { .equals($0) }) } },
        MatchOperator(
            name: "not_in", operand: "a list of values", example: "{not_in: [DE, FR]}",
            summary: "Something is there and none of it is equal to one of them.",
            schema: ["type": "array", "items": scalarSchema, "minItems": 1]
        ) { node, checker in Self.scalars(node, checker).map { .not(.anyOf($0.map { .equals($0) })) } },
    ]

    private static let texts: [MatchOperator] = [
        Self.text("prefix", "refs/heads/", "The string begins with it.") { .prefix($0) },
        Self.text("suffix", ".pdf", "The string ends with it.") { .suffix($0) },
        Self.text("contains", "urgent", "The string holds it somewhere.") { .contains($0) },
        Self.text(
            "glob", "release-*", "The whole string has this form; * stands for any run of characters, \\* for itself."
        ) {
            .glob($0)
        },
        Self.text("iequals", "eur", "Equal without regard to the case of A to Z.") { .equalsIgnoringCase($0) },
    ]

    private static let numbers: [MatchOperator] = [
        Self.comparison("gt", .gt, "Greater."), Self.comparison("gte", .gte, "Greater or equal."),
        Self.comparison("lt", .lt, "Less."), Self.comparison("lte", .lte, "Less or equal."),
        MatchOperator(
            name: "between", operand: "two numbers", example: "{between: [1, 10]}",
            summary: "From the first to the second, both included.",
            schema: ["type": "array", "items": ["type": "number"], "minItems": 2, "maxItems": 2]
        ) { node, checker in Self.between(node, checker) },
    ]

    private static let others: [MatchOperator] = [
        MatchOperator(
            name: "exists", operand: "true or false", example: "{exists: true}",
            summary: "Something is there (null counts), or nothing is.", schema: ["type": "boolean"]
        ) { node, checker in Shape<Bool>.boolean.read(node, checker).map { .exists($0) } },
        MatchOperator(
            name: "cidr", operand: "an address block, or a list", example: "{cidr: 10.0.0.0/8}",
            summary: "The string is an IP address inside.", schema: Shape<[CIDR]>.oneOrMore(.addressBlock).schema
        ) { node, checker in Shape<[CIDR]>.oneOrMore(.addressBlock).read(node, checker).map { .cidr($0) } },
    ]

    private static let elements: [MatchOperator] = [
        Self.quantifier("any", .any, "At least one element of the array passes."),
        Self.quantifier("all", .all, "The array has elements, and all of them pass."),
        Self.quantifier("none", .none, "It is an array, and no element passes."),
        Self.quantifier("some", .some, "The value itself passes, or, where it is an array, at least one element."),
    ]

    private static func text(
        _ name: String, _ sample: String, _ summary: String, _ make: @escaping @Sendable (String) -> ValueTest
    ) -> MatchOperator {
        MatchOperator(
            name: name, operand: "text", example: "{\(name): \(sample)}", summary: summary,
            schema: ["anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"], "minItems": 1]]]
        ) { node, checker in
            Shape<[String]>.oneOrMore(.text).read(node, checker).map {
                $0.count == 1 ? make($0[0]) : .anyOf($0.map(make))
            }
        }
    }

    private static func comparison(
        _ name: String, _ comparison: ValueTest.Comparison, _ summary: String
    ) -> MatchOperator {
        MatchOperator(
            name: name, operand: "a number", example: "{\(name): 100}", summary: summary, schema: ["type": "number"]
        ) { node, checker in self.number(node, checker).map { .number(comparison, $0) } }
    }

    private static func quantifier(
        _ name: String, _ quantifier: ValueTest.Quantifier, _ summary: String
    ) -> MatchOperator {
        MatchOperator(
            name: name, operand: "a test of one element, or a map of paths below it",
            example: "{\(name): {sku: A-1, count: {gt: 2}}}",
            summary: summary, schema: ["anyOf": [testSchema, ["type": "object"]]]
        ) { node, checker in ConditionReader.element(node, checker).map { .elements(quantifier, $0) } }
    }

    private static func number(_ node: YAMLNode, _ checker: Checker) -> JSONNumber? {
        guard case .number(let number) = ConditionReader.scalar(node, checker) else {
            if node.raw != nil {
                checker.report("match/operand", at: node.at, "expected a number, found \(node.found)")
            }
            return nil
        }
        return number
    }

    private static func scalars(_ node: YAMLNode, _ checker: Checker) -> [JSONScalar]? {
        guard let items = node.items else {
            checker.report(
                "match/operand", at: node.at, "expected a list of values, found \(node.found)",
                hint: "for example [a, b]")
            return nil
        }
        guard !items.isEmpty else {
            checker.report("config/empty-list", at: node.at, "the list is empty", hint: "give a value")
            return nil
        }
        let values = items.compactMap { ConditionReader.scalar($0, checker) }
        return values.count == items.count ? values : nil
    }

    private static func between(_ node: YAMLNode, _ checker: Checker) -> ValueTest? {
        guard let items = node.items, items.count == 2 else {
            checker.report(
                "match/operand", at: node.at, "expected two numbers, found \(node.found)", hint: "for example [1, 10]")
            return nil
        }
        guard let low = self.number(items[0], checker), let high = self.number(items[1], checker) else { return nil }
        guard low <= high else {
            checker.report(
                "match/conflict", at: node.at, "no number lies between \(items[0].raw ?? "") and \(items[1].raw ?? "")",
                hint: "the smaller one comes first")
            return nil
        }
        return .between(low, high)
    }
}

extension Shape {
    static var addressBlock: Shape<CIDR> {
        Shape<CIDR>("an address or address block", example: "10.20.0.0/16", schema: ["type": "string"]) {
            node, checker in
            guard case .string(let text) = node.scalar, let block = CIDR(text) else {
                checker.report(
                    "config/address", at: node.at, "expected an address or address block, found \(node.found)",
                    hint: "for example 10.20.0.0/16 or 2001:db8::/32")
                return nil
            }
            return block
        }
    }

    static var condition: Shape<Condition> {
        Shape<Condition>(
            "a map of conditions", example: "{data.action: published}", schema: ["$ref": "#/definitions/condition"]
        ) { node, checker in
            guard let condition = ConditionReader.condition(node, .rooted, checker) else { return nil }
            MatchLint(checker: checker, node: node).check(condition)
            return condition
        }
    }
}
