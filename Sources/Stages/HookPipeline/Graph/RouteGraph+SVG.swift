// SPDX-License-Identifier: Apache-2.0
// The graph as a picture: three columns of boxes, sources, routes, destinations, each set where its neighbours are, and
// an arrow from the row of each target. Monospaced type, so that widths are known without measuring it.

import HookCore

extension RouteGraph {
    /// An SVG 1.1 document: no script, no style from outside, every text escaped.
    package var svg: String { GraphPicture(self).svg }
}

/// Layout and drawing of one graph. Lengths are in pixels at scale 1.
private struct GraphPicture {
    private enum Measure {
        static let character = 7.3
        static let row = 17.0
        static let padding = 10.0
        static let gapBetweenBoxes = 16.0
        static let gapBetweenColumns = 150.0
        static let margin = 24.0
        static let top = 58.0
        /// Longer rows end in an ellipsis; the whole text is the title of the box, which viewers show on hovering.
        static let charactersMax = 52
        /// How often columns are ordered by their neighbours.
        static let sweeps = 4
    }

    struct Box {
        let title: String
        let rows: [String]
        /// How many of the last rows are targets.
        let targets: Int
        let style: String
        var x = 0.0
        var y = 0.0
        var width = 0.0

        /// What its text needs; a column is as wide as its widest box, so that no arrow runs behind a neighbour.
        var ownWidth: Double {
            let longest = ([self.title] + self.rows).map(\.count).max() ?? 0
            return Double(min(longest, Measure.charactersMax)) * Measure.character + 2 * Measure.padding
        }
        var height: Double { Double(self.rows.count + 1) * Measure.row + 2 * Measure.padding - 4 }
        var middle: Double { self.y + self.height / 2 }

        /// The middle of the row of a target.
        func rowMiddle(_ target: Int) -> Double {
            self.y + Measure.padding + (Double(self.rows.count - self.targets + target) + 1.5) * Measure.row
        }
    }

    /// From a box to a box; `target` is the row that it begins at.
    struct Arrow {
        let from: Int
        let to: Int
        let target: Int
    }

    private var sources: [Box]
    private var routes: [Box]
    private var destinations: [Box]
    private let incoming: [Arrow]
    private let outgoing: [Arrow]
    private let title: String

    init(_ graph: RouteGraph) {
        let numbers = GraphNumbers(graph)
        self.title = "Routes of revision \(graph.revision)"
        self.sources = graph.sources.map { Box(title: $0.name.text, rows: $0.lines, targets: 0, style: "s") }
        self.routes = graph.routes.map { route in
            let targets = route.targets.map { "→ \($0.destination)" + ($0.label.isEmpty ? "" : "  \($0.label)") }
            return Box(
                title: route.name.text, rows: route.lines + targets, targets: targets.count,
                style: route.isEnabled ? "r" : "r off")
        }
        self.destinations = graph.destinations.map { Box(title: $0.name.text, rows: $0.lines, targets: 0, style: "d") }
        self.incoming = graph.routes.enumerated().flatMap { place, route in
            route.sources.map { Arrow(from: numbers.source($0), to: place, target: 0) }
        }
        self.outgoing = graph.routes.enumerated().flatMap { place, route in
            route.targets.enumerated().map {
                Arrow(from: place, to: numbers.destination($1.destination), target: $0)
            }
        }
        self.layOut()
    }

    // MARK: Layout

    private mutating func layOut() {
        let columns = [self.sources, self.routes, self.destinations].map { $0.map(\.ownWidth).max() ?? 0 }
        let starts = columns.indices.map { place in
            Measure.margin + columns[..<place].reduce(0) { $0 + $1 + Measure.gapBetweenColumns }
        }
        Self.set(&self.sources, x: starts[0], width: columns[0])
        Self.set(&self.routes, x: starts[1], width: columns[1])
        Self.set(&self.destinations, x: starts[2], width: columns[2])
        Self.stack(&self.routes, by: [:])
        for _ in 0..<Measure.sweeps {
            let (routes, incoming, outgoing) = (self.routes, self.incoming, self.outgoing)
            Self.stack(&self.sources, by: Self.means(incoming.map { ($0.from, routes[$0.to].middle) }))
            Self.stack(
                &self.destinations, by: Self.means(outgoing.map { ($0.to, routes[$0.from].rowMiddle($0.target)) }))
            let (sources, destinations) = (self.sources, self.destinations)
            Self.stack(
                &self.routes,
                by: Self.means(
                    incoming.map { ($0.to, sources[$0.from].middle) }
                        + outgoing.map { ($0.from, destinations[$0.to].middle) }))
        }
        let height = [self.sources, self.routes, self.destinations].map(Self.bottom).max() ?? 0
        Self.centre(&self.sources, in: height)
        Self.centre(&self.routes, in: height)
        Self.centre(&self.destinations, in: height)
    }

    private static func set(_ boxes: inout [Box], x: Double, width: Double) {
        for place in boxes.indices {
            boxes[place].x = x
            boxes[place].width = width
        }
    }

