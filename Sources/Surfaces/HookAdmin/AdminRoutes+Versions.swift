// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookPipeline
import Hummingbird

extension AdminRoutes {
    func addVersionUsage(to api: RouterGroup<Context>) {
        api.get("/catalogue/usage") { request, _ in
            let query = try self.query(request, ["type"])
            let revision = self.router.revision
            let uses = try await self.asking { () throws(StoreFailure) in
                try await self.router.versionUsage.report(with: self.store)
            }
            let chosen = uses.filter { query["type"] == nil || query["type"] == $0.key.type }
            return Response.json(
                VersionUsageReport(uses: chosen, versions: revision.versions, now: self.router.environment.wall()).json)
        }
    }
}

/// `hookswitch/catalogue-usage@1`: who sends and gets which version, those that should move on marked.
struct VersionUsageReport {
    let uses: [VersionUse]
    let versions: VersionTable
    let now: WallTime

    var json: JSONValue {
        var senders: [JSONValue] = []
        var receivers: [JSONValue] = []
        for use in self.uses {
            switch use.key.party {
            case .sender(let source):
                senders.append(.object([.init("source", .string(source.text))] + self.members(of: use)))
            case .receiver(let destination, let route):
                receivers.append(
                    .object(
                        [.init("destination", .string(destination.text)), .init("route", .string(route.text))]
                            + self.members(of: use)))
            }
        }
        return [
            "schema": "hookswitch/catalogue-usage@1", "senders": .array(senders), "receivers": .array(receivers),
        ]
    }

    private func members(of use: VersionUse) -> [JSONValue.Member] {
        var number: Int?
        if case .declared(let version) = use.key.version { number = version }
        let facts = self.versions.facts(of: use.key.type, number)
        return [
            .init("type", .string(use.key.type)),
            .init("version", number.map { .int($0) } ?? .null),
            .init("label", .string(use.key.version.text)),
            .init("status", .string(self.status(of: use.key.version, facts))),
            .init("deprecated", .text(facts?.deprecated?.rfc3339)),
            .init("sunset", .text(facts?.sunset?.rfc3339)),
            .init("count", .int(use.count)),
            .init("first_seen", .string(use.first.rfc3339)),
            .init("last_seen", .string(use.last.rfc3339)),
        ]
    }

    /// `current`, `supported`, `deprecated`, `sunset`, `gone`, `undeclared`, `none`.
    private func status(of version: VersionUse.Version, _ facts: EventVersionFacts?) -> String {
        switch version {
        case .undeclared, .missing: return version.text
        case .declared:
            guard let facts else { return "gone" }
            if let sunset = facts.sunset, sunset <= self.now { return "sunset" }
            if let deprecated = facts.deprecated, deprecated <= self.now { return "deprecated" }
            return facts.isCurrent ? "current" : "supported"
        }
    }
}
