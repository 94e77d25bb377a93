// SPDX-License-Identifier: Apache-2.0

internal import HookCore

extension Presets {
    /// How long a provider may send the same event again, with where that is said. A deduplication key that is forgotten
    /// sooner lets such an event in twice.
    struct Redelivery {
        let provider: String
        let time: Duration
        let source: String
    }

    /// Providers that repeat nothing by themselves, and do not say for how long a person may, are missing.
    static let redelivery: [String: Redelivery] = [
        "github": Redelivery(
            provider: "GitHub", time: .seconds(3 * 86_400),
            source: "docs.github.com, Redelivering webhooks: deliveries of the past 3 days can be sent again"),
        "stripe": Redelivery(
            provider: "Stripe", time: .seconds(3 * 86_400),
            source: "docs.stripe.com/webhooks: up to three days of retries with growing delays"),
        "shopify": Redelivery(
            provider: "Shopify", time: .seconds(4 * 3600),
            source: "shopify.dev/changelog/updates-to-webhook-retry-mechanism: 8 retries over 4 hours"),
        "slack": Redelivery(
            provider: "Slack", time: .seconds(6 * 60),
            source: "Slack's Events API: three retries, the last one about 6 minutes after the event"),
        // Immediately, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
        "standard-webhooks": Redelivery(
            provider: "a sender of Standard Webhooks", time: .seconds(4 * 86_400),
            source: "Standard Webhooks 1.0.0 recommends retries for 75 hours and a half"),
        // Immediately, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h.
        "svix": Redelivery(
            provider: "Svix", time: .seconds(28 * 3600),
            source: "docs.svix.com/retries: the last retry 27 hours and 35 minutes after the first attempt"),
    ]
}
