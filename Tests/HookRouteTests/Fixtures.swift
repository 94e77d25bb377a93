// SPDX-License-Identifier: Apache-2.0
import Foundation
import HookCore
import HookRoute

enum Fixtures {
    static let time = WallTime(milliseconds: 1_767_225_600_000)

    static func eventID() throws -> EventID { EventID(high: 0, low: 1) }

    static func mark(_ line: Int = 1) -> Mark { Mark(file: "routes/test.yaml", line: line, column: 3) }

    /// A route to one destination.
    static func route(_ name: String, _ match: Condition? = nil) -> RouteSpec {
        var route = RouteSpec(
            name: RouteName(name), mark: self.mark(),
            targets: .list([TargetSpec(destination: "sink", mark: self.mark())]))
        route.match = match
        return route
    }

    /// Lines of a file beside this one, without empty ones and comments.
    static func lines(of file: String) throws -> [String] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }
}

extension RouteTable {
    /// Names of the routes that fire.
    func names(_ event: Event) -> [String] {
        var scripts = ScriptedConditions()
        return self.match(Verified(event: event, dedupe: nil), scripts: &scripts).hits.map(\.route.text)
    }
}

/// Conditions with answers given by script number.
struct ScriptedConditions: ConditionScripts {
    enum Answer { case holds, fails(String?), breaks(String) }

    var answers: [Int: Answer] = [:]
    private(set) var asked: [Int] = []

    mutating func verdict(
        of script: ScriptID, for event: Event, route: RouteName
    ) throws(ScriptFailure) -> ConditionVerdict {
        self.asked.append(script.index)
        switch self.answers[script.index] ?? .holds {
        case .holds: return .holds
        case .fails(let reason): return .fails(reason: reason)
        case .breaks(let code): throw ScriptFailure(code: code, script: "s\(script.index)", message: "broken")
        }
    }
}

/// SplitMix64: the same numbers on every machine.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state = self.state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
