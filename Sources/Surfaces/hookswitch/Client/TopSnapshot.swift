// SPDX-License-Identifier: Apache-2.0
import HookCore

/// A running router at one moment, and what it did since an earlier one.
struct TopSnapshot {
    struct SourceRow {
        let name: String
        let events: Double
        let refused: Double
        let duplicates: Double
        let p50: Double?
        let p99: Double?
    }

    struct RouteRow {
        let name: String
        let matched: Double
        let filtered: Double
        let dropped: Double
        let held: Double
    }

    struct DestinationRow {
        let name: String
        let waiting: Int
        let inFlight: Int
        let parked: Int
        let dead: Int
        let delivered: Double
        /// Attempts that did not end their delivery.
        let retries: Double
        let p50: Double?
        let p99: Double?
    }

    let sources: [SourceRow]
    let routes: [RouteRow]
    let destinations: [DestinationRow]
    let status: JSONValue
    /// A second; those of the time between the two looks.
    let commits: Double
    let commitP99: Double?
    let oldestAge: Double

    /// - Parameter seconds: between the two looks.
    init(status: JSONValue, now: MetricsText, before: MetricsText, seconds: Double) {
        let rates = Rates(now: now, before: before, seconds: max(seconds, 0.001))
        self.status = status
        self.sources = Self.sources(rates)
        self.routes = Self.routes(rates)
        self.destinations = Self.destinations(rates)
        self.commits = rates.total("store_commit_seconds_count")
        self.commitP99 = rates.quantile(0.99, "store_commit_seconds", by: nil)[""]
        self.oldestAge = now.value("queue_oldest_age_seconds") ?? 0
    }

    private static func sources(_ rates: Rates) -> [SourceRow] {
        let name = "events_received_total"
        let accepted = rates.rates(name, by: "source", where: ["result": "accepted"])
        let refused = rates.rates(name, by: "source", where: ["result": "refused"])
        let failed = rates.rates(name, by: "source", where: ["result": "failed"])
        let duplicates = rates.rates(name, by: "source", where: ["result": "duplicate"])
        let p50 = rates.quantile(0.5, "ingest_duration_seconds", by: "source")
        let p99 = rates.quantile(0.99, "ingest_duration_seconds", by: "source")
        let names = Set(accepted.keys).union(refused.keys).union(failed.keys)
        return names.map { name in
            SourceRow(
                name: name.isEmpty ? "(unknown)" : name, events: accepted[name] ?? 0,
                refused: (refused[name] ?? 0) + (failed[name] ?? 0), duplicates: duplicates[name] ?? 0,
                p50: p50[name], p99: p99[name])
        }.sorted { ($1.events, $0.name) < ($0.events, $1.name) }
    }

    private static func routes(_ rates: Rates) -> [RouteRow] {
        func rate(_ outcome: String) -> [String: Double] {
            rates.rates("route_evaluations_total", by: "route", where: ["outcome": outcome])
        }
        let (matched, filtered, dropped, held) = (rate("matched"), rate("filtered"), rate("dropped"), rate("held"))
        return Set(matched.keys).union(held.keys).map { name in
            RouteRow(
                name: name, matched: matched[name] ?? 0, filtered: filtered[name] ?? 0, dropped: dropped[name] ?? 0,
                held: held[name] ?? 0)
        }.sorted { ($1.matched, $0.name) < ($0.matched, $1.name) }
    }

    private static func destinations(_ rates: Rates) -> [DestinationRow] {
        func depth(_ state: String) -> [String: Double] {
            rates.now.sums("queue_depth", by: "destination", where: ["state": state])
        }
        let (waiting, inFlight, parked) = (depth("waiting"), depth("in_flight"), depth("parked"))
        let dead = rates.now.sums("dead_letters", by: "destination")
        let delivered = rates.rates("deliveries_total", by: "destination", where: ["result": "delivered"])
        let ended = rates.rates("deliveries_total", by: "destination")
        let attempts = rates.rates("delivery_attempts_total", by: "destination")
        let p50 = rates.quantile(0.5, "delivery_duration_seconds", by: "destination")
        let p99 = rates.quantile(0.99, "delivery_duration_seconds", by: "destination")
        let names = Set(waiting.keys).union(dead.keys).union(attempts.keys)
        let rows = names.map { name in
            DestinationRow(
                name: name, waiting: Int(waiting[name] ?? 0), inFlight: Int(inFlight[name] ?? 0),
                parked: Int(parked[name] ?? 0), dead: Int(dead[name] ?? 0), delivered: delivered[name] ?? 0,
                retries: max(0, (attempts[name] ?? 0) - (ended[name] ?? 0)), p50: p50[name], p99: p99[name])
        }
        return rows.sorted { left, right in
            (right.waiting, right.dead, right.delivered, left.name) < (
                left.waiting, left.dead, left.delivered, right.name
            )
        }
    }
}

