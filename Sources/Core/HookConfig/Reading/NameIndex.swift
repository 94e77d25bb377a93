// SPDX-License-Identifier: Apache-2.0
// Names are collected from all files before any value is read, so that the order of files and keys never matters.

internal import HookCore
internal import YAMLBridge

/// The kinds of things that a project names, by their top-level key.
enum NameKind: String, CaseIterable, Sendable {
    case sources, events, routes, destinations, policies, subscribers, secrets, lookups, tests, probes

    /// `no source is called …`.
    var singular: String {
        switch self {
        case .policies: "policy"
        default: String(self.rawValue.dropLast())
        }
    }
}

/// Every name of the project with the place where it is declared first.
struct NameIndex {
    private(set) var marks: [NameKind: [String: Mark]] = [:]
    /// Names that come with the product.
    static let builtIn: [NameKind: Set<String>] = [.policies: ["standard"]]
    /// A file that could not be read may declare anything: unknown names are then no finding.
    var isComplete = true

    func contains(_ name: String, _ kind: NameKind) -> Bool {
        self.marks[kind]?[name] != nil || Self.builtIn[kind]?.contains(name) ?? false
    }

    func mark(of name: String, _ kind: NameKind) -> Mark? { self.marks[kind]?[name] }

    func names(_ kind: NameKind) -> [String] {
        ((self.marks[kind].map { Array($0.keys) } ?? []) + (Self.builtIn[kind] ?? [])).sorted()
    }

    /// Nil where the name is new; else where it was declared before.
    mutating func declare(_ name: String, _ kind: NameKind, at mark: Mark) -> Mark? {
        if let earlier = self.marks[kind]?[name] { return earlier }
        self.marks[kind, default: [:]][name] = mark
        return nil
    }
}
