// SPDX-License-Identifier: Apache-2.0
// Events as they pass, as server-sent events (WHATWG HTML, section 9.2). Nothing is woken for a viewer: its ring is
// looked at ten times a second.
import HookCore
import HookPipeline
import Hummingbird
import NIOCore

extension AdminRoutes {
    /// Between two looks at the ring: what a person takes for at once.
    private static let look: Duration = .milliseconds(100)
    /// Without anything to say a comment goes out after so many looks, so that both sides notice when the other is gone.
    private static let looksOfSilence = 100

    func addTap(to api: RouterGroup<Context>) {
        api.get("/tap") { request, _ in
            let view = try self.tapView(request)
            guard let watcher = self.router.signals.tap.watch() else {
                throw AdminProblem(
                    status: 503, code: "api/too-many-viewers", title: "Too many are watching",
                    detail: "At most \(Tap.watchersMax) live views are open at the same time.")
            }
            // What a browser sends when it comes back to a stream.
            let last = request.headers.first { $0.name.canonicalName == "last-event-id" }?.value
            var headers: HTTPFields = [.contentType: "text/event-stream"]
            headers[.cacheControl] = "no-store"
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    let tap = self.router.signals.tap
                    defer { tap.end(watcher) }
                    try await self.show(watcher, view, last, to: &writer)
                    try await writer.finish(nil)
                })
        }
    }

    @concurrent private func show(
        _ watcher: TapWatcher, _ view: TapView, _ last: String?, to writer: inout any ResponseBodyWriter
    ) async throws {
        var view = view
        // Numbers count what this viewer was sent, so that one that comes back learns that time has passed.
        var number = 0
        try await writer.write(ByteBuffer(string: "retry: 2000\n: watching\n\n"))
        if let last {
            let gap: JSONValue = ["schema": "hookswitch/tap-gap@1", "lost": .null, "since": .string(last)]
            try await writer.write(ByteBuffer(bytes: Self.frame(gap, named: "gap", id: nil)))
        }
        var silent = 0
        while !Task.isCancelled {
            // Cancelled with the server: the view is over.
            do { try await self.router.environment.sleep(Self.look) } catch { return }
            let (records, lost) = watcher.takeAll()
            var bytes: [UInt8] = []
            for record in records {
                for line in view.lines(of: record) {
                    number += 1
                    bytes += Self.frame(line.json, named: "tap", id: number)
                }
            }
            if lost > 0 {
                let gap: JSONValue = ["schema": "hookswitch/tap-gap@1", "lost": .int(lost)]
                bytes += Self.frame(gap, named: "gap", id: nil)
            }
            silent = bytes.isEmpty ? silent + 1 : 0
            if silent >= Self.looksOfSilence {
                bytes = Array(":\n\n".utf8)
                silent = 0
            }
            if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
        }
    }

    /// JSON has no line breaks of its own, so the data is one line.
    private static func frame(_ value: JSONValue, named name: String, id: Int?) -> [UInt8] {
        Array((id.map { "id: \($0)\n" } ?? "").utf8) + Array("event: \(name)\ndata: ".utf8) + value.encoded()
            + Array("\n\n".utf8)
    }

    private func tapView(_ request: Request) throws(AdminProblem) -> TapView {
        let known: Set<String> = ["stage", "source", "route", "destination", "where", "payload"]
        // A condition may stand more than once.
        let wheres = request.uri.queryParameters.filter { $0.key == "where" }.map { String($0.value) }
        let others = request.uri.queryParameters.filter { $0.key != "where" }.map { (String($0.key), String($0.value)) }
        let query = try ListQuery(others, allowed: known)
        var view = TapView()
        func list(_ name: String) -> [String] { query[name]?.split(separator: ",").map(String.init) ?? [] }
        for name in list("stage") {
            guard let stage = TapView.stages.first(where: { $0.rawValue == name }) else {
                let words = TapView.stages.map(\.rawValue).joined(separator: ", ")
                throw .badRequest("stage must be one of \(words)")
            }
            view.stages.insert(stage)
        }
        view.sources = Set(list("source").map { SourceName($0) })
        view.routes = Set(list("route").map { RouteName($0) })
        view.destinations = Set(list("destination").map { DestinationName($0) })
        view.showsPayload = try query.flag("payload")
        try self.checkNames(view)
        guard !wheres.isEmpty else { return view }
        do throws(EventCondition.Failure) {
            view.condition = try EventCondition(wheres)
        } catch {
            throw .badRequest("where: \(error.description)\(error.hint.map { " (\($0))" } ?? "")")
        }
        return view
    }

    /// A misspelt name would show nothing, for ever.
    private func checkNames(_ view: TapView) throws(AdminProblem) {
        let configuration = self.router.revision.configuration
        func check(_ kind: String, _ asked: [String], _ known: [String]) throws(AdminProblem) {
            for name in asked where !known.contains(name) {
                let near = NearestName.to(name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
                throw .badRequest("no \(kind) is called \"\(name)\"\(near)")
            }
        }
        try check("source", view.sources.map(\.text), configuration.sources.map(\.name.text))
        try check("route", view.routes.map(\.text), configuration.routes.map(\.name.text))
        try check("destination", view.destinations.map(\.text), configuration.destinations.map(\.name.text))
    }
}
