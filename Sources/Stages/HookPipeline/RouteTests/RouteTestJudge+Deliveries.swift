// SPDX-License-Identifier: Apache-2.0
// The exact set of deliveries, and what is said of each.
import HookConfig
import HookCore
import HookDeliver

extension RouteTestJudge {
    /// Each expected delivery takes the one that fits best, none may be left over.
    func judgeDeliveries(
        _ expected: [RouteTestSpec.ExpectedDelivery], _ run: RouteTestRun, at path: Path
    ) -> [Failure] {
        let path = path + [.key("deliveries")]
        let found = run.deliveries
        var rest = Array(found.indices)
        var open: [Int] = []
        // Those that fit take their delivery first: one that does not must not take it away from them.
        for (place, want) in expected.enumerated() {
            if let fit = rest.first(where: { self.isFor(found[$0], want) && self.fits(found[$0], want) }) {
                rest.removeAll { $0 == fit }
            } else {
                open.append(place)
            }
        }
        var failures: [Failure] = []
        for place in open {
            let want = expected[place]
            let candidates = rest.filter { self.isFor(found[$0], want) }.map { index in
                (index, self.differences(want, found[index], at: path + [.index(place)]))
            }
            if let nearest = candidates.min(by: { Self.weight($0.1) < Self.weight($1.1) }) {
                failures += nearest.1
                rest.removeAll { $0 == nearest.0 }
            } else {
                let route = want.route.map { " by route \($0)" } ?? ""
                failures.append(
                    self.failure(
                        "deliveries", "one to \(want.to)\(route)", Self.list(found.map(\.destination.text)),
                        at: path + [.index(place)]))
            }
        }
        return failures
            + rest.map { index in
                let body = String(decoding: found[index].body.prefix(200), as: UTF8.self)
                return self.failure(
                    "deliveries", "none to \(found[index].destination)",
                    "one by route \(found[index].ticket.route): \(body)", at: path)
            }
    }

    private func isFor(_ found: RouteTestRun.Delivery, _ want: RouteTestSpec.ExpectedDelivery) -> Bool {
        found.destination.text == want.to && (want.route == nil || found.ticket.route.text == want.route)
    }

    /// Whether ``differences(_:_:at:)`` would find none; without looking for the places of any.
    private func fits(_ found: RouteTestRun.Delivery, _ want: RouteTestSpec.ExpectedDelivery) -> Bool {
        if let version = want.version, version != found.version { return false }
        if let method = want.method, method != found.request?.method { return false }
        if let url = want.url, url != found.request?.url { return false }
        if let golden = want.golden, !Self.isGolden(found.body, self.files[golden]) { return false }
        for header in want.headers where Self.header(header.name, of: found) != header.value { return false }
        if let body = want.body, !JSONComparison.isEqual(body, found.value) { return false }
        if let part = want.contains, !JSONComparison.missing(part, in: found.value).isEmpty { return false }
        return true
    }

    private static func header(_ name: String, of found: RouteTestRun.Delivery) -> String? {
        let name = name.lowercased()
        return found.request?.headers.first { $0.name.lowercased() == name }?.value
    }

    /// One newline at the end is the editor's.
    private static func isGolden(_ body: [UInt8], _ file: [UInt8]?) -> Bool {
        guard let file else { return false }
        return body == file || (file.last == 0x0A && body.elementsEqual(file.dropLast()))
    }

    private static func weight(_ failures: [Failure]) -> Int {
        failures.reduce(0) { $0 + max(1, $1.differences.count) }
    }

    private func differences(
        _ want: RouteTestSpec.ExpectedDelivery, _ found: RouteTestRun.Delivery, at path: Path
    ) -> [Failure] {
        var failures: [Failure] = []
        if want.body != nil || want.contains != nil {
            let value = found.value
            if let body = want.body {
                failures += self.judgeJSON(
                    JSONComparison.differences(from: body, to: value), "body", want, body, value, at: path)
            }
            if let part = want.contains {
                failures += self.judgeJSON(
                    JSONComparison.missing(part, in: value), "contains", want, part, value, at: path)
            }
        }
        if let golden = want.golden { failures += self.judgeGolden(golden, want, found, at: path) }
        if let version = want.version, version != found.version {
            failures.append(
                self.failure(
                    "version of \(want.to)", "\(version)", found.version.map(String.init) ?? "none",
                    at: path + [.key("version")]))
        }
        let request = found.request
        for (key, wanted, got) in [("method", want.method, request?.method), ("url", want.url, request?.url)] {
            guard let wanted, wanted != got else { continue }
            failures.append(self.failure("\(key) of \(want.to)", wanted, got ?? "no request", at: path + [.key(key)]))
        }
        for header in want.headers {
            let value = Self.header(header.name, of: found)
            if value != header.value {
                failures.append(
                    self.failure(
                        "header \(header.name) of \(want.to)", header.value, value ?? "none",
                        at: path + [.key("headers"), .key(header.name)]))
            }
        }
        return failures
    }

