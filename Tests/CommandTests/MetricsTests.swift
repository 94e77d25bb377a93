// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import Testing

/// `/metrics`, health and the log.
@Suite struct MetricsTests {
    private static let types = [
        "build_info": "gauge", "events_received_total": "counter", "ingest_duration_seconds": "histogram",
        "route_evaluations_total": "counter", "script_duration_seconds": "histogram", "script_steps_total": "counter",
        "script_errors_total": "counter", "delivery_attempts_total": "counter",
        "delivery_duration_seconds": "histogram",
        "deliveries_total": "counter", "event_end_to_end_seconds": "histogram", "queue_depth": "gauge",
        "queue_oldest_age_seconds": "gauge", "dead_letters": "gauge", "config_last_reload_successful": "gauge",
        "config_last_reload_success_timestamp_seconds": "gauge", "config_info": "gauge", "store_bytes": "gauge",
        "store_commit_seconds": "histogram", "store_commit_batch_size": "histogram",
    ]

    @Test func `every family is there with its type, and labels hold no ids`() throws {
        let sink = try Sink()
        sink.script("/shaped", [503, 400])
        let server = try Server(try Project.shop(sink.url))
        let event = try server.send("A-1").json.text("id") ?? "?"
        _ = try server.send("F-1", type: "fragile.thing")
        _ = try server.order("{}", token: "wrong")
        try sink.wait("/shaped", 2)
        try server.until("dead", "/api/v1/dead") { $0.list("items").count == 1 }
        try server.until("delivered", "/api/v1/deliveries?state=delivered") { $0.list("items").count == 1 }
        let answer = try HTTP.get(server.admin, "/metrics")
        #expect(answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        let page = try MetricsText(answer.text)
        for (name, type) in Self.types { #expect(page.types["hookswitch_" + name] == type, "\(name)") }
        for name in ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"] {
            #expect(page.types[name] != nil, "\(name)")
        }
        #expect(!answer.text.contains("evt_") && !answer.text.contains("dlv_") && !answer.text.contains(event))
        #expect(page["hookswitch_events_received_total", ["source": "shop", "result": "accepted"]] == 2)
        #expect(page["hookswitch_delivery_attempts_total", ["destination": "shaped", "code": "503"]] == 1)
        #expect(page["hookswitch_dead_letters", ["destination": "shaped"]] == 1)
        #expect(page["hookswitch_script_errors_total", ["route": "fragile"]] == 1)
        #expect(page["hookswitch_config_last_reload_successful", [:]] == 1)
    }

    @Test func `health says whether it lives and whether it can work`() throws {
        let server = try Server(try Project.shop())
        for address in [server.ingest, server.admin] {
            let live = try HTTP.get(address, "/livez")
            #expect(live.status == 200 && live.text.hasPrefix("ok"))
        }
        #expect(try HTTP.get(server.admin, "/readyz").text == "ok\n")
        let verbose = try HTTP.get(server.admin, "/readyz?verbose").json
        #expect(verbose.at("ready") == .bool(true))
        #expect(Set(verbose.list("checks").map { $0.text("name") }) == ["ingest", "store", "config"])
        let status = try server.ask("status")
        #expect(status.text("schema") == "hookswitch/status@1" && status.text("ingest") == server.ingest)
        #expect(try server.run(["status"]).out.contains("revision   \(server.ready.text("revision") ?? "?")"))
    }

    @Test func `the log is JSON lines with constant messages`() throws {
        let sink = try Sink()
        let project = try Project.shop(sink.url)
        let server = try Server(project, ["--log-level", "debug"])
        _ = try server.send("A-1")
        try sink.wait("/shaped")
        try project.write("routes/x.yaml", "version: 1\n")
        try server.log("configuration reloaded")
        #expect(try server.stop() == 0)
        for line in server.process.out.lines.dropFirst() {
            let record = try JSONValue(parsing: Array(line.utf8))
            for key in ["timestamp", "severity_text", "body", "stage"] {
                #expect(record.text(key) != nil, "\(key) in \(line)")
            }
        }
        #expect(server.process.err.text.isEmpty, "\(server.process.err.text)")
    }
}

/// A page in the Prometheus text format, read strictly.
private struct MetricsText {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    private(set) var types: [String: String] = [:]
    private(set) var samples: [Sample] = []

    init(_ text: String) throws {
        var family = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") { continue }
            if line.hasPrefix("# TYPE ") {
                family = words[2]
                guard self.types.updateValue(words[3], forKey: family) == nil else {
                    throw TestFailure("\(family) twice")
                }
                continue
            }
            let sample = try Self.sample(String(line))
            guard sample.name.hasPrefix(family) else { throw TestFailure("\(sample.name) outside its family") }
            self.samples.append(sample)
        }
    }

    private static func sample(_ line: String) throws -> Sample {
        guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
            throw TestFailure("no sample: \(line)")
        }
        let head = line[..<space]
        guard let brace = head.firstIndex(of: "{") else { return Sample(name: String(head), labels: [:], value: value) }
        let pairs = head[head.index(after: brace)...].dropLast().components(separatedBy: "\",").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            return (String(parts[0]), parts[1].trimmingCharacters(in: ["\""]))
        }
        return Sample(name: String(head[..<brace]), labels: Dictionary(uniqueKeysWithValues: pairs), value: value)
    }

    /// The sum of the samples that carry these labels.
    subscript(name: String, labels: [String: String]) -> Double {
        self.samples.filter { sample in sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value } }
            .reduce(0) { $0 + $1.value }
    }
}