/// Two pages of metrics and the time between them.
private struct Rates {
    let now: MetricsText
    let before: MetricsText
    let seconds: Double

    func total(_ name: String) -> Double {
        max(0, (self.now.value(name) ?? 0) - (self.before.value(name) ?? 0)) / self.seconds
    }

    func rates(_ name: String, by label: String, where others: [String: String] = [:]) -> [String: Double] {
        let earlier = self.before.sums(name, by: label, where: others)
        var rates: [String: Double] = [:]
        for (key, value) in self.now.sums(name, by: label, where: others) {
            // A counter that went back has been restarted with its process.
            rates[key] = max(0, value - (earlier[key] ?? 0)) / self.seconds
        }
        return rates
    }

    /// A quantile of what was observed in between, or ever where that was nothing; linear inside a bucket, as
    /// Prometheus' histogram_quantile has it.
    func quantile(_ share: Double, _ name: String, by label: String?) -> [String: Double] {
        let earlier = self.before.buckets(name, by: label)
        var found: [String: Double] = [:]
        for (key, buckets) in self.now.buckets(name, by: label) {
            let was = earlier[key] ?? []
            let recent = buckets.enumerated().map { place, bucket in
                (bucket.bound, bucket.count - (was.indices.contains(place) ? was[place].count : 0))
            }
            found[key] = Self.quantile(share, recent) ?? Self.quantile(share, buckets.map { ($0.bound, $0.count) })
        }
        return found
    }

    private static func quantile(_ share: Double, _ buckets: [(bound: Double, count: Double)]) -> Double? {
        guard let total = buckets.last?.count, total > 0 else { return nil }
        let rank = share * total
        var lower = (bound: 0.0, count: 0.0)
        for bucket in buckets {
            if bucket.count >= rank {
                // Above the last bound nothing more is known than that bound.
                guard bucket.bound.isFinite, bucket.count > lower.count else { return lower.bound }
                return lower.bound + (bucket.bound - lower.bound) * (rank - lower.count) / (bucket.count - lower.count)
            }
            lower = bucket
        }
        return lower.bound
    }
}

extension TopSnapshot {
    /// `hookswitch/top@1`; rates are per second, times in milliseconds.
    var json: JSONValue {
        func number(_ value: Double) -> JSONValue { .number("\((value * 10).rounded() / 10)") }
        func milliseconds(_ value: Double?) -> JSONValue { value.map { number($0 * 1000) } ?? .null }
        return [
            "schema": "hookswitch/top@1",
            "version": self.status["version"] ?? .null, "uptime_seconds": self.status["uptime_seconds"] ?? .null,
            "revision": self.status["config"]?["revision"] ?? .null, "events": self.status["events"] ?? .null,
            "held": self.status["held"] ?? .null, "store_bytes": self.status["store_bytes"] ?? .null,
            "oldest_age_seconds": number(self.oldestAge), "commits_s": number(self.commits),
            "commit_p99_ms": milliseconds(self.commitP99),
            "sources": .array(
                self.sources.map {
                    [
                        "source": .string($0.name), "events_s": number($0.events), "refused_s": number($0.refused),
                        "duplicates_s": number($0.duplicates), "p50_ms": milliseconds($0.p50),
                        "p99_ms": milliseconds($0.p99),
                    ]
                }),
            "routes": .array(
                self.routes.map {
                    [
                        "route": .string($0.name), "matched_s": number($0.matched), "filtered_s": number($0.filtered),
                        "dropped_s": number($0.dropped), "held_s": number($0.held),
                    ]
                }),
            "destinations": .array(
                self.destinations.map {
                    [
                        "destination": .string($0.name), "waiting": .int($0.waiting), "in_flight": .int($0.inFlight),
                        "parked": .int($0.parked), "dead": .int($0.dead), "delivered_s": number($0.delivered),
                        "retries_s": number($0.retries), "p50_ms": milliseconds($0.p50),
                        "p99_ms": milliseconds($0.p99),
                    ]
                }),
        ]
    }
}
