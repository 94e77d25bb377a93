// SPDX-License-Identifier: Apache-2.0
import HookCore

/// The events that the demo's providers send, one after the other, each a little different.
struct DemoTraffic {
    struct Request {
        let source: SourceName
        let headers: [(name: String, value: String)]
        let body: [UInt8]
        /// What the line on the screen says.
        let label: String
    }

    /// The request with this number, from 0.
    static func request(_ number: Int) -> Request {
        switch number % 5 {
        case 0: self.release(number)
        case 1: self.order(number, cents: 4_900 + number * 100, country: ["DE", "SE", "FR"][number / 5 % 3])
        case 2: self.invoice(number, cents: number % 3 == 0 ? 640_000 : 12_00 + number)
        case 3: self.push(number)
        default: self.order(number, cents: 1_250_000, country: "US")
        }
    }

    private static func release(_ number: Int) -> Request {
        let version = "v1.\(number)"
        let body: JSONValue = [
            "action": "published",
            "release": [
                "tag_name": .string(version), "name": .string("Release \(version)"), "prerelease": false,
                "draft": false,
                "html_url": .string("https://github.example/acme/rocket/releases/\(version)"),
                "body": "Faster, calmer.",
            ],
            "repository": ["full_name": "acme/rocket", "default_branch": "main"],
            "sender": ["login": "octo"],
        ]
        return self.github("release", number, body, "github.release \(version)")
    }

    private static func push(_ number: Int) -> Request {
        let body: JSONValue = [
            "ref": "refs/heads/main", "deleted": false, "after": .string("\(1_000_000 + number)"),
            "compare": "https://github.example/acme/rocket/compare",
            "repository": ["full_name": "acme/rocket", "default_branch": "main"],
            "pusher": ["name": "octo"],
            "commits": [["id": "c0ffee", "message": "Tighten the bolts", "author": ["name": "Octo"]]],
        ]
        return self.github("push", number, body, "github.push main")
    }

    private static func github(_ event: String, _ number: Int, _ body: JSONValue, _ label: String) -> Request {
        Request(
            source: "github",
            headers: [
                ("content-type", "application/json"), ("x-github-event", event),
                ("x-github-delivery", "demo-\(number)"),
            ],
            body: body.encoded(), label: label)
    }

    private static func invoice(_ number: Int, cents: Int) -> Request {
        let body: JSONValue = [
            "id": .string("evt_demo_\(number)"), "type": "invoice.paid", "livemode": true,
            "data": [
                "object": [
                    "id": .string("in_\(number)"), "amount_paid": .int(cents), "currency": "eur",
                    "customer": "cus_7", "customer_email": number % 2 == 0 ? "ada@customer.example" : .null,
                    "number": .string("INV-\(number)"),
                ]
            ],
        ]
        return Request(
            source: "stripe", headers: [("content-type", "application/json")], body: body.encoded(),
            label: "stripe.invoice.paid \(cents / 100) EUR")
    }

    private static func order(_ number: Int, cents: Int, country: String) -> Request {
        let body: JSONValue = [
            "type": "order.created", "id": .string("A-\(number)"), "customer_id": "C-1", "total_cents": .int(cents),
            "currency": "EUR", "shipping": ["country": .string(country)],
            "lines": [["sku": "BOLT-8", "quantity": 4, "price_cents": .int(cents / 4)]],
        ]
        return Request(
            source: "shop", headers: [("content-type", "application/json")], body: body.encoded(),
            label: "order.created A-\(number) \(country) \(cents / 100) EUR")
    }
}
