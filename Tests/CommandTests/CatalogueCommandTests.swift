// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `hookswitch catalogue`, and what a validating source does to senders.
@Suite struct CatalogueCommandTests {
    private static func project(_ sink: String = "http://127.0.0.1:9") throws -> Project {
        try Project([
            "routes/main.yaml": """
            version: 1
            events:
              order.created:
                summary: A customer placed an order
                versions:
                  1: {schema: schemas/order.1.json, deprecated: 2026-06-30, sunset: 2027-06-30}
                  2: {schema: schemas/order.2.json, current: true, examples: [{total: 5}]}
            sources:
              shop: {path: /in/shop, verify: none, event: {type: order.created, version: {header: X-Version}}, validate: reject}
              lab: {path: /in/lab, verify: none, event: {type: order.created, version: {header: X-Version}}, validate: quarantine}
            destinations: {erp: {url: "\(sink)/erp"}}
            routes:
              orders: {event: order.created, to: erp}

            """,
            "routes/schemas/order.1.json": #"{"type": "object", "required": ["old"]}"#,
            "routes/schemas/order.2.json": ##"""
            {"type": "object", "required": ["total"], "properties": {"total": {"$ref": "money.json#/$defs/cents"}},
             "$defs": {"again": {"$ref": "#/properties/total"}}}
            """##,
            "routes/schemas/money.json": #"{"$defs": {"cents": {"type": "integer", "minimum": 0}}}"#,
        ])
    }

    private static func json(_ project: Project, _ arguments: String...) throws -> JSONValue {
        let done = try hookswitch(["catalogue"] + arguments + ["--project", project.folder])
        #expect(done.code == 0, "\(done.err)")
        return try done.json
    }

    @Test func `types are listed with senders and receivers`() throws {
        let project = try Self.project()
        let listed = try Self.json(project, "-o", "json")
        #expect(listed.text("schema") == "hookswitch/catalogue@1")
        let type = try #require(listed.list("types").first)
        #expect(type.text("type") == "order.created" && type.at("current") == 2)
        #expect(type.list("senders") == ["shop", "lab"])
        #expect(type.list("receivers").map { $0.text("destination") } == ["erp"])
        #expect(type.list("versions").map { $0.at("deprecated") } == ["2026-06-30", .null])
        let text = try hookswitch("catalogue", "--project", project.folder)
        #expect(text.out.contains("order.created") && text.out.contains("ends 2027-06-30"))
        let shown = try Self.json(project, "show", "order.created@2", "--json")
        #expect(shown.list("schemas").count == 1)
        let unknown = try hookswitch("catalogue", "show", "order.creatd", "--project", project.folder)
        #expect(unknown.code == 64 && unknown.err.contains("order.created"))
        let page = try hookswitch("catalogue", "markdown", "--project", project.folder)
        #expect(page.out.contains("## order.created") && page.out.contains("| 2 | current |"))
    }

    /// What AsyncAPI 3.0.0 requires of the objects that are used: <https://www.asyncapi.com/docs/reference/specification/v3.0.0>.
    @Test func `AsyncAPI has what the standard requires, and no reference leads nowhere`() throws {
        let project = try Self.project()
        let document = try Self.json(project, "asyncapi", "--json")
        #expect(document.text("asyncapi") == "3.0.0")
        #expect(document.text("info.title") != nil && document.text("info.version") != nil)
        guard case .object(let channels)? = document["channels"], case .object(let operations)? = document["operations"]
        else { throw TestFailure("no channels or operations") }
        #expect(channels.map(\.key) == ["in.shop", "in.lab", "out.erp"])
        for channel in channels {
            guard case .object(let messages)? = channel.value["messages"] else { throw TestFailure("no messages") }
            #expect(messages.map(\.key) == ["order.created.v1", "order.created.v2"])
        }
        for operation in operations {
            #expect(["send", "receive"].contains(operation.value["action"]?.stringValue))
            #expect(operation.value["channel"]?["$ref"] != nil)
        }
        for reference in Self.references(document) {
            #expect(reference.hasPrefix("#/"), "\(reference)")
            let found = try JSONDocument(parsing: document.encoded()).node(at: String(reference.dropFirst()))
            #expect(found != nil, "\(reference)")
        }
        #expect(Self.references(document).contains { $0.hasSuffix("money.json/schema/$defs/cents") })
        let yaml = try hookswitch("catalogue", "asyncapi", "--project", project.folder)
        #expect(yaml.code == 0 && yaml.out.hasPrefix("asyncapi: \"3.0.0\""))
    }

    private static func references(_ value: JSONValue) -> [String] {
        switch value {
        case .array(let items): items.flatMap(Self.references)
        case .object(let members):
            members.flatMap { $0.key == "$ref" ? [$0.value.stringValue ?? ""] : Self.references($0.value) }
        default: []
        }
    }

    @Test func `a schema is learned from files`() throws {
        let project = try Self.project()
        try project.write("a.json", #"{"id": "A", "total": 5}"#)
        try project.write("b.ndjson", "{\"id\": \"B\"}\n{\"id\": \"C\", \"total\": 1.5}\n")
        let done = try hookswitch("catalogue", "infer", "a.json", "b.ndjson", "--json", folder: project.folder)
        #expect(done.code == 0 && done.err.contains("3 events"))
        #expect(try done.json.list("required") == ["id"])
        #expect(try done.json.text("properties.total.type") == "number")
        let none = try hookswitch("catalogue", "infer", "nothing.json", folder: project.folder)
        #expect(none.code == 65)
    }

    @Test func `invalid events are refused, or kept aside and released`() throws {
        let sink = try Sink()
        let project = try Self.project(sink.url)
        let server = try Server(project)
        func post(_ source: String, _ body: String) throws -> HTTP.Answer {
            try HTTP.post(server.ingest, "/in/\(source)", [("content-type", "application/json")], body)
        }
        let refused = try post("shop", #"{"total": -1}"#)
        let problem = try refused.json
        #expect(refused.status == 422 && problem.text("code") == "event/schema")
        let first = try #require(problem.list("errors").first)
        #expect(first.text("pointer") == "/total" && first.text("code") == "minimum")
        #expect(first.text("rule") == "routes/schemas/money.json#/$defs/cents/minimum")
        #expect(try post("lab", #"{"total": -1}"#).status == 202)
        #expect(try post("lab", "{}").status == 202)
        let held = try server.ask("held", "list", "--kind", "quarantine").list("items")
        #expect(held.map { $0.text("kind") } == ["quarantine", "quarantine"])
        #expect(held.allSatisfy { $0.at("route") == .null && $0.list("errors").count == 1 })
        let still = try server.ask("held", "replay", "--yes", code: 1)
        #expect(still.at("count") == 0 && still.list("failed").count == 2)
        #expect(sink.received("/erp").isEmpty)
        // Repaired: what is right now goes, the other one stays.
        try project.write("routes/schemas/money.json", #"{"$defs": {"cents": {"type": "integer"}}}"#)
        #expect(try server.run(["reload", "--wait"]).code == 0)
        #expect(try server.ask("held", "replay", "--yes", code: 1).at("count") == 1)
        #expect(try sink.wait("/erp").first.map { String(decoding: $0.body, as: UTF8.self) } == #"{"total": -1}"#)
        #expect(try server.ask("held", "replay", "--yes", "--force").at("count") == 1)
        try sink.wait("/erp", 2)
        #expect(try server.ask("held", "list").list("items").isEmpty)
    }
}
