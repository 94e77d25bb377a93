// SPDX-License-Identifier: Apache-2.0

internal import HookCore

/// Routes that emit in a circle for certain: nothing that the files say ends it.
struct EmitLint {
    let files: [String: [UInt8]]
    let scripts: [ScriptSpec]
    let report: (Diagnostic) -> Void

    func check(_ routes: [RouteSpec]) {
        let emitting = routes.filter { $0.isEnabled && $0.emit != nil && self.takesAll($0) }
        guard !emitting.isEmpty, emitting.count <= Self.routesMax else { return }
        let next = emitting.map { route in
            emitting.indices.filter { place in route.emit.map { emitting[place].takes($0) } ?? false }
        }
        var reported: Set<Int> = []
        for start in emitting.indices where !reported.contains(start) {
            guard let circle = Self.circle(from: start, next) else { continue }
            reported.formUnion(circle)
            self.report(emitting[start], circle.map { emitting[$0] })
        }
    }

    /// Circles among more routes than this are found when they happen.
    private static let routesMax = 2_000

    /// The shortest way from a route back to itself; nil where there is none.
    private static func circle(from start: Int, _ next: [[Int]]) -> [Int]? {
        var cameFrom: [Int: Int] = [:]
        var queue = [start]
        while !queue.isEmpty {
            let at = queue.removeFirst()
            for other in next[at] {
                if other == start {
                    var way = [at]
                    while let last = way.last, last != start, let before = cameFrom[last] { way.append(before) }
                    return way.reversed()
                }
                if cameFrom[other] == nil {
                    cameFrom[other] = at
                    queue.append(other)
                }
            }
        }
        return nil
    }

    private func report(_ route: RouteSpec, _ circle: [RouteSpec]) {
        let names = circle.map(\.name.text) + [route.name.text]
        let how =
            circle.count == 1
            ? "route \(route.name) takes what it emits" : "routes emit in a circle: \(names.joined(separator: " → "))"
        self.report(
            Diagnostic(
                "route/emit-circle", .warning, at: route.emit?.mark ?? route.mark, how,
                hint: "another type, or a condition that ends it"))
    }

    /// Whether the route emits for every event that its `event:` names.
    private func takesAll(_ route: RouteSpec) -> Bool {
        guard route.match == nil, route.scripts.isEmpty, route.sources.isEmpty else { return false }
        if case .cases = route.targets { return false }
        return ![route.transform, route.aggregate?.script].contains { $0.map(self.mayDrop) ?? false }
    }

    /// A script that has the word in it may end the circle.
    private func mayDrop(_ id: ScriptID) -> Bool {
        guard self.scripts.indices.contains(id.index) else { return true }
        switch self.scripts[id.index].body {
        case .function(let file, _): return self.files["scripts/\(file)"].map(Self.namesDrop) ?? true
        case .inline(let text), .expression(let text): return Self.namesDrop(Array(text.utf8))
        }
    }

    private static func namesDrop(_ code: [UInt8]) -> Bool {
        let text = String(decoding: code, as: UTF8.self)
        return text.contains("drop") || text.contains("fail") || text.contains("require")
    }
}

extension RouteSpec {
    /// Whether the route's `event:` names what is emitted.
    func takes(_ emit: EmitSpec) -> Bool {
        self.events.isEmpty
            || self.events.contains { pattern in
                (pattern.version == nil || pattern.version == emit.version)
                    && Glob(pattern: pattern.type).matches(emit.type)
            }
    }
}