    private static func means(_ pairs: [(box: Int, middle: Double)]) -> [Int: Double] {
        var sums: [Int: (total: Double, count: Double)] = [:]
        for (box, middle) in pairs {
            let (total, count) = sums[box] ?? (0, 0)
            sums[box] = (total + middle, count + 1)
        }
        return sums.mapValues { $0.total / $0.count }
    }

    /// Sets the boxes of a column one below the other, in the order of where each would like to be; those without a wish
    /// stay at the end, in their order.
    private static func stack(_ boxes: inout [Box], by wishes: [Int: Double]) {
        let order = boxes.indices.sorted { left, right in
            (wishes[left] ?? .infinity, left) < (wishes[right] ?? .infinity, right)
        }
        var y = Measure.top
        for place in order {
            boxes[place].y = y
            y += boxes[place].height + Measure.gapBetweenBoxes
        }
    }

    private static func bottom(_ boxes: [Box]) -> Double { boxes.map { $0.y + $0.height }.max() ?? Measure.top }

    private static func centre(_ boxes: inout [Box], in height: Double) {
        let shift = (height - self.bottom(boxes)) / 2
        for place in boxes.indices { boxes[place].y += shift }
    }

    // MARK: Drawing

    var svg: String {
        let boxes = self.sources + self.routes + self.destinations
        let width = (boxes.map { $0.x + $0.width }.max() ?? 200) + Measure.margin
        let height = Self.bottom(boxes) + Measure.margin
        let size = "width=\"\(Self.text(width))\" height=\"\(Self.text(height))\""
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) viewBox=\"0 0 \(Self.text(width)) \(Self.text(height))\""
                + " role=\"img\" xml:space=\"preserve\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"12\">",
            "<title>\(Self.escaped(self.title))</title>", Self.head,
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
        ]
        lines += self.headings
        lines += self.incoming.map { arrow in
            let (from, to) = (self.sources[arrow.from], self.routes[arrow.to])
            return Self.curve(from.x + from.width, from.middle, to.x, to.y + Measure.padding + Measure.row / 2)
        }
        lines += self.outgoing.map { arrow in
            let (from, to) = (self.routes[arrow.from], self.destinations[arrow.to])
            return Self.curve(from.x + from.width, from.rowMiddle(arrow.target) - 2, to.x, to.middle)
        }
        lines += boxes.map(Self.draw)
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static let head = """
        <defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
        <path d="M0,0 L8,4 L0,8 z" fill="#64748b"/></marker></defs>
        <style>rect.s{fill:#e0f2fe;stroke:#0369a1}rect.r{fill:#f8fafc;stroke:#475569}rect.d{fill:#dcfce7;stroke:#15803d}\
        rect.off{stroke-dasharray:5 4}path.e{fill:none;stroke:#64748b;stroke-width:1.2}text{fill:#0f172a}\
        text.b{font-weight:bold}text.t{fill:#334155}text.h{fill:#64748b;font-size:13px}</style>
        """

    private var headings: [String] {
        [("sources", self.sources), ("routes", self.routes), ("destinations", self.destinations)].compactMap {
            name, boxes in
            boxes.first.map { "<text class=\"h\" x=\"\(Self.text($0.x))\" y=\"34\">\(name)</text>" }
        }
    }

    private static func curve(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        let bend = max((x2 - x1) / 2, 30)
        let points = [x1, y1, x1 + bend, y1, x2 - bend, y2, x2 - 1, y2].map(self.text)
        return "<path class=\"e\" marker-end=\"url(#a)\" d=\"M\(points[0]),\(points[1]) "
            + "C\(points[2]),\(points[3]) \(points[4]),\(points[5]) \(points[6]),\(points[7])\"/>"
    }

    private static func draw(_ box: Box) -> String {
        var lines = [
            "<g><title>\(self.escaped(([box.title] + box.rows).joined(separator: "\n")))</title>",
            "<rect class=\"\(box.style)\" x=\"\(self.text(box.x))\" y=\"\(self.text(box.y))\" "
                + "width=\"\(self.text(box.width))\" height=\"\(self.text(box.height))\" rx=\"6\"/>",
        ]
        for (place, row) in ([box.title] + box.rows).enumerated() {
            let isTarget = place > box.rows.count - box.targets
            let style = place == 0 ? "b" : isTarget ? "e" : "t"
            let y = box.y + Measure.padding + Double(place) * Measure.row + 11
            lines.append(
                "<text class=\"\(style)\" x=\"\(self.text(box.x + Measure.padding))\" y=\"\(self.text(y))\">"
                    + "\(self.escaped(self.shortened(row)))</text>")
        }
        return (lines + ["</g>"]).joined(separator: "\n")
    }

    private static func shortened(_ text: String) -> String {
        text.count > Measure.charactersMax ? "\(text.prefix(Measure.charactersMax - 1))…" : text
    }

    /// XML 1.0 has no control characters, not even escaped.
    private static func escaped(_ text: String) -> String {
        let clean = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 && $0 != "\n" ? " " : $0 }))
        return clean.replacingScalars(["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;"])
    }

    /// One decimal.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
