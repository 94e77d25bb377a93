// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

@testable import HookConfig

@Suite struct MatchLanguageTests {
    /// A condition in a notation that is easy to compare.
    static func text(_ condition: Condition?) -> String {
        switch condition {
        case nil: "nothing"
        case .and(let parts): "(" + parts.map(self.text).joined(separator: " and ") + ")"
        case .or(let parts): "(" + parts.map(self.text).joined(separator: " or ") + ")"
        case .not(let part): "not " + self.text(part)
        case .field(let path, let test, _): "\(path) \(self.text(test))"
        }
    }

    static func text(_ test: ValueTest) -> String {
        switch test {
        case .equals(let value): "= \(self.text(value))"
        case .equalsIgnoringCase(let text): "~= \(text)"
        case .prefix(let text): "prefix \(text)"
        case .suffix(let text): "suffix \(text)"
        case .contains(let text): "contains \(text)"
        case .glob(let text): "glob \(text)"
        case .number(let comparison, let number): "\(comparison.rawValue) \(self.text(.number(number)))"
        case .between(let low, let high): "\(self.text(.number(low)))...\(self.text(.number(high)))"
        case .exists(let wanted): wanted ? "exists" : "absent"
        case .cidr(let blocks): "in \(blocks.count) blocks"
        case .anyOf(let tests): "any[" + tests.map(self.text).joined(separator: ", ") + "]"
        case .allOf(let tests): "all[" + tests.map(self.text).joined(separator: ", ") + "]"
        case .not(let inner): "none(\(self.text(inner)))"
        case .elements(let quantifier, .value(let inner)): "\(quantifier.rawValue) element \(self.text(inner))"
        case .elements(let quantifier, .object(let inner)): "\(quantifier.rawValue) element {\(self.text(inner))}"
        }
    }

    static func text(_ value: JSONScalar) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(.integer(let value)): "\(value)"
        case .number(.unsigned(let value)): "\(value)u"
        case .number(.double(let value)): "\(value)"
        case .string(let text): "'\(text)'"
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let yaml: String
        let meaning: String
        var testDescription: String { self.yaml }

