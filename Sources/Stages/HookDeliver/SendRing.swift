// SPDX-License-Identifier: Apache-2.0
import DequeModule

/// Destinations that could send, in turn.
struct SendRing: Sendable {
    private var places: Deque<Int> = []

    var isEmpty: Bool { self.places.isEmpty }

    mutating func append(_ place: Int) { self.places.append(place) }
    mutating func next() -> Int? { self.places.popFirst() }

    /// Takes one out; rare, so a scan will do.
    mutating func remove(_ place: Int) {
        if let at = self.places.firstIndex(of: place) { self.places.remove(at: at) }
    }
}
