// SPDX-License-Identifier: Apache-2.0
package import HookCore

extension RouteGraph {
    /// An indented tree: sources, their routes, their destinations.
    package var tree: [String] {
        let open = self.routesWithoutSource
        var roots: [(head: String, routes: [Route])] = self.sources.map { source in
            ("\(source.name)  \(source.lines.joined(separator: ", "))", self.routes(of: source.name))
        }
        if !open.isEmpty { roots.append(("(no source)", open)) }
        let reached = Set(self.routes.flatMap { $0.targets.map(\.destination) })
        let idle = self.destinations.filter { !reached.contains($0.name) }
        return roots.flatMap { root in
            [root.head] + (root.routes.isEmpty ? ["└─ (no route takes its events)"] : self.branches(root.routes))
        } + (idle.isEmpty ? [] : ["(no route)"] + idle.map { "   \($0.name)  \($0.lines[0])" })
    }

    private func branches(_ routes: [Route]) -> [String] {
        routes.enumerated().flatMap { place, route -> [String] in
            let isLast = place == routes.count - 1
            let (corner, bar) = isLast ? ("└─ ", "   ") : ("├─ ", "│  ")
            let lines = route.lines.joined(separator: " · ")
            return ["\(corner)\(route.name)  \(lines)"]
                + route.targets.enumerated().map { at, target in
                    let label = target.label.isEmpty ? "" : "  \(target.label)"
                    let isEnd = at == route.targets.count - 1 && route.emits == nil
                    return "\(bar)\(isEnd ? "└─ " : "├─ ")→ \(target.destination)\(label)"
                }
                + (route.emits.map { type, takers in
                    let words = takers.isEmpty ? "no route takes it" : takers.map(\.text).joined(separator: ", ")
                    return ["\(bar)└─ ⇒ \(type)  (\(words))"]
                } ?? [])
        }
    }

    /// Mermaid flow chart (mermaid.js.org/syntax/flowchart.html). Names cannot hold anything that needs escaping; labels
    /// are quoted, and what means something inside of quotes is written as an entity code.
    package var mermaid: [String] {
        var lines = ["flowchart LR"]
        let numbers = GraphNumbers(self)
        for source in self.sources {
            lines.append("  s\(numbers.source(source.name))([\"\(Self.entities([source.name.text] + source.lines))\"])")
        }
        for (place, route) in self.routes.enumerated() {
            lines.append("  r\(place)[\"\(Self.entities([route.name.text] + route.lines))\"]")
        }
        for destination in self.destinations {
            let label = Self.entities([destination.name.text] + destination.lines)
            lines.append("  d\(numbers.destination(destination.name))[[\"\(label)\"]]")
        }
        for (place, route) in self.routes.enumerated() {
            for source in route.sources { lines.append("  s\(numbers.source(source)) --> r\(place)") }
            for target in route.targets {
                let label = target.label.isEmpty ? "" : "|\"\(Self.entities([target.label]))\"|"
                lines.append("  r\(place) -->\(label) d\(numbers.destination(target.destination))")
            }
            for taker in route.emits?.takers ?? [] {
                guard let at = self.routes.firstIndex(where: { $0.name == taker }) else { continue }
                lines.append("  r\(place) -.->|\"\(Self.entities([route.emits?.type ?? ""]))\"| r\(at)")
            }
        }
        return lines
    }

