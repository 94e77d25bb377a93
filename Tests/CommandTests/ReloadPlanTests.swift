// SPDX-License-Identifier: Apache-2.0
import HookCore
import Testing

/// `reload --plan`: what a reload would do.
@Suite struct ReloadPlanTests {
    @Test func `what changes is said in words, with the queue that would be parked`() throws {
        let project = try Project.shop()
        let server = try Server(project, ["--no-watch"])
        // Nobody listens at port 9, so these wait.
        for number in 0..<3 { #expect(try server.send("A-\(number)").status == 202) }
        try project.replace("routes/routes.yaml", "gte: 10", "gte: 50")
        try project.replace("scripts/shape.lua", "order = ", "number = ")
        try project.replace(
            "routes/routes.yaml", "every-order: {event: \"order.*\", to: plain}",
            "every-order: {event: \"order.*\", to: fragile}")
        try project.replace(
            "routes/routes.yaml", "{event: github.push, to: plain}", "{event: github.push, to: fragile}")
        try project.replace(
            "routes/routes.yaml", "{event: \"stripe.*\", to: plain}", "{event: \"stripe.*\", to: fragile}")
        let line = try #require(
            try project.read("routes/destinations.yaml").split(separator: "\n").first { $0.hasPrefix("  plain:") })
        try project.replace("routes/destinations.yaml", String(line) + "\n", "")
        try project.replace("routes/destinations.yaml", "delays: [50ms, 50ms, 50ms]", "delays: [50ms]")
        try project.write("hookswitch.yaml", "limits: {connections: 100}\n")
        let plan = try server.ask("reload", "--plan")
        let changes = plan.list("changes").map { change in
            let aspects = change.list("aspects").compactMap(\.stringValue).joined(separator: "+")
            return "\(change.text("change") ?? "") \(change.text("what") ?? "") \(change.text("name") ?? "") \(aspects)"
        }
        #expect(changes.contains("changed route created match+transform"), "\(changes)")
        #expect(changes.contains("changed route every-order to"), "\(changes)")
        #expect(changes.contains("changed destination shaped policy"), "\(changes)")
        #expect(changes.contains("removed destination plain ") && changes.contains("parked queue plain "), "\(changes)")
        #expect(changes.contains("deferred setting limits "), "\(changes)")
        #expect(plan.text("queues.0.destination") == "plain" && (plan.at("queues.0.pending")?.intValue ?? -1) >= 0)
        let text = try server.run(["reload", "--plan"])
        #expect(text.out.contains("changed  route created: match, transform"), "\(text)")
        #expect(text.out.contains("parked   queue plain: ") && text.out.contains("takes effect at the next start"))
        #expect(try server.ask("config", "status").text("revision") == server.ready.text("revision"))
    }

    @Test func `the last events run through both configurations`() throws {
        let project = try Project.shop()
        let server = try Server(project, ["--no-watch"])
        for number in 0..<6 { #expect(try server.send("A-\(number)", total: number * 10).status == 202) }
        try project.replace("routes/routes.yaml", "gte: 10", "gte: 40")
        let plan = try server.ask("reload", "--plan", "--events", "recorded:4")
        #expect(plan.text("diff.schema") == "hookswitch/diff@1" && plan.at("diff.events.count")?.intValue == 4)
        #expect(plan.text("diff.groups.0.kind") == "vanished" && plan.at("diff.groups.0.count")?.intValue == 2)
        let text = try server.run(["reload", "--plan", "--events", "recorded:100"])
        #expect(text.out.contains("- 3 deliveries  route created → shaped (now not matched)"), "\(text)")
        #expect(try server.run(["reload", "--plan", "--events", "recorded:0"]).code == 64)
        #expect(try server.run(["reload", "--events", "recorded:1"]).code == 64)
        #expect(try server.run(["reload", "--plan", "--events", "recorded:10001"]).err.contains("from 1 to 10000"))
    }
}
