// SPDX-License-Identifier: Apache-2.0
import HookCore

extension EventMappingSpec {
    /// A source that says itself where the type stands takes a CloudEvent as any other JSON.
    var cloudEventUse: BodyRules.CloudEventUse {
        if self.wantsCloudEvents { return .always }
        return self.type == nil && self.typeDefault == nil ? .whereItIsOne : .never
    }
}
