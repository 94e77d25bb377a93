// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import HookCore
import HookDeliver
import HookPipeline

/// An address for trials: gets what the destinations would get, with path and query of each behind its own.
struct TrialAddress {
    private let base: String

    /// - Throws: an exit code where the text is no address.
    init(_ text: String) throws {
        let base = text.contains("://") ? text : "http://\(text)"
        guard let scheme = base.firstRange(of: "://"), ["http", "https"].contains(String(base[..<scheme.lowerBound])),
            let first = base[scheme.upperBound...].first, first != "/", !base.contains("?"), !base.contains("#")
        else { throw Console.fail("\"\(text)\" is no address such as http://127.0.0.1:9000", .usage) }
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    /// One answer a request, in order; a request that cannot be made has a problem instead.
    func send(_ requests: [DryRunReport.Request]) async -> [DryRunReport.Answer] {
        var answers: [DryRunReport.Answer] = []
        for request in requests { answers.append(await self.send(request)) }
        return answers
    }

    private func send(_ request: DryRunReport.Request) async -> DryRunReport.Answer {
        guard let wire = request.wire else {
            return DryRunReport.Answer(url: self.base, status: nil, problem: request.problem)
        }
        let url = self.base + Self.target(of: wire.url)
        let outbound = OutboundRequest(
            method: wire.method, url: url, headers: wire.headers, body: wire.body, signedWith: wire.signedWith)
        do throws(Egress.Failure) {
            let answer = try await Egress.fetch(outbound)
            return DryRunReport.Answer(url: url, status: answer.status, problem: nil)
        } catch {
            return DryRunReport.Answer(url: url, status: nil, problem: error.detail)
        }
    }

    /// Path and query.
    static func target(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://"),
            let slash = url[scheme.upperBound...].firstIndex(where: { $0 == "/" || $0 == "?" })
        else { return "/" }
        return String(url[slash...])
    }
}
