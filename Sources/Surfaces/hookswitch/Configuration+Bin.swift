// SPDX-License-Identifier: Apache-2.0
import HookCore

extension Configuration {
    /// Sends every delivery to a request bin on this machine; every destination keeps its path, below its own name.
    mutating func pointDestinations(atBin port: Int) {
        for place in self.destinations.indices {
            let old = self.destinations[place]
            self.destinations[place].url = URLTemplate(
                origin: "http://127.0.0.1:\(port)",
                path: Template(parts: [.literal("/\(old.name)")] + old.url.path.parts))
            // The bin stands in for endpoints that may only be public.
            self.destinations[place].egress = .anywhere
        }
    }
}