    /// One failure for a body, at its first difference.
    private func judgeJSON(
        _ differences: [JSONDifference], _ key: String, _ want: RouteTestSpec.ExpectedDelivery, _ expected: JSONValue,
        _ found: JSONValue, at path: Path
    ) -> [Failure] {
        let differences = self.inOrder(differences, at: path + [.key(key)])
        guard let first = differences.first else { return [] }
        let place: Path = path + [.key(key), .json(first.path)]
        var failure: Failure
        if differences.count == 1 {
            let inside = first.path.isEmpty ? "" : ".\(first.path)"
            failure = self.failure(
                "body of \(want.to)\(inside)", first.old?.text ?? "nothing", first.value?.text ?? "nothing", at: place)
        } else {
            failure = self.failure(
                "body of \(want.to)", key == "contains" ? "something that contains \(expected.text)" : expected.text,
                found.text, at: place)
        }
        failure.differences = differences
        return [failure]
    }

    /// In the order in which the author wrote the members; of many the first few, since nobody reads them all.
    private func inOrder(_ differences: [JSONDifference], at path: Path) -> [JSONDifference] {
        guard differences.count > 1, differences.count <= Self.sortedMax else { return differences }
        return differences.enumerated().map { place, difference in
            (self.places.mark(of: path + [.json(difference.path)], in: self.test.mark), place, difference)
        }.sorted { ($0.0.line, $0.0.column, $0.1) < ($1.0.line, $1.0.column, $1.1) }.map(\.2)
    }

    private static let sortedMax = 100

    private func judgeGolden(
        _ file: String, _ want: RouteTestSpec.ExpectedDelivery, _ found: RouteTestRun.Delivery, at path: Path
    ) -> [Failure] {
        let expected = self.files[file]
        if Self.isGolden(found.body, expected) { return [] }
        let trimmed = expected.map { $0.last == 0x0A ? Array($0.dropLast()) : $0 }
        let text = String(decoding: found.body, as: UTF8.self)
        var failure = self.failure(
            "body of \(want.to) against \(file)", trimmed.map { String(decoding: $0, as: UTF8.self) } ?? "no such file",
            text, at: path + [.key("golden")])
        failure.golden = ProjectFiles.File(
            path: file, bytes: found.body.last == 0x0A ? found.body : found.body + [0x0A])
        if let trimmed {
            // Where both are JSON the members that differ say more than two long lines.
            if let old = try? JSONValue(parsing: trimmed), let new = try? JSONValue(parsing: found.body) {
                failure.differences = JSONComparison.differences(from: old, to: new)
            }
            failure.lines = LineDiff.unified(from: trimmed, to: found.body)
        }
        return [failure]
    }
}

extension JSONComparison {
    /// What of `part` is not in `whole`, or is otherwise there; arrays compare as a whole.
    static func missing(_ part: JSONValue, in whole: JSONValue, at path: String = "") -> [JSONDifference] {
        guard case .object(let members) = part, case .object = whole else {
            return self.differences(from: part, to: whole).map { difference in
                let inner = difference.path
                let isIndex = inner.utf8.first == UInt8(ascii: "[")
                let joined = path.isEmpty || inner.isEmpty || isIndex ? path + inner : "\(path).\(inner)"
                return JSONDifference(
                    operation: difference.operation, path: joined, value: difference.value, old: difference.old)
            }
        }
        return members.flatMap { member -> [JSONDifference] in
            let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
            guard let value = whole[member.key] else {
                return [JSONDifference(operation: .remove, path: inner, value: nil, old: member.value)]
            }
            return self.missing(member.value, in: value, at: inner)
        }
    }
}
