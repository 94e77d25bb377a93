// SPDX-License-Identifier: Apache-2.0
import HookCore

extension ScriptSpec.Role {
    /// What a function of this role is called with, by the names that the manual uses.
    var parameters: [String] {
        switch self {
        case .filter, .transform: ["event", "ctx"]
        case .convert: ["data", "ctx"]
        case .aggregate: ["events", "ctx"]
        case .check: ["result"]
        }
    }

    /// For "a … is called as".
    var noun: String { self == .convert ? "converter" : self.rawValue }
}
