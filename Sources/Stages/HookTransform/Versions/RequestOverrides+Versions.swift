// SPDX-License-Identifier: Apache-2.0
import HookCore

extension RequestOverrides {
    /// Adds a header, unless the script has set one of that name.
    mutating func add(_ header: (name: String, value: String)) {
        let name = header.name.lowercased()
        if self.headers.contains(where: { $0.name.lowercased() == name }) { return }
        self.headers.append(header)
    }
}

extension Conversions {
    /// What is known of the version that goes out to a target.
    func facts(of target: Routed.Target, seen version: Int?) -> EventVersionFacts? {
        if let pinned = target.version, let facts = self.facts(of: pinned) { return facts }
        return version.flatMap { self.facts(of: $0) }
    }
}
