// SPDX-License-Identifier: Apache-2.0
import HookCore
import LuaBridge

/// What a script is called with: `event` and `ctx`.
struct CallArguments {
    let event: Event
    let texts: Texts
    let route: RouteName
    /// Nil for conditions: they are asked before destinations are chosen.
    let destination: DestinationName?
    let revision: RevisionID
    let isTest: Bool

    /// What is spelled out once per event, however many scripts see it.
    struct Texts {
        let id: String
        let time: String

        init(_ event: Event) {
            self.id = event.id.description
            self.time = event.time.rfc3339
        }
    }

    func push(_ arguments: inout LuaArguments) {
        arguments.pushTable { self.fillEvent(&$0) }
        arguments.pushTable(readOnly: "ctx") { self.fillContext(&$0) }
    }

    private func fillEvent(_ table: inout LuaTableWriter) {
        table.set("id", self.texts.id)
        table.set("type", self.event.type)
        if let version = self.event.version { table.set("version", Int64(version)) }
        table.set("time", self.texts.time)
        table.set("source", self.event.source.text)
        if let subject = self.event.subject { table.set("subject", subject) }
        table.set("headers") { $0.pushTable(readOnly: "event.headers") { self.fillHeaders(&$0) } }
        table.set("query") { $0.pushTable(readOnly: "event.query") { self.fillQuery(&$0) } }
        if let data = self.event.data {
            // The tape holds the last of repeated keys only, so look-ups may stop at the first.
            table.set("data") { $0.pushJSON(data.bytes, nodes: data.nodes) }
        }
        table.set("raw") { $0.push(self.event.body) }
        table.set("meta") { $0.pushTable(readOnly: "event.meta") { self.fillMeta(&$0) } }
    }

    /// The first field of each name: repeated ones are rare, and joining them with commas is wrong for some.
    private func fillHeaders(_ table: inout LuaTableWriter) {
        let headers = self.event.headers
        for field in headers.fields.reversed() {
            table.set(bytes: headers.bytes[field.name]) { $0.push(headers.bytes[field.value]) }
        }
    }

    private func fillQuery(_ table: inout LuaTableWriter) {
        guard !self.event.query.isEmpty else { return }
        for pair in QueryFields.pairs(self.event.query).reversed() { table.set(pair.name, pair.value) }
    }

    private func fillMeta(_ table: inout LuaTableWriter) {
        table.set("path", self.event.path)
        table.set("method", self.event.method)
        if let senderID = self.event.senderID { table.set("sender_id", senderID) }
    }

    private func fillContext(_ table: inout LuaTableWriter) {
        table.set("route", self.route.text)
        if let destination = self.destination { table.set("destination", destination.text) }
        table.set("revision", self.revision.text)
        table.set("now", self.event.time.milliseconds)
        table.set("test", self.isTest)
    }
}
