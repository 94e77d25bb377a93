// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What a route says, as bytes: marks left out, scripts by their meaning. Equal bytes, and only they, are equal routes.
///
/// Written out by hand, since a project may have many thousand routes and reflection takes a hundred times as long; a
/// test compares it with reflection, so that no field is forgotten.
struct RoutePrinter {
    /// By ``ScriptID/index``; see ``ScriptSet/prints(of:)``.
    let scripts: [[UInt8]]

    func bytes(of route: RouteSpec) -> [UInt8] {
        var out = SpecBytes()
        out.put(route.name.text)
        out.put(route.isEnabled ? 1 : 0)
        out.put(route.onError.rawValue)
        out.list(route.events) { out, event in
            out.put(event.type)
            out.put(event.version ?? -1)
        }
        out.list(route.sources) { $0.put($1.text) }
        self.put(route.match, route.scripts, route.transform, &out)
        out.list(route.emit.map { [$0] } ?? []) { out, emit in
            out.put(emit.type)
            out.put(emit.version ?? -1)
        }
        ViewPrinter.put(route, &out)
        out.list(route.aggregate.map { [$0] } ?? []) { self.put($1, &$0) }
        switch route.targets {
        case .list(let targets):
            out.put(0)
            out.list(targets) { self.put($1, &$0) }
        case .cases(let cases):
            out.put(1)
            out.list(cases) { out, part in
                out.put(part.name)
                self.put(part.match, part.scripts, part.transform, &out)
                out.list(part.targets) { self.put($1, &$0) }
            }
        }
        return out.bytes
    }

    private func put(_ aggregate: AggregateSpec, _ out: inout SpecBytes) {
        self.putFunction(of: aggregate, &out)
        out.put(aggregate.onMissing.rawValue)
        for duration in [aggregate.close.idle, aggregate.close.after] { out.put(Int(duration?.milliseconds ?? -1)) }
        for limit in [aggregate.close.count, aggregate.close.bytes] { out.put(limit ?? -1) }
    }

    private func putFunction(of aggregate: AggregateSpec, _ out: inout SpecBytes) {
        func put(_ paths: [FieldPath], _ out: inout SpecBytes) {
            out.list(paths) { out, path in
                out.put(path.root.rawValue)
                out.list(path.keys) { $0.put($1) }
            }
        }
        put(aggregate.key, &out)
        switch aggregate.function {
        case .script(let id):
            out.put(0)
            out.put(self.scripts[id.index])
        case .collect: out.put(1)
        case .last: out.put(2)
        case .count: out.put(3)
        case .sum(let paths):
            out.put(4)
            put(paths, &out)
        }
    }

    /// What key and function of a route say: as long as it is the same, open windows go on.
    func print(of route: RouteSpec) -> Int64 {
        guard let aggregate = route.aggregate else { return 0 }
        var out = SpecBytes()
        out.put(route.name.text)
        self.putFunction(of: aggregate, &out)
        return Int64(bitPattern: Checksum.xxh64(out.bytes))
    }

    private func put(_ target: TargetSpec, _ out: inout SpecBytes) {
        out.put(target.destination.text)
        out.put(target.output.format?.rawValue ?? "")
        out.list(target.output.steps) { out, layer in
            out.list(layer.steps) { out, step in
                out.put(step.kind.rawValue)
                out.list(step.keys) { $0.put($1) }
                out.put(step.value ?? "")
            }
        }
        ViewPrinter.put(target.due, &out)
        out.put(target.version ?? -1)
        self.put(target.match, target.scripts, target.transform, &out)
    }

    private func put(_ match: Condition?, _ scripts: [ScriptID], _ transform: ScriptID?, _ out: inout SpecBytes) {
        out.list(match.map { [$0] } ?? []) { self.put($1, &$0) }
        out.list(scripts) { $0.put(self.scripts[$1.index]) }
        out.list(transform.map { [$0] } ?? []) { $0.put(self.scripts[$1.index]) }
    }

    private func put(_ condition: Condition, _ out: inout SpecBytes) {
        switch condition {
        case .and(let parts):
            out.put(0)
            out.list(parts) { self.put($1, &$0) }
        case .or(let parts):
            out.put(1)
            out.list(parts) { self.put($1, &$0) }
        case .not(let part):
            out.put(2)
            self.put(part, &out)
        case .field(let path, let test, _):
            out.put(3)
            out.put(path.root.rawValue)
            out.list(path.keys) { $0.put($1) }
            self.put(test, &out)
        }
    }

    private func put(_ test: ValueTest, _ out: inout SpecBytes) {
        switch test {
        case .equals(let scalar): out.put(scalar, 0)
        case .equalsIgnoringCase(let text): out.put(text, 1)
        case .prefix(let text): out.put(text, 2)
        case .suffix(let text): out.put(text, 3)
        case .contains(let text): out.put(text, 4)
        case .glob(let text): out.put(text, 5)
        case .number(let comparison, let number):
            out.put(comparison.rawValue, 6)
            out.put(number)
        case .between(let low, let high):
            out.put(7)
            out.put(low)
            out.put(high)
        case .exists(let isThere): out.put(isThere ? 8 : 9)
        case .cidr(let blocks):
            out.put(10)
            out.list(blocks) { out, block in
                out.put(Int(bitPattern: UInt(block.high)))
                out.put(Int(bitPattern: UInt(block.low)))
                out.put(block.prefix)
            }
        case .anyOf(let tests): self.put(tests, 11, &out)
        case .allOf(let tests): self.put(tests, 12, &out)
        case .not(let test): self.put([test], 13, &out)
        case .elements(let quantifier, let element):
            out.put(quantifier.rawValue, 14)
            switch element {
            case .value(let test): self.put([test], 0, &out)
            case .object(let condition):
                out.put(1)
                self.put(condition, &out)
            }
        }
    }

    private func put(_ tests: [ValueTest], _ tag: Int, _ out: inout SpecBytes) {
        out.put(tag)
        out.list(tests) { self.put($1, &$0) }
    }
}