        init(_ yaml: String, _ meaning: String) {
            self.yaml = yaml
            self.meaning = meaning
        }
    }

    static let cases: [Case] = [
        Case("{data.a: x}", "data.a = 'x'"),
        Case("{data.a: 1.0}", "data.a = 1"),
        Case("{data.a: 18446744073709551615}", "data.a = 18446744073709551615u"),
        Case("{data.a: \"1\"}", "data.a = '1'"),
        Case("{data.a: null}", "data.a = null"),
        Case("{data.a: true, data.b.c: 1}", "(data.a = true and data.b.c = 1)"),
        Case("{data.a: [x, 2, null]}", "data.a any[= 'x', = 2, = null]"),
        Case("{data.a: [x, {gte: 3}]}", "data.a any[= 'x', gte 3]"),
        Case("{data.a: {eq: x}}", "data.a = 'x'"),
        Case("{data.a: {in: [x, 1]}}", "data.a any[= 'x', = 1]"),
        Case("{data.a: {not_in: [x, 1]}}", "data.a none(any[= 'x', = 1])"),
        Case("{data.a: {not: x}}", "data.a none(= 'x')"),
        Case("{data.a: {not: [x, y]}}", "data.a none(any[= 'x', = 'y'])"),
        Case("{data.a: {not: {prefix: x, suffix: y}}}", "data.a none(all[prefix x, suffix y])"),
        Case("{data.a: {prefix: x}}", "data.a prefix x"),
        Case("{data.a: {prefix: [x, y]}}", "data.a any[prefix x, prefix y]"),
        Case("{data.a: {suffix: x}}", "data.a suffix x"),
        Case("{data.a: {contains: x}}", "data.a contains x"),
        Case("{data.a: {glob: 'a*b'}}", "data.a glob a*b"),
        Case("{data.a: {iequals: EUR}}", "data.a ~= EUR"),
        Case("{data.a: {gt: 1, lt: 2.5}}", "data.a all[gt 1, lt 2.5]"),
        Case("{data.a: {gte: -1, lte: 1e3}}", "data.a all[gte -1, lte 1000]"),
        Case("{data.a: {between: [1, 10]}}", "data.a 1...10"),
        Case("{data.a: {exists: true}}", "data.a exists"),
        Case("{data.a: {exists: false}}", "data.a absent"),
        Case("{data.ip: {cidr: 10.0.0.0/8}}", "data.ip in 1 blocks"),
        Case("{data.ip: {cidr: [10.0.0.0/8, '2001:db8::/32']}}", "data.ip in 2 blocks"),
        Case("{data.tags: {any: urgent}}", "data.tags any element = 'urgent'"),
        Case("{data.tags: {all: {prefix: x}}}", "data.tags all element prefix x"),
        Case("{data.tags: {none: [a, b]}}", "data.tags none element any[= 'a', = 'b']"),
        Case("{data.tags: {any: {not: a}}}", "data.tags any element none(= 'a')"),
        Case(
            "{data.lines: {any: {sku: A, count: {gt: 2}}}}",
            "data.lines any element {(data.sku = 'A' and data.count gt 2)}"),
        Case("{data.lines: {any: {not: {type: x}}}}", "data.lines any element {not data.type = 'x'}"),
        Case("{data.lines: {all: {a.b: {any: {c: 1}}}}}", "data.lines all element {data.a.b any element {data.c = 1}}"),
        Case("{data.lines: {any: {'\"in\"': 1}}}", "data.lines any element {data.in = 1}"),
        Case("{any_of: [{data.a: 1}, {data.b: 2, data.c: 3}]}", "(data.a = 1 or (data.b = 2 and data.c = 3))"),
        Case(
            "{all_of: [{data.a: 1}, {any_of: [{data.b: 2}, {data.c: 3}]}]}",
            "(data.a = 1 and (data.b = 2 or data.c = 3))"),
        Case("{not: {data.a: 1}}", "not data.a = 1"),
        Case("{not: [{data.a: 1}, {data.b: 2}]}", "not (data.a = 1 or data.b = 2)"),
        Case("{headers.X-Shop-Id: '7'}", "headers.x-shop-id = '7'"),
        Case("{query.page: '2'}", "query.page = '2'"),
        Case("{source: shop, type: order.created}", "(source = 'shop' and type = 'order.created')"),
        Case("{'data.\"a.b\".\"c \\\"d\\\"\"': 1}", "data.\"a.b\".\"c \"d\"\" = 1"),
        Case("{data: {exists: true}}", "data exists"),
    ]

    @Test(arguments: cases) func `a condition means what it says`(_ example: Case) throws {
        let loaded = load(
            "sources: {shop: {path: /x, verify: none}}\ndestinations: {a: {url: 'https://a.example'}}\nroutes:\n  r:\n    to: a\n    match: \(example.yaml)\n"
        )
        #expect(loaded.codes == [])
        #expect(Self.text(loaded.configuration.routes.first?.match) == example.meaning)
    }

    /// What is refused or warned about, with the column in `    match: …`.
    static let faults: [Case] = [
        Case("{data.a: []}", "config/empty-list 21"), Case("{data.a: {}}", "match/empty 21"),
        Case("{}", "match/empty 12"),
        Case("[1]", "config/type 12"), Case("{data.a: {between: [2, 1]}}", "match/conflict 31"),
        Case("{data.a: {between: [2]}}", "match/operand 31"), Case("{data.a: {gt: '1'}}", "match/operand 26"),
        Case("{data.a: {in: x}}", "match/operand 26"), Case("{data.a: {exists: maybe}}", "config/type 30"),
        Case("{data.a: {cidr: 10.0.0}}", "config/address 28"), Case("{data.a: .inf}", "match/operand 21"),
        Case("{data.a: {regex: x}}", "match/operator 22"), Case("{data..a: 1}", "match/path 13"),
        Case("{data.: 1}", "match/path 13"),
        Case("{'data.\"a': 1}", "match/path 13"), Case("{'data.\"a\"b': 1}", "match/path 13"),
        Case("{release.tag: 1}", "match/path 13"),
        Case("{headers: 1}", "match/path 13"), Case("{type.a: 1}", "match/path 13"),
        Case("{any_of: []}", "config/empty-list 21"),
        Case("{any_of: {data.a: 1}}", "config/type 21"), Case("{any_of: [{}]}", "match/empty 22"),
        Case("{data.a: 1, data.a: 2}", "yaml/duplicate-key 24"),
        Case("{all_of: [{data.a: 1}, {data.a: {exists: false}}]}", "match/conflict"),
        Case("{data.a: {exists: false}, '\"data\".a': 1}", "match/conflict 13"),
        Case("{data.a: {eq: 1, not: 1}}", "match/never 13"),
        Case("{data.a: {not: {exists: true}}}", "match/never 13"), Case("{type: {gt: 1}}", "match/never 13"),
        Case("{source: nowhere}", "match/never 13"), Case("{type: {exists: false}}", "match/never 13"),
        Case("{headers.x-page: 2}", "match/never 13"), Case("{query.page: {gt: 2}}", "match/never 13"),
        Case("{type: {exists: true}}", "match/always 13"), Case("{data.a: {contains: ''}}", "match/always 13"),
        Case("{data.a: {glob: '*'}}", "match/always 13"), Case("{data.a: [x, NO]}", "yaml/ambiguous 25"),
        Case("{data.a: 12:30}", "yaml/ambiguous 21"), Case("{data.a: 007}", "yaml/ambiguous 21"),
        Case("{data.a: on}", "yaml/ambiguous 21"),
    ]

    @Test(arguments: faults) func `a fault is named at its place`(_ example: Case) throws {
        let loaded = load(
            "sources: {shop: {path: /x, verify: none}}\ndestinations: {a: {url: 'https://a.example'}}\nroutes:\n  r:\n    to: a\n    match: \(example.yaml)\n"
        )
        let found = loaded.diagnostics.map { "\($0.code) \($0.mark?.column ?? 0)" }
        #expect(found.contains { $0.hasPrefix(example.meaning) }, "\(found)")
        #expect(found.count == 1, "\(found)")
    }
}
