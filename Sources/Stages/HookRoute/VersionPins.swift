// SPDX-License-Identifier: Apache-2.0
// Routes that name `type@version` take events of the other versions too, converted on the way in. Which routes those are
// for an event of one version is known before it comes.

package import HookCore

/// The versions that routes pin, by type and version of the event that comes.
struct VersionPins: Sendable {
    /// Routes that see an event in one other version.
    struct View: Sendable {
        let version: Int
        /// Ascending.
        fileprivate(set) var routes: [Int]
        /// Sources of which any of the routes takes events; nil: every source.
        fileprivate(set) var sources: Set<SourceName>?

        func holds(_ route: UInt32) -> Bool {
            var low = 0
            var high = self.routes.count
            while low < high {
                let middle = (low + high) / 2
                if self.routes[middle] < Int(route) { low = middle + 1 } else { high = middle }
            }
            return low < self.routes.count && self.routes[low] == Int(route)
        }
    }

    private var views: [String: [Int: [View]]] = [:]

    var isEmpty: Bool { self.views.isEmpty }

    init(_ routes: [RoutePlan], _ versions: VersionTable) {
        if versions.isEmpty { return }
        var exact: [String: [Int]] = [:]
        var wild: [Int] = []
        for (place, route) in routes.enumerated() where route.spec.isEnabled {
            let pinned = route.spec.events.filter { $0.version != nil }
            if pinned.contains(where: \.isWild) {
                wild.append(place)
            } else {
                for type in Set(pinned.map(\.type)) { exact[type, default: []].append(place) }
            }
        }
        for type in versions.all {
            let candidates = ((exact[type.name] ?? []) + wild).sorted()
            for place in candidates { self.add(place, routes[place].spec, type) }
        }
    }

    private mutating func add(_ place: Int, _ route: RouteSpec, _ type: VersionTable.TypeVersions) {
        let patterns = route.events.filter { $0.takes(type.name) }
        let pins = patterns.compactMap(\.version)
        // Without a version in one of them the route sees every event as it came.
        guard !patterns.isEmpty, pins.count == patterns.count else { return }
        for came in type.numbers where !pins.contains(came) {
            let reachable = pins.compactMap { pin in
                type.chains.chain(from: came, to: pin).map { (pin: pin, steps: $0.count) }
            }
            // The nearest pin; of equally near ones the higher.
            guard let best = reachable.min(by: { ($0.steps, -$0.pin) < ($1.steps, -$1.pin) }) else { continue }
            self.add(place, route, best.pin, type.name, came)
        }
    }

    private mutating func add(_ place: Int, _ route: RouteSpec, _ version: Int, _ type: String, _ came: Int) {
        let sources = route.sources.isEmpty ? nil : Set(route.sources)
        var list = self.views[type]?[came] ?? []
        if let known = list.firstIndex(where: { $0.version == version }) {
            list[known].routes.append(place)
            list[known].sources = sources.flatMap { list[known].sources?.union($0) }
        } else {
            list.append(View(version: version, routes: [place], sources: sources))
            list.sort { $0.version < $1.version }
        }
        self.views[type, default: [:]][came] = list
    }

    // HOT: once per event where some route pins a version.
    /// The views that some route needs of an event; nil for most events.
    func views(of event: Event) -> [View]? {
        guard let version = event.version, let views = self.views[event.type]?[version] else { return nil }
        let open = views.filter { $0.sources?.contains(event.source) ?? true }
        return open.isEmpty ? nil : open
    }

    /// The versions of a type that a route sees converted, and to which.
    func conversions(of type: String, for route: Int) -> [(from: Int, to: Int)] {
        (self.views[type] ?? [:]).compactMap { from, views in
            views.first { $0.routes.contains(route) }.map { (from, $0.version) }
        }.sorted { $0.from < $1.from }
    }
}

extension RouteTable {
    /// The versions of a type that a route sees converted, and to which; empty for a route that pins none.
    package func conversions(of type: String, for route: RouteName) -> [(from: Int, to: Int)] {
        guard let place = self.routes.firstIndex(where: { $0.spec.name == route }) else { return [] }
        return self.pins.conversions(of: type, for: place)
    }
}

extension EventPattern {
    var isWild: Bool { self.type.utf8.contains(UInt8(ascii: "*")) }

    /// Whether events of the type match, whatever their version.
    package func takes(_ type: String) -> Bool {
        guard self.isWild else { return self.type.utf8.elementsEqual(type.utf8) }
        let pieces = self.type.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        var rest = Array(type.utf8)[...]
        guard let first = pieces.first, let last = pieces.last, rest.starts(with: first) else { return false }
        rest = rest.dropFirst(first.count)
        guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else { return false }
        rest = rest.dropLast(last.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = rest.indices.first(where: { rest[$0...].starts(with: piece) }) else { return false }
            rest = rest[(found + piece.count)...]
        }
        return true
    }
}
