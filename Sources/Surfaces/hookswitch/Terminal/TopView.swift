// SPDX-License-Identifier: Apache-2.0
import HookCore

/// A snapshot as lines that fit a terminal. Columns at the right go first where it is narrow, quiet rows where it is low.
struct TopView {
    let snapshot: TopSnapshot
    let style: Style
    let width: Int
    /// Nil: as many lines as there are.
    let height: Int?

    private struct Table {
        let title: String
        let columns: [String]
        let rows: [[String]]
    }

    func lines(now: WallTime) -> [String] {
        var lines = self.head(now)
        let tables = [self.sources, self.routes, self.destinations]
        // Each table has an empty line and a head.
        let room = self.height.map { max(0, $0 - lines.count - tables.count * 2) }
        let shares = Self.shares(tables.map(\.rows.count), room: room)
        for (table, share) in zip(tables, shares) {
            lines.append("")
            lines += self.lines(of: table, rowsMax: share)
        }
        return lines
    }

    /// Rows of each table: what one does not need, the next may have; the last is the one that people look at most.
    private static func shares(_ wanted: [Int], room: Int?) -> [Int] {
        guard let room else { return wanted }
        var left = room
        var shares = wanted.map { _ in 0 }
        while left > 0,
            let place = wanted.indices.filter({ shares[$0] < wanted[$0] }).min(by: { shares[$0] < shares[$1] })
        {
            shares[place] += 1
            left -= 1
        }
        return shares
    }

    // MARK: Head

    private func head(_ now: WallTime) -> [String] {
        let status = self.snapshot.status
        func text(_ path: String...) -> String {
            path.reduce(status as JSONValue?) { $0?[$1] }?.stringValue ?? "-"
        }
        let up = Self.duration(status["uptime_seconds"]?.intValue ?? 0)
        let commit = status["config"]?["git_commit"]?.stringValue.map { " (git \($0.prefix(8)))" } ?? ""
        let time = now.rfc3339.drop { $0 != "T" }.dropFirst().prefix(8)
        let isFallback = status["config"]?["fallback"] == .bool(true)
        let isRefused = status["config"]?["last_reload"]?["result"] == "refused"
        let warning =
            isFallback ? "  last good revision: the files are invalid" : isRefused ? "  last reload refused" : ""
        let events = DiffWords.number(status["events"]?.intValue ?? 0)
        let held = status["held"]?.intValue ?? 0
        let bytes = Self.bytes(status["store_bytes"]?.intValue ?? 0)
        let first = "hookswitch \(text("version"))  up \(up)  revision \(text("config", "revision"))\(commit)  \(time)"
        let second =
            "events \(events)  held \(held)  oldest pending \(Self.duration(Int(self.snapshot.oldestAge)))  store \(bytes)"
            + "  commits \(Self.rate(self.snapshot.commits))/s p99 \(Self.time(self.snapshot.commitP99))"
        return [self.style.bold(self.cut(first))] + [self.cut(second)]
            + (warning.isEmpty ? [] : [self.style.red(self.cut(warning.drop { $0 == " " }.description))])
    }

    // MARK: Tables

    private var sources: Table {
        Table(
            title: "SOURCE", columns: ["EVENTS/S", "REFUSED/S", "P99", "P50", "DUPLICATE/S"],
            rows: self.snapshot.sources.map {
                [
                    $0.name, Self.rate($0.events), Self.rate($0.refused), Self.time($0.p99), Self.time($0.p50),
                    Self.rate($0.duplicates),
                ]
            })
    }

    private var routes: Table {
        Table(
            title: "ROUTE", columns: ["MATCHED/S", "HELD/S", "DROPPED/S", "FILTERED/S"],
            rows: self.snapshot.routes.map {
                [$0.name, Self.rate($0.matched), Self.rate($0.held), Self.rate($0.dropped), Self.rate($0.filtered)]
            })
    }

    private var destinations: Table {
        Table(
            title: "DESTINATION",
            columns: ["WAITING", "IN FLIGHT", "DELIVERED/S", "RETRIES/S", "DEAD", "P99", "P50", "PARKED"],
            rows: self.snapshot.destinations.map {
                [
                    $0.name, DiffWords.number($0.waiting), "\($0.inFlight)", Self.rate($0.delivered),
                    Self.rate($0.retries), DiffWords.number($0.dead), Self.time($0.p99), Self.time($0.p50),
                    "\($0.parked)",
                ]
            })
    }

    private func lines(of table: Table, rowsMax: Int) -> [String] {
        let all = [[table.title] + table.columns] + table.rows
        var widths = all[0].indices.map { column in all.map { Self.safe($0[column]).count }.max() ?? 0 }
        widths[0] = min(widths[0], max(12, self.width / 3))
        var shown = widths.count
        while shown > 1, widths[..<shown].reduce(0, +) + 2 * (shown - 1) > self.width { shown -= 1 }
        let isCut = table.rows.count > rowsMax
        let visible = isCut ? max(0, rowsMax - 1) : rowsMax
        var lines = [self.style.dim(self.line(all[0], widths, shown))]
        lines += table.rows.prefix(visible).map { self.line($0, widths, shown) }
        if isCut, rowsMax > 0 { lines.append(self.style.dim("… \(table.rows.count - visible) more")) }
        return lines
    }

    private func line(_ cells: [String], _ widths: [Int], _ shown: Int) -> String {
        var parts: [String] = []
        for (place, cell) in cells.prefix(shown).enumerated() {
            let text = String(Self.safe(cell).prefix(widths[place]))
            let padding = String(repeating: " ", count: widths[place] - text.count)
            parts.append(place == 0 ? text + padding : padding + text)
        }
        return self.cut(parts.joined(separator: "  "))
    }

    private static func safe(_ text: String) -> String { Printable.text(text) }

    private func cut(_ text: String) -> String { text.count > self.width ? String(text.prefix(self.width)) : text }

    // MARK: Numbers

    /// `0`, `0.3`, `12.5`, `1,234`.
    static func rate(_ value: Double) -> String {
        if value <= 0 { return "0" }
        return value < 100 ? "\((value * 10).rounded() / 10)" : DiffWords.number(Int(value.rounded()))
    }

    /// `-`, `0.4 ms`, `12 ms`, `1.5 s`.
    static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        let milliseconds = seconds * 1000
        if milliseconds >= 1000 { return "\((seconds * 10).rounded() / 10) s" }
        return milliseconds >= 10 ? "\(Int(milliseconds.rounded())) ms" : "\((milliseconds * 10).rounded() / 10) ms"
    }

    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m\(seconds % 60)s"
        case ..<86_400: "\(seconds / 3600)h\(seconds % 3600 / 60)m"
        default: "\(seconds / 86_400)d\(seconds % 86_400 / 3600)h"
        }
    }

    private static func bytes(_ count: Int) -> String {
        let units: [(size: Int, name: String)] = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")]
        guard let unit = units.first(where: { count >= $0.size }) else { return "\(count) B" }
        return "\((Double(count) / Double(unit.size) * 10).rounded() / 10) \(unit.name)"
    }
}
