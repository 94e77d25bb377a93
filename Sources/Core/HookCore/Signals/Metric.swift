// SPDX-License-Identifier: Apache-2.0

/// One metric of the product: its name without the `hookswitch_` prefix, its type, help and labels, declared once.
package struct Metric: Hashable, Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package let name: String
    package let kind: Kind
    package let help: String
    package let labels: [String]

    package init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }

    package static func == (left: Self, right: Self) -> Bool { left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.name) }
}

extension Metric {
    package static let eventsReceived = Metric(
        "events_received_total", .counter, "Requests at the ingest listener by what became of them.",
        labels: ["source", "result", "reason"])
    package static let ingestDuration = Metric(
        "ingest_duration_seconds", .histogram, "From the end of a request to its durable answer.", labels: ["source"])
    package static let routeEvaluations = Metric(
        "route_evaluations_total", .counter, "What routes did with events.", labels: ["route", "outcome"])
    package static let scriptDuration = Metric(
        "script_duration_seconds", .histogram, "Duration of script calls.", labels: ["route"])
    package static let scriptSteps = Metric(
        "script_steps_total", .counter, "Steps that scripts used.", labels: ["route"])
    package static let scriptErrors = Metric(
        "script_errors_total", .counter, "Script calls that failed.", labels: ["route", "code"])
    package static let deliveryAttempts = Metric(
        "delivery_attempts_total", .counter, "Attempts by HTTP status or outcome.", labels: ["destination", "code"])
    package static let deliveryDuration = Metric(
        "delivery_duration_seconds", .histogram, "Duration of attempts.", labels: ["destination"])
    package static let deliveries = Metric(
        "deliveries_total", .counter, "Deliveries that reached an end.", labels: ["destination", "result"])
    package static let eventEndToEnd = Metric(
        "event_end_to_end_seconds", .histogram, "From acceptance to delivery.", labels: ["route"])
    package static let queueDepth = Metric(
        "queue_depth", .gauge, "Deliveries waiting, scheduled for later or under way.",
        labels: ["destination", "state"])
    package static let queueOldestAge = Metric(
        "queue_oldest_age_seconds", .gauge, "Age of the oldest pending delivery.")
    package static let deadLetters = Metric(
        "dead_letters", .gauge, "Dead letters kept.", labels: ["destination", "reason"])
    package static let windowsOpen = Metric(
        "windows_open", .gauge, "Windows of routes that aggregate, not closed yet.", labels: ["route"])
    package static let windowsOldestAge = Metric("windows_oldest_age_seconds", .gauge, "Age of the oldest open window.")
    package static let windowCloses = Metric(
        "window_closes_total", .counter, "Windows that were closed.", labels: ["route", "reason"])
    package static let windowMembers = Metric(
        "window_members_total", .counter, "Events that were taken into windows.", labels: ["route"])
    package static let lookups = Metric(
        "lookups_total", .counter, "HTTP look-ups by result; hit: answered from memory.", labels: ["host", "result"])
    package static let lookupDuration = Metric(
        "lookup_duration_seconds", .histogram, "Duration of HTTP look-ups.", labels: ["host"])
    package static let configSuccessful = Metric(
        "config_last_reload_successful", .gauge, "1 where the last reload was accepted.")
    package static let configTime = Metric(
        "config_last_reload_success_timestamp_seconds", .gauge, "When the running configuration was activated.")
    package static let configDuration = Metric(
        "config_reload_duration_seconds", .histogram, "Duration of reloads, from reading the files to the swap.",
        labels: ["result"])
    package static let configInfo = Metric(
        "config_info", .gauge, "The running configuration.", labels: ["revision", "git_commit"])
    package static let storeBytes = Metric("store_bytes", .gauge, "Size of the store on disk.")
    package static let storeCommit = Metric("store_commit_seconds", .histogram, "Duration of commits, fsync included.")
    package static let storeBatch = Metric("store_commit_batch_size", .histogram, "Writes that shared a commit.")
    package static let eventVersions = Metric(
        "event_versions_total", .counter, "Accepted events of types of the catalogue, by version.",
        labels: ["source", "type", "version"])
    package static let deliveryVersions = Metric(
        "delivery_versions_total", .counter, "Deliveries made of types of the catalogue, by version.",
        labels: ["destination", "type", "version"])
    package static let buildInfo = Metric("build_info", .gauge, "The running build.", labels: ["version"])

    /// Every metric declared here, for the reference page.
    package static let all: [Metric] = [
        eventsReceived, ingestDuration, routeEvaluations, scriptDuration, scriptSteps, scriptErrors, deliveryAttempts,
        lookups, lookupDuration, deliveryDuration, deliveries, eventEndToEnd, queueDepth, queueOldestAge, deadLetters,
        windowsOpen, windowsOldestAge, windowCloses, windowMembers, configSuccessful,
        configTime, configDuration, configInfo, storeBytes, storeCommit, storeBatch, eventVersions, deliveryVersions,
        buildInfo,
    ]
}
