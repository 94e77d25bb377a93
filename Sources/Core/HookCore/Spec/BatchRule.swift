// SPDX-License-Identifier: Apache-2.0

/// `batch:` of a source: whether one request may bring several events.
package enum BatchRule: String, Sendable, CaseIterable {
    /// The content type says: a CloudEvents batch, or NDJSON.
    case auto
    /// Such a body is one event like any other.
    case off

    /// Events of one request.
    package static let eventsMax = 10_000
}
