// SPDX-License-Identifier: Apache-2.0

/// `deliver_after:` and `deliver_at:`: when the first attempt of a delivery is due.
package enum DueSpec: Sendable, Equatable {
    /// A time further off is refused: what is meant is most often another unit.
    package static let farthest: Duration = .seconds(90 * 86_400)

    /// So long after acceptance.
    case after(Duration)
    /// At the time that the event carries, RFC 3339 or Unix seconds; a past one is due at once.
    case at(FieldPath)
}
