// SPDX-License-Identifier: Apache-2.0
// The exact set of events that routes emitted, and what is said of each.
import HookConfig
import HookCore

extension RouteTestJudge {
    /// Each expected event takes one that fits, none may be left over.
    func judgeEmitted(_ expected: [RouteTestSpec.ExpectedEvent], _ run: RouteTestRun, at path: Path) -> [Failure] {
        let path = path + [.key("emitted")]
        let found = run.emitted
        var rest = Array(found.indices)
        var open: [Int] = []
        for (place, want) in expected.enumerated() {
            if let fit = rest.first(where: { Self.isOfType(found[$0], want) && Self.fits(found[$0], want) }) {
                rest.removeAll { $0 == fit }
            } else {
                open.append(place)
            }
        }
        var failures: [Failure] = []
        for place in open {
            let want = expected[place]
            let near = rest.filter { Self.isOfType(found[$0], want) }
                .min { Self.differences(found[$0], want).count < Self.differences(found[$1], want).count }
            if let near {
                rest.removeAll { $0 == near }
                failures.append(self.failure(of: found[near], want, at: path + [.index(place)]))
            } else {
                failures.append(
                    self.failure(
                        "emitted", "one \(Self.name(want))", Self.list(found.map(\.typeText)),
                        at: path + [.index(place)]))
            }
        }
        return failures
            + rest.map { index in
                let body = String(decoding: found[index].body.prefix(200), as: UTF8.self)
                return self.failure(
                    "emitted", "no \(found[index].typeText)", "\(found[index].typeText): \(body)", at: path)
            }
    }

    private func failure(of found: Event, _ want: RouteTestSpec.ExpectedEvent, at path: Path) -> Failure {
        let differences = Self.differences(found, want)
        let (key, value) = want.data.map { ("data", $0) } ?? ("contains", want.contains ?? .null)
        var failure: Failure
        if differences.count == 1, let only = differences.first {
            let inside = only.path.isEmpty ? "" : ".\(only.path)"
            failure = self.failure(
                "data of \(found.typeText)\(inside)", only.old?.text ?? "nothing", only.value?.text ?? "nothing",
                at: path + [.key(key), .json(only.path)])
        } else {
            failure = self.failure(
                "data of \(found.typeText)", want.data == nil ? "something that contains \(value.text)" : value.text,
                found.dataValue.text, at: path + [.key(key)])
        }
        failure.differences = differences
        return failure
    }

    /// An expectation without a version takes any.
    private static func isOfType(_ found: Event, _ want: RouteTestSpec.ExpectedEvent) -> Bool {
        found.type.utf8.elementsEqual(want.type.utf8) && (want.version == nil || want.version == found.version)
    }

    private static func fits(_ found: Event, _ want: RouteTestSpec.ExpectedEvent) -> Bool {
        self.differences(found, want).isEmpty
    }

    private static func differences(_ found: Event, _ want: RouteTestSpec.ExpectedEvent) -> [JSONDifference] {
        let value = found.dataValue
        return (want.data.map { JSONComparison.differences(from: $0, to: value) } ?? [])
            + (want.contains.map { JSONComparison.missing($0, in: value) } ?? [])
    }

    private static func name(_ want: RouteTestSpec.ExpectedEvent) -> String {
        EventPattern(type: want.type, version: want.version).description
    }
}

extension Event {
    /// `order.digest@1`
    var typeText: String { self.version.map { "\(self.type)@\($0)" } ?? self.type }

    /// The data; the text of the body where it is no JSON.
    var dataValue: JSONValue {
        self.data.map { JSONValue($0) } ?? .string(String(decoding: self.body, as: UTF8.self))
    }
}