    private static func entities(_ lines: [String]) -> String {
        lines.map { line in
            line.unicodeScalars.reduce(into: "") { text, scalar in
                switch scalar {
                case "\"", "#", "<", ">", "&", "`", "\\", ";", "|", "\n", "\r": text += "#\(scalar.value);"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }.joined(separator: "<br/>")
    }

    /// Graphviz (graphviz.org/doc/info/lang.html): identifiers and labels as quoted strings.
    package var dot: [String] {
        var lines = [
            "digraph hookswitch {", "  rankdir=LR;",
            "  node [shape=box, style=rounded, fontname=\"monospace\", fontsize=10];",
            "  edge [fontname=\"monospace\", fontsize=9];",
        ]
        for source in self.sources {
            lines.append(
                "  \(Self.quoted(["source/\(source.name)"])) [label=\(Self.quoted([source.name.text] + source.lines))];"
            )
        }
        for route in self.routes {
            let style = route.isEnabled ? "" : ", style=\"rounded,dashed\""
            let label = Self.quoted([route.name.text] + route.lines)
            lines.append("  \(Self.quoted(["route/\(route.name)"])) [label=\(label)\(style)];")
        }
        for destination in self.destinations {
            let label = Self.quoted([destination.name.text] + destination.lines)
            lines.append(
                "  \(Self.quoted(["destination/\(destination.name)"])) [label=\(label), style=\"rounded,bold\"];")
        }
        for route in self.routes {
            let from = Self.quoted(["route/\(route.name)"])
            for source in route.sources { lines.append("  \(Self.quoted(["source/\(source)"])) -> \(from);") }
            for target in route.targets {
                let label = target.label.isEmpty ? "" : " [label=\(Self.quoted([target.label]))]"
                lines.append("  \(from) -> \(Self.quoted(["destination/\(target.destination)"]))\(label);")
            }
            for taker in route.emits?.takers ?? [] where self.routes.contains(where: { $0.name == taker }) {
                lines.append(
                    "  \(from) -> \(Self.quoted(["route/\(taker)"])) [style=dashed, "
                        + "label=\(Self.quoted([route.emits?.type ?? ""]))];")
            }
        }
        return lines + ["}"]
    }

    /// Each line of a label is set to the left (`\l`) where there are several.
    private static func quoted(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            line.replacingScalars(["\\": "\\\\", "\"": "\\\"", "\n": " ", "\r": " "])
        }
        return "\"\(escaped.count == 1 ? escaped[0] : escaped.map { $0 + "\\l" }.joined())\""
    }

    /// `hookswitch/graph@1`: nodes with ids, and edges between them.
    package var json: JSONValue {
        let sources = self.sources.map { source -> JSONValue in
            [
                "id": .string("source/\(source.name)"), "kind": "source", "name": .string(source.name.text),
                "lines": .array(source.lines.map { .string($0) }),
            ]
        }
        let routes = self.routes.map { route -> JSONValue in
            [
                "id": .string("route/\(route.name)"), "kind": "route", "name": .string(route.name.text),
                "at": .string("\(route.mark.file):\(route.mark.line):\(route.mark.column)"),
                "enabled": .bool(route.isEnabled), "lines": .array(route.lines.map { .string($0) }),
            ]
        }
        let destinations = self.destinations.map { destination -> JSONValue in
            [
                "id": .string("destination/\(destination.name)"), "kind": "destination",
                "name": .string(destination.name.text), "lines": .array(destination.lines.map { .string($0) }),
            ]
        }
        let edges = self.routes.flatMap { route -> [JSONValue] in
            route.sources.map { ["from": .string("source/\($0)"), "to": .string("route/\(route.name)")] }
                + route.targets.map { target in
                    [
                        "from": .string("route/\(route.name)"), "to": .string("destination/\(target.destination)"),
                        "case": .text(target.caseName), "condition": .text(target.condition),
                        "transform": .text(target.script),
                    ]
                }
                + (route.emits?.takers ?? []).map { taker -> JSONValue in
                    [
                        "from": .string("route/\(route.name)"), "to": .string("route/\(taker)"),
                        "event": .text(route.emits?.type),
                    ]
                }
        }
        return [
            "schema": "hookswitch/graph@1", "revision": .string(self.revision.text),
            "nodes": .array(sources + routes + destinations), "edges": .array(edges),
        ]
    }
}

/// The places of names in a graph.
struct GraphNumbers {
    private let sources: [SourceName: Int]
    private let destinations: [DestinationName: Int]

    init(_ graph: RouteGraph) {
        self.sources = Dictionary(graph.sources.enumerated().map { ($1.name, $0) }) { first, _ in first }
        self.destinations = Dictionary(graph.destinations.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    func source(_ name: SourceName) -> Int { self.sources[name] ?? 0 }
    func destination(_ name: DestinationName) -> Int { self.destinations[name] ?? 0 }
}

extension String {
    /// The text with some scalars replaced, all in one pass.
    func replacingScalars(_ replacements: [Unicode.Scalar: String]) -> String {
        self.unicodeScalars.reduce(into: "") { text, scalar in
            if let other = replacements[scalar] { text += other } else { text.unicodeScalars.append(scalar) }
        }
    }
}
