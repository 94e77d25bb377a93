// SPDX-License-Identifier: Apache-2.0
package import HookCore
import HookDeliver

extension DiffReport {
    /// One side of a comparison, as people named it.
    package struct Name: Sendable {
        /// As it was asked for: `main`, `HEAD~1`, `work tree`.
        package let text: String
        package let revision: RevisionID
        package let gitCommit: String?

        package init(text: String, revision: RevisionID, gitCommit: String?) {
            self.text = text
            self.revision = revision
            self.gitCommit = gitCommit
        }

        var json: JSONValue {
            [
                "name": .string(self.text), "revision": .string(self.revision.text),
                "git_commit": .text(self.gitCommit),
            ]
        }
    }

    /// Most differences of one body that are listed.
    package static let differencesMax = 20

    /// `hookswitch/diff@1`; keys are only ever added.
    package func json(from old: Name, to new: Name, events: String) -> JSONValue {
        [
            "schema": "hookswitch/diff@1",
            "old": old.json,
            "new": new.json,
            "events": [
                "from": .string(events), "count": .int(self.events), "changed": .int(self.eventsChanged),
            ],
            "identical": .bool(self.isEmpty),
            "deliveries": [
                "before": .int(self.before.deliveries), "after": .int(self.after.deliveries),
                "alike": .int(self.alike), "appeared": .int(self.count(.appeared)),
                "vanished": .int(self.count(.vanished)), "changed": .int(self.count(.changed)),
            ],
            "unmatched": ["before": .int(self.before.unmatched), "after": .int(self.after.unmatched)],
            "held": ["before": .int(self.before.held), "after": .int(self.after.held)],
            "refused": ["before": .int(self.before.refused), "after": .int(self.after.refused)],
            "configuration": .array(self.plan.changes.map(\.json)),
            "groups": .array(self.groups.map(\.json)),
        ]
    }
}

extension DiffReport.Group {
    fileprivate var json: JSONValue {
        let example = self.example
        return [
            "kind": .string(self.key.kind.rawValue),
            "route": .text(self.key.route?.text),
            "destination": .text(self.key.destination?.text),
            "what": .string(self.key.what),
            "count": .int(self.count),
            "example": [
                "event": [
                    "label": .string(example.event.label), "id": .string(example.event.id.description),
                    "source": .string(example.event.source.text), "type": .string(example.event.type),
                ],
                "before": example.before.map(\.json) ?? .null,
                "after": example.after.map(\.json) ?? .null,
                "fate_before": .text(example.fateBefore),
                "fate_after": .text(example.fateAfter),
                "diff": .array(
                    example.bodyDifferences.prefix(DiffReport.differencesMax).map {
                        [
                            "op": .string($0.operation.rawValue), "path": .string($0.path), "old": $0.old ?? .null,
                            "value": $0.value ?? .null,
                        ]
                    }),
            ],
        ]
    }
}

extension DiffReport.Example {
    /// What turns the body before into the body after, where both are JSON.
    package var bodyDifferences: [JSONDifference] {
        guard let before, let after, before.body != after.body, let old = before.value, let new = after.value else {
            return []
        }
        return JSONComparison.differences(from: old, to: new)
    }

    /// The bodies are other bytes and the same JSON value: keys in another order, numbers spelled otherwise.
    package var isSameValue: Bool {
        guard let before, let after, before.body != after.body, let old = before.value, let new = after.value else {
            return false
        }
        return JSONComparison.isEqual(old, new)
    }
}

extension DiffReport.Request {
    /// The body as JSON; nil where it is none.
    fileprivate var value: JSONValue? {
        // Whatever does not parse is compared as bytes.
        try? JSONValue(parsing: self.body)
    }

    fileprivate var json: JSONValue {
        let text = String(validating: self.body, as: UTF8.self)
        guard let outbound = self.outbound else { return ["problem": .text(self.problem)] }
        return [
            "method": .string(outbound.method), "url": .string(outbound.url),
            "headers": .array(outbound.headers.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "body": self.value ?? text.map { .string($0) } ?? ["bytes": .int(self.body.count), "encoding": "binary"],
        ]
    }
}
