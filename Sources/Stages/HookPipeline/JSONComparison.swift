// SPDX-License-Identifier: Apache-2.0
package import HookCore

/// One difference between two JSON values, in the manner of JSON Patch (RFC 6902).
package struct JSONDifference: Sendable, Equatable {
    package enum Operation: String, Sendable { case add, remove, replace }

    package let operation: Operation
    /// Dots between keys, `[n]` for elements; empty for the whole value.
    package let path: String
    /// The new value; nil for ``Operation/remove``.
    package let value: JSONValue?
    /// The old value; nil for ``Operation/add``.
    package let old: JSONValue?
}

/// Compares JSON values as values: the order of keys and the spelling of numbers do not count.
package enum JSONComparison {
    package static func isEqual(_ left: JSONValue, _ right: JSONValue) -> Bool {
        self.differences(from: left, to: right).isEmpty
    }

    /// Whether everything in `part` stands in `whole`; arrays compare as a whole.
    package static func contains(_ whole: JSONValue, _ part: JSONValue) -> Bool {
        guard case .object(let members) = part else { return self.isEqual(whole, part) }
        return members.allSatisfy { member in whole[member.key].map { self.contains($0, member.value) } ?? false }
    }

    /// What turns `old` into `new`, in the order of the new value's keys, removals last.
    package static func differences(from old: JSONValue, to new: JSONValue) -> [JSONDifference] {
        var found: [JSONDifference] = []
        self.compare(old, new, path: "", into: &found)
        return found
    }

    private static func compare(
        _ old: JSONValue, _ new: JSONValue, path: String, into found: inout [JSONDifference]
    ) {
        switch (old, new) {
        case (.object(let before), .object(let after)):
            for member in after {
                let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
                if let earlier = old[member.key] {
                    self.compare(earlier, member.value, path: inner, into: &found)
                } else {
                    found.append(.init(operation: .add, path: inner, value: member.value, old: nil))
                }
            }
            for member in before where new[member.key] == nil {
                let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
                found.append(.init(operation: .remove, path: inner, value: nil, old: member.value))
            }
        case (.array(let before), .array(let after)):
            for place in 0..<max(before.count, after.count) {
                let inner = "\(path)[\(place)]"
                if place >= before.count {
                    found.append(.init(operation: .add, path: inner, value: after[place], old: nil))
                } else if place >= after.count {
                    found.append(.init(operation: .remove, path: inner, value: nil, old: before[place]))
                } else {
                    self.compare(before[place], after[place], path: inner, into: &found)
                }
            }
        case (.number(let before), .number(let after)):
            if JSONNumber(text: Array(before.utf8)[...]) != JSONNumber(text: Array(after.utf8)[...]) {
                found.append(.init(operation: .replace, path: path, value: new, old: old))
            }
        default:
            // Strings compare by bytes: canonical equivalence would hide a difference.
            if old.encoded() != new.encoded() {
                found.append(.init(operation: .replace, path: path, value: new, old: old))
            }
        }
    }
}
