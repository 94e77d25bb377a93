// SPDX-License-Identifier: Apache-2.0
// Routes in compiled form: their conditions are places in the table's code.

import HookCore

/// A compiled ``RouteSpec``.
struct RoutePlan: Sendable {
    enum Targets: Sendable {
        case list([TargetPlan])
        case cases([CasePlan])
    }

    let spec: RouteSpec
    /// Event patterns, sources and `match` in one.
    let condition: UInt32
    let targets: Targets
}

/// A compiled ``TargetSpec``.
struct TargetPlan: Sendable {
    let spec: TargetSpec
    let condition: UInt32?
}

/// A compiled ``CaseSpec``.
struct CasePlan: Sendable {
    let spec: CaseSpec
    let condition: UInt32?
    let targets: [TargetPlan]
}

extension RouteSpec {
    /// Everything that the route asks of an event before its scripts run, as one condition.
    var wholeCondition: Condition {
        var parts: [Condition] = []
        if !self.events.isEmpty { parts.append(.or(self.events.map(\.condition))) }
        if !self.sources.isEmpty {
            let names = self.sources.map { ValueTest.equals(.string($0.text)) }
            parts.append(.field(FieldPath(.source), .anyOf(names), nil))
        }
        if let match = self.match { parts.append(match) }
        return .and(parts)
    }
}

extension EventPattern {
    /// The pattern as a condition on `type` and `version`.
    var condition: Condition {
        let type = Condition.field(FieldPath(.type), self.typeTest, nil)
        guard let version = self.version else { return type }
        return .and([type, .field(FieldPath(.version), .equals(.number(JSONNumber(version))), nil)])
    }

    private var typeTest: ValueTest {
        guard self.type.utf8.contains(UInt8(ascii: "*")) else { return .equals(.string(self.type)) }
        // Types know no escapes: a backslash is one.
        return .glob(self.type.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\"))
    }
}

/// Compiles routes one by one, then the index over all of them.
struct RouteCompiler {
    private var paths = PathBook(seed: PathBook.randomSeed)
    private var writer: CodeWriter
    private(set) var index = IndexBuilder()
    private(set) var routes: [RoutePlan] = []
    private var places: ContiguousArray<UInt32> = []

    init() { self.writer = CodeWriter(seed: self.paths.seed) }

    var fieldPaths: [FieldPath] { self.paths.paths }

    mutating func add(_ spec: RouteSpec) {
        let number = UInt32(self.routes.count)
        let whole = spec.wholeCondition
        let condition = self.writer.condition(whole, &self.paths)
        self.places.append(condition)
        self.routes.append(RoutePlan(spec: spec, condition: condition, targets: self.targets(spec.targets)))
        guard spec.isEnabled else { return }
        self.index.add(number, AccessReader.access(of: whole, &self.paths))
    }

    private mutating func targets(_ targets: RouteSpec.Targets) -> RoutePlan.Targets {
        switch targets {
        case .list(let specs): return .list(specs.map { self.target($0) })
        case .cases(let specs):
            return .cases(
                specs.map { spec in
                    let condition = spec.match.map { self.writer.condition($0, &self.paths) }
                    return CasePlan(spec: spec, condition: condition, targets: spec.targets.map { self.target($0) })
                })
        }
    }

    private mutating func target(_ spec: TargetSpec) -> TargetPlan {
        TargetPlan(spec: spec, condition: spec.match.map { self.writer.condition($0, &self.paths) })
    }

    func finish() -> TableParts {
        TableParts(
            paths: self.paths, code: self.writer.words, routes: self.places,
            index: self.index.build(pathCount: self.paths.paths.count))
    }
}
