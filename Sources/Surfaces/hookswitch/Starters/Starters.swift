// SPDX-License-Identifier: Apache-2.0

extension Starter {
    /// One for each preset; a test says so.
    static let all: [Starter] = [
        Starter(
            preset: "github", title: "GitHub", event: "github.push",
            headers: "X-GitHub-Event: push, X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958",
            fixture: """
                {
                  "ref": "refs/heads/main",
                  "repository": {"full_name": "acme/rocket", "default_branch": "main"},
                  "pusher": {"name": "ada"},
                  "commits": [{"message": "Fix the valve"}]
                }
                """,
            code: """
                local push = event.data
                local text = string.format("%s: %d commits by %s on %s", push.repository.full_name, #push.commits,
                  push.pusher.name, push.ref)
                return {text = text}
                """,
            expected: #"{text: "acme/rocket: 1 commits by ada on refs/heads/main"}"#),
        Starter(
            preset: "gitlab", title: "GitLab", event: "gitlab.push.hook",
            headers: "X-Gitlab-Event: Push Hook, X-Gitlab-Event-UUID: 13792a34-cac6-4fda-95a8-c58e00a3954e",
            fixture: """
                {
                  "object_kind": "push",
                  "ref": "refs/heads/main",
                  "user_name": "ada",
                  "project": {"path_with_namespace": "acme/rocket"},
                  "total_commits_count": 2
                }
                """,
            code: """
                local push = event.data
                local text = string.format("%s: %d commits by %s on %s", push.project.path_with_namespace,
                  push.total_commits_count, push.user_name, push.ref)
                return {text = text}
                """,
            expected: #"{text: "acme/rocket: 2 commits by ada on refs/heads/main"}"#),
        Starter(
            preset: "stripe", title: "Stripe", event: "stripe.invoice.paid", headers: "",
            fixture: """
                {
                  "id": "evt_1",
                  "type": "invoice.paid",
                  "livemode": false,
                  "data": {"object": {"id": "in_1", "number": "F-0001", "amount_paid": 1999, "currency": "eur"}}
                }
                """,
            code: """
                -- Stripe puts the object that changed at data.object of the body, amounts in whole minor units.
                local invoice = event.data.data.object
                local text = string.format("invoice %s paid: %d %s", invoice.number, invoice.amount_paid, invoice.currency)
                return {text = text}
                """,
            expected: #"{text: "invoice F-0001 paid: 1999 eur"}"#),
        Starter(
            preset: "slack", title: "Slack", event: "slack.message", headers: "",
            fixture: """
                {
                  "type": "event_callback",
                  "event_id": "Ev123ABC456",
                  "event": {"type": "message", "channel": "C123ABC456", "user": "U123ABC456", "text": "Live long and prosper"}
                }
                """,
            code: """
                local message = event.data.event
                if opt(message.bot_id) then return drop("a bot wrote it") end
                return {text = string.format("%s in %s: %s", message.user, message.channel, message.text)}
                """,
            expected: #"{text: "U123ABC456 in C123ABC456: Live long and prosper"}"#),
        Starter(
            preset: "shopify", title: "Shopify", event: "shopify.orders.create",
            headers: "X-Shopify-Topic: orders/create, X-Shopify-Webhook-Id: b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
            fixture: """
                {
                  "id": 820982911946154508,
                  "name": "#1001",
                  "total_price": "403.00",
                  "currency": "EUR",
                  "line_items": [{"sku": "ROCKET-XL", "quantity": 1}]
                }
                """,
            code: """
                local order = event.data
                local text = string.format("order %s: %s %s, %d lines", order.name, order.total_price, order.currency,
                  #order.line_items)
                return {text = text}
                """,
            expected: ##"{text: "order #1001: 403.00 EUR, 1 lines"}"##),
        Self.standard("standard-webhooks", "A sender of Standard Webhooks", "webhook-id"),
        Self.standard("svix", "A sender that uses Svix", "svix-id"),
        Starter(
            preset: "generic", title: "A sender with an HMAC in X-Signature-256", event: "order.created", headers: "",
            sourceKeys: ["event: {type: {data: type}, id: {data: id}}", "dedupe: {key: id}"],
            fixture: """
                {
                  "id": "evt_1",
                  "type": "order.created",
                  "data": {"order": "A-1"}
                }
                """,
            code: """
                return {text = string.format("%s: order %s", event.type, event.data.data.order)}
                """,
            expected: #"{text: "order.created: order A-1"}"#),
    ]

    private static func standard(_ preset: String, _ title: String, _ id: String) -> Starter {
        Starter(
            preset: preset, title: title, event: "contact.created",
            headers: "\(id): msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
            fixture: """
                {
                  "type": "contact.created",
                  "timestamp": "2022-11-03T20:26:10.344522Z",
                  "data": {"id": "1f81eb52-5198-4599-803e-771906343485", "name": "Ada"}
                }
                """,
            code: """
                return {text = string.format("%s: %s", event.type, event.data.data.name)}
                """,
            expected: #"{text: "contact.created: Ada"}"#)
    }
}
