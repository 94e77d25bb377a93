// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore

/// `hookswitch serve` on a project, on free ports.
final class Server: Sendable {
    let process: ChildProcess
    /// Its folder must stay as long as the process runs.
    private let project: Project
    let ready: JSONValue
    let ingest: String
    let admin: String

    init(_ project: Project, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let process = try Self.spawn(project, arguments, environment)
        self.process = process
        self.project = project
        do {
            let line = try process.out.line("the ready line") { _ in true }
            let ready = try JSONValue(parsing: Array(line.utf8))
            self.ready = ready
            self.ingest = ready.text("ingest") ?? ""
            self.admin = ready.text("admin") ?? ""
        } catch {
            process.end()
            throw TestFailure("\(error)\n\(process.out.text)\n\(process.err.text)")
        }
    }

    deinit { self.process.end() }

    static func spawn(
        _ project: Project, _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            ["serve", "--project", project.folder, "--ingest", "127.0.0.1:0", "-o", "json"]
                + (arguments.contains("--admin") ? [] : ["--admin", "127.0.0.1:0"]) + arguments,
            environment: Project.secrets.merging(environment) { $1 })
    }

    /// A command against this server, its result as JSON.
    func ask(_ arguments: String..., code: Int32 = 0) throws -> JSONValue {
        let done = try self.run(arguments + ["-o", "json"])
        guard done.code == code else {
            throw TestFailure("\(arguments) ended with \(done.code): \(done.out)\(done.err)")
        }
        return try done.json
    }

    func run(_ arguments: [String]) throws -> Finished {
        try hookswitch(arguments, environment: ["HOOKSWITCH_SERVER": "http://\(self.admin)"])
    }

    /// Posts an order to the shop.
    func order(_ body: String, token: String = "marker-shop-token-4711") throws -> HTTP.Answer {
        try HTTP.post(
            self.ingest, "/in/shop", [("authorization", "Bearer \(token)"), ("content-type", "application/json")], body)
    }

    func send(_ id: String, type: String = "order.created", total: Int = 12) throws -> HTTP.Answer {
        try self.order(#"{"type":"\#(type)","id":"\#(id)","total":\#(total)}"#)
    }

    /// Waits until a list of the API is as it should be.
    @discardableResult
    func until(_ what: String, _ target: String, _ isIt: (JSONValue) -> Bool) throws -> JSONValue {
        try eventually(what) {
            let answer = try HTTP.get(self.admin, target).json
            return isIt(answer) ? answer : nil
        }
    }

    /// Waits for a line of the log.
    @discardableResult
    func log(_ message: String) throws -> JSONValue {
        let line = try self.process.out.line("log \"\(message)\"") { $0.contains("\"body\":\"\(message)") }
        return try JSONValue(parsing: Array(line.utf8))
    }

    /// Asks to stop, and waits; the exit code.
    func stop() throws -> Int32 {
        self.process.signalProcess(SIGTERM)
        return try self.process.wait()
    }
}
