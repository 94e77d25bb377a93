// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookVerify
import Testing

/// `validate:` of a source.
@Suite struct EventValidationTests {
    private static func catalogue() throws -> CatalogueSpec {
        func schema(_ text: String) throws -> SchemaFileSpec {
            let value = try JSONValue(parsing: Array(text.utf8))
            return SchemaFileSpec(
                path: "s.json", value: value, program: try SchemaProgram.compile(value, named: "s.json"))
        }
        var type = EventTypeSpec(name: "order.created", mark: mark)
        var first = EventVersionSpec(number: 1, mark: mark)
        first.schema = try schema(#"{"required": ["old"]}"#)
        var second = EventVersionSpec(number: 2, mark: mark)
        second.schema = try schema(#"{"required": ["total"], "properties": {"total": {"minimum": 0}}}"#)
        second.isCurrent = true
        type.versions = [first, second, EventVersionSpec(number: 3, mark: mark)]
        return CatalogueSpec([type])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String
        let version: String?
        let type: String
        /// The code of the breach; nil: none.
        let code: String?
        let contentType: String

        init(
            _ name: String, _ body: String, version: String? = nil, type: String = "order.created", code: String?,
            contentType: String = "application/json"
        ) {
            (self.testDescription, self.body, self.version) = (name, body, version)
            (self.type, self.code, self.contentType) = (type, code, contentType)
        }
    }

    static let cases: [Case] = [
        Case("without a version the current one counts", #"{"total": 1}"#, code: nil),
        Case("a breach of the current version", #"{"old": 1}"#, code: "event/schema"),
        Case("an older version", #"{"old": 1}"#, version: "1", code: nil),
        Case("a breach of an older version", #"{"total": 1}"#, version: "1", code: "event/schema"),
        Case("a version without a schema", "[]", version: "3", code: nil),
        Case("a version that is not declared", #"{"total": 1}"#, version: "9", code: "event/unknown-version"),
        Case("a type that is not declared", "[]", type: "order.paid", code: nil),
        Case("a body that is not read", "total=1", code: "event/schema", contentType: "application/octet-stream"),
    ]

    private static func verdict(_ example: Case, _ mode: SourceSpec.Validation) throws -> VerifyVerdict {
        let source = source(.none) {
            $0.validate = mode
            $0.event.type = .header("x-type")
            $0.event.version = .header("x-version")
        }
        var headers = [("x-type", example.type), ("content-type", example.contentType)]
        if let version = example.version { headers.append(("x-version", version)) }
        return Verify(sources: [source], secrets: FixedSecrets([:]), catalogue: try Self.catalogue()).check(
            request(headers, body: example.body), now: WallTime(milliseconds: 0))
    }

    @Test(arguments: Self.cases) func `reject refuses with 422 and says where`(_ example: Case) throws {
        let verdict = try Self.verdict(example, .reject)
        guard let code = example.code else { return #expect(outcome(verdict) == "verified") }
        guard case .refused(let failure) = verdict else {
            Issue.record("not refused")
            return
        }
        #expect(failure.status == 422 && failure.code == code && !failure.violations.isEmpty)
        #expect(failure.violations.allSatisfy { !$0.rule.isEmpty && !$0.detail.isEmpty })
    }

    @Test(arguments: Self.cases) func `quarantine marks what it lets in`(_ example: Case) throws {
        #expect(verified(try Self.verdict(example, .quarantine))?.breach?.code == example.code)
    }

    @Test(arguments: Self.cases) func `off looks at nothing`(_ example: Case) throws {
        let found = try #require(verified(try Self.verdict(example, .off)))
        #expect(found.breach == nil)
    }

    private static let lines = Case(
        "a batch", "{\"total\": 1}\n{\"total\": -1}\n{\"total\": 2}\n", code: nil, contentType: "application/x-ndjson")

    @Test func `one invalid event of a batch refuses all, with its place and rule`() throws {
        guard case .refused(let failure) = try Self.verdict(Self.lines, .reject) else {
            Issue.record("not refused")
            return
        }
        #expect(failure.status == 422 && failure.code == "batch/refused")
        #expect(failure.parts.map(\.pointer) == ["/1/total"] && failure.parts.map(\.code) == ["minimum"])
        #expect(failure.parts.first?.rule == "s.json#/properties/total/minimum")
    }

    @Test func `quarantine keeps aside the invalid events of a batch alone`() throws {
        guard case .batch(let events) = try Self.verdict(Self.lines, .quarantine) else {
            Issue.record("no batch")
            return
        }
        #expect(events.map(\.breach?.code) == [nil, "event/schema", nil])
    }

    @Test func `a breach survives as a held entry`() throws {
        let data = try JSONDocument(parsing: Array(#"{"total": -1}"#.utf8))
        let breach = try #require(try Self.catalogue().breach("order.created", 2, data))
        let failure = breach.failure
        #expect(failure.script == "order.created@2" && failure.message == "/total must be at least 0")
        #expect(failure.traceback.compactMap(SchemaViolation.init(line:)) == breach.violations)
        #expect(SchemaViolation(line: "scripts/a.lua:5: in function f") == nil)
    }
}
