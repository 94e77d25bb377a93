// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookCrypto
import HookTransform

/// What a reload adds, changes, removes and parks, by kind and name.
package struct ReloadPlan: Sendable, Equatable {
    package struct Change: Sendable, Equatable {
        package enum Kind: String, Sendable {
            case added, changed, removed, parked
            /// Takes effect at the next start of the process.
            case deferred
            /// Open windows of the route close under the function that they have.
            case closing
        }

        package let kind: Kind
        /// `source`, `route`, `destination`, `setting`, `windows`.
        package let what: String
        package let name: String
        /// For ``Kind/changed``: what of it, in the words of the route language, as `match` or `policy`.
        package var aspects: [String] = []
    }

    package var changes: [Change] = []

    package init() {}

    /// Compares two configurations by what their parts say, not by where they stand in their files; says what of each
    /// part changed.
    package init(from old: Revision?, to new: Revision) {
        self.init(comparing: old, to: new)
        guard let old, self.changes.contains(where: { $0.kind == .changed }) else { return }
        let words = ReloadWords(old, new)
        self.changes = self.changes.compactMap { change in
            guard let aspects = words.aspects(of: change) else { return nil }
            var change = change
            change.aspects = aspects
            return change
        }
    }

    private init(comparing old: Revision?, to new: Revision) {
        let before = old.map(Self.parts) ?? [:]
        let after = Self.parts(of: new)
        for (key, print) in after.sorted(by: { $0.key < $1.key }) {
            if let earlier = before[key] {
                if earlier != print {
                    self.changes.append(Change(kind: key.changedKind, what: key.what, name: key.name))
                }
            } else {
                self.changes.append(Change(kind: .added, what: key.what, name: key.name))
            }
        }
        for key in before.keys.sorted() where after[key] == nil {
            self.changes.append(Change(kind: .removed, what: key.what, name: key.name))
            if key.what == "destination" {
                self.changes.append(Change(kind: .parked, what: "queue", name: key.name))
            }
        }
        let prints = Set(new.configuration.routes.compactMap { $0.aggregate?.print })
        for route in old?.configuration.routes ?? [] {
            guard let print = route.aggregate?.print, !prints.contains(print) else { continue }
            self.changes.append(Change(kind: .closing, what: "windows", name: route.name.text))
        }
    }

    private struct Key: Hashable, Comparable {
        let what: String
        let name: String

        /// Listeners, store and tokens are taken at the start; retention and the grace are looked at when they are needed.
        var changedKind: Change.Kind {
            self.what == "setting" && !["retention", "shutdown_grace"].contains(self.name) ? .deferred : .changed
        }

        static func < (left: Self, right: Self) -> Bool { (left.what, left.name) < (right.what, right.name) }
    }

    private static func parts(of revision: Revision) -> [Key: [UInt8]] {
        let printer = SpecPrinter(revision: revision)
        var parts: [Key: [UInt8]] = [:]
        for source in revision.configuration.sources {
            parts[Key(what: "source", name: source.name.text)] = printer.digest(source)
        }
        let routes = RoutePrinter(scripts: printer.scripts)
        for route in revision.configuration.routes {
            parts[Key(what: "route", name: route.name.text)] = routes.bytes(of: route)
        }
        for destination in revision.configuration.destinations {
            parts[Key(what: "destination", name: destination.name.text)] = DestinationPrinter.bytes(of: destination)
        }
        for (name, value) in Self.settings(of: revision.configuration.server) {
            parts[Key(what: "setting", name: name)] = printer.digest(value)
        }
        return parts
    }

    /// By their keys in `hookswitch.yaml`.
    private static func settings(of server: ServerSpec) -> [(String, Any)] {
        [
            ("listen", [server.ingestListen, server.adminListen]),
            ("store", (server.storePath, server.storeReserveBytes)),
            ("tokens", server.adminTokens), ("limits", server.ingest), ("retention", server.retention),
            ("shutdown_grace", server.shutdownGrace),
        ]
    }
}

/// A digest of a spec by reflection: marks are left out, scripts stand for their text. Control plane only.
struct SpecPrinter {
    let scripts: [[UInt8]]

    init(revision: Revision) {
        self.scripts = revision.scripts.prints(of: revision.configuration.scripts)
    }

    func digest(_ spec: Any) -> [UInt8] {
        var text: [UInt8] = []
        self.print(spec, to: &text)
        return Digest.sha256(text)
    }

    private func print(_ value: Any, to text: inout [UInt8]) {
        if value is Mark { return }
        if let script = value as? ScriptID {
            text.append(contentsOf: self.scripts[script.index])
            return
        }
        let mirror = Mirror(reflecting: value)
        if mirror.children.isEmpty {
            text.append(contentsOf: "\(value);".utf8)
            return
        }
        text.append(contentsOf: "(".utf8)
        for child in mirror.children {
            text.append(contentsOf: "\(child.label ?? "-"):".utf8)
            self.print(child.value, to: &text)
        }
        text.append(contentsOf: ")".utf8)
    }
}
