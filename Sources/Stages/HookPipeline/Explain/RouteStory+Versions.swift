// SPDX-License-Identifier: Apache-2.0
import HookCore
import HookRoute
import HookTransform

extension RouteStory {
    /// `order.created@1 comes converted to 2 by orders.lua#v1_to_v2`.
    var conversionLines: [String] {
        self.revision.configuration.catalogue.types.flatMap { type -> [String] in
            guard let versions = self.revision.versions[type.name] else { return [] }
            return self.revision.routes.conversions(of: type.name, for: self.route.name).map { from, to in
                let scripts = (versions.chains.chain(from: from, to: to) ?? []).map {
                    self.revision.scripts.label(of: $0.script)
                }
                return "\(type.name)@\(from) comes converted to \(to) by \(scripts.joined(separator: ", then "))"
            }
        }
    }
}
