// SPDX-License-Identifier: Apache-2.0
import HookCore

extension PreparedDelivery {
    /// The same with the event's body as its own, where it has none.
    func withBody(of event: Event) -> PreparedDelivery {
        guard self.body == nil else { return self }
        return PreparedDelivery(
            route: self.route, destination: self.destination, body: event.body, contentType: self.contentType,
            request: self.request, due: self.due, part: self.part)
    }
}
