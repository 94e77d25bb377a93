// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    /// Versions of event types, converters between them, and subscribers that pin one.
    static let versions: [CodeEntry] = [
        CodeEntry(
            "subscriber/unknown", "No such subscriber",
            """
            A target names a subscriber that no route file declares below `subscribers:`. `all` stands for every one.
            """,
            wrong: """
                routes:
                  orders: {event: order.created, to: {subscribers: acne}}
                """,
            right: """
                subscribers:
                  acme:
                    endpoints: {main: {url: https://hooks.acme.example/in}}
                    subscriptions: [{events: order.created, to: main}]

                routes:
                  orders: {event: order.created, to: {subscribers: acme}}
                """),
        CodeEntry(
            "subscriber/unknown-endpoint", "The subscriber has no such endpoint",
            """
            A subscription says where its events go by the name of one of the subscriber's own endpoints.
            """,
            wrong: """
                subscribers:
                  acme:
                    endpoints: {main: {url: https://hooks.acme.example/in}}
                    subscriptions: [{events: order.created, to: mian}]
                """,
            right: """
                subscribers:
                  acme:
                    endpoints: {main: {url: https://hooks.acme.example/in}}
                    subscriptions: [{events: order.created, to: main}]
                """),
        CodeEntry(
            "version/unknown", "The catalogue has no such version",
            """
            A converter or a subscription names a version that the event type does not declare below `versions:`, so nothing
            could ever have it.
            """,
            wrong: """
                events:
                  order.created:
                    versions: {1: {}, 2: {current: true}}
                    convert: [{from: 1, to: 3, script: orders.lua#v1_to_v3}]
                """,
            right: """
                events:
                  order.created:
                    versions: {1: {}, 2: {current: true}}
                    convert: [{from: 1, to: 2, script: orders.lua#v1_to_v2}]
                """),
        CodeEntry(
            "version/no-converter", "No chain of converters leads there",
            """
            A route that names `type@version` takes events of every declared version and sees them converted; a subscriber
            that pins a version gets it whatever the route sees. So each version that may come needs a chain of converters
            to the one that is asked for. A route that wants only what comes in a version says so in its conditions
            instead: `match: {version: 2}` converts nothing.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {}, 2: {current: true}}}

                routes:
                  to-chat: {event: order.created@2, to: chat}
                """,
            right: """
                events:
                  order.created:
                    versions: {1: {}, 2: {current: true}}
                    convert: [{from: 1, to: 2, script: orders.lua#v1_to_v2}]

                routes:
                  to-chat: {event: order.created@2, to: chat}
                """),
        CodeEntry(
            "version/converter", "The converter leads nowhere new",
            """
            A converter goes from one version to another, and there is one for each pair: with two, which one runs would be
            chance.
            """,
            wrong: """
                events:
                  order.created:
                    versions: {1: {}, 2: {current: true}}
                    convert:
                      - {from: 1, to: 2, script: orders.lua#v1_to_v2}
                      - {from: 1, to: 2, script: orders.lua#upgrade}
                """,
            right: """
                events:
                  order.created:
                    versions: {1: {}, 2: {current: true}}
                    convert:
                      - {from: 1, to: 2, script: orders.lua#v1_to_v2}
                      - {from: 2, to: 1, script: orders.lua#v2_to_v1}
                """),
        CodeEntry(
            "convert/no-chain", "The event has no version that can be converted",
            """
            Somebody pins a version of the event's type, and the event has none, or one that the catalogue does not have: no
            chain of converters begins there. The event is held. A source says the version of its events by
            `event: {version: {header: X-Webhook-Version, default: 2}}`.
            """),
        CodeEntry(
            "convert/invalid-step", "What a converter made breaks the schema of its version",
            """
            The result of a converter was held against the schema of the version that it claims to make, and is not of it.
            Tests do so always, a running router where the type says `validate_conversions: true`. The event is held;
            repair the converter and replay it.
            """),
        CodeEntry(
            "convert/not-json", "Only JSON can be converted",
            """
            The event, or what the route's transform made of it, is no JSON document, so no converter can take it. The event
            is held for the route, or for the subscriber that pins another version.
            """),
    ]
}
