// SPDX-License-Identifier: Apache-2.0
// Made by dev/embed-examples from routes/ and scripts/; do not edit.
// swift-format-ignore-file
import HookCore

/// The shipped examples: what `demo` runs and `init` writes.
enum Examples {
    static let files: [ProjectFiles.File] = [
        .init(path: "routes/data/countries.csv", bytes: Array(###"""
            code,name,region
            DE,Germany,eu
            ES,Spain,eu
            FR,France,eu
            IT,Italy,eu
            SE,Sweden,eu
            GB,United Kingdom,world
            US,"United States of America, the",world

            """###.utf8)),
        .init(path: "routes/destinations.yaml", bytes: Array(###"""
            # Where deliveries go, how they are sent, and which secrets they need.
            # Names only: values come from the environment and never stand in a file.
            version: 1

            secrets:
              github_webhook: {env: GITHUB_WEBHOOK_SECRET}
              stripe_webhook: {env: STRIPE_WEBHOOK_SECRET}
              shop_token: {env: SHOP_TOKEN}
              chat_token: {env: CHAT_TOKEN}
              ledger_signing: {env: LEDGER_SIGNING_SECRET}
              erp_key: {env: ERP_KEY}

            policies:
              standard:
                timeout: 10s
                retry: {attempts: 12, first: 5s, factor: 2, max: 1h, jitter: full, give_up_after: 24h}
                success: [2xx]
                retry_on: [network, 408, 429, 5xx]
                concurrency: 8
                dead_letter: keep
              best-effort:
                extends: standard
                timeout: 5s
                retry: {delays: [1s, 5s, 30s]}
                dead_letter: drop

            destinations:
              chat:
                url: https://chat.example.internal/hooks/releases
                auth: {bearer: chat_token}
                policy: best-effort

              ledger:
                url: https://ledger.example.internal/entries
                sign: {standard-webhooks: ledger_signing}

              receipts:
                url: https://mail.example.internal/receipts
                policy: {extends: standard, concurrency: 2}

              fraud:
                url: https://risk.example.internal/cases
                timeout: 3s

              erp:
                url: https://erp.example.internal/orders/{data.shipping.country}
                sign: {hmac: sha256, secret: erp_key}

              erp-eu:
                url: https://erp-eu.example.internal/orders/{data.shipping.country}
                sign: {hmac: sha256, secret: erp_key}

              erp-priority:
                url: https://erp.example.internal/priority
                headers: {X-Order: "{data.id}"}
                sign: {hmac: sha256, secret: erp_key}

            """###.utf8)),
        .init(path: "routes/fixtures/github.push.json", bytes: Array(###"""
            {
              "ref": "refs/heads/main",
              "before": "1111111111111111111111111111111111111111",
              "after": "3333333333333333333333333333333333333333",
              "created": false,
              "deleted": false,
              "forced": false,
              "compare": "https://git.example/acme/rocket/compare/1...3",
              "commits": [
                {"id": "2222222222222222222222222222222222222222", "message": "Measure the pressure", "author": {"name": "Ada"}},
                {"id": "3333333333333333333333333333333333333333", "message": "Fix the valve\n\nIt closed too late.", "author": {"name": "Ada"}}
              ],
              "repository": {"id": 1001, "full_name": "acme/rocket", "default_branch": "main", "private": false},
              "pusher": {"name": "ada", "email": "ada@acme.example"}
            }

            """###.utf8)),
        .init(path: "routes/fixtures/github.release.json", bytes: Array(###"""
            {
              "action": "published",
              "release": {
                "id": 4711,
                "tag_name": "v2.1.0",
                "name": "Rocket 2.1",
                "draft": false,
                "prerelease": false,
                "html_url": "https://git.example/acme/rocket/releases/v2.1.0",
                "author": {"login": "ada", "id": 1},
                "published_at": "2026-01-05T09:30:00Z"
              },
              "repository": {"id": 1001, "full_name": "acme/rocket", "default_branch": "main", "private": false},
              "sender": {"login": "ada", "id": 1}
            }

            """###.utf8)),
        .init(path: "routes/fixtures/order.big.json", bytes: Array(###"""
            {
              "id": "A-1",
              "type": "order.created",
              "customer_id": "C-7",
              "currency": "eur",
              "total_cents": 1200000,
              "shipping": {"country": "SE", "city": "Malmö"},
              "lines": [{"sku": "ROCKET-XL", "count": 1, "price_cents": 1200000}]
            }

            """###.utf8)),
        .init(path: "routes/fixtures/order.shipped.1.json", bytes: Array(###"""
            {
              "id": "S-1",
              "type": "order.shipped",
              "customer": "C-8",
              "total": "25.50",
              "currency": "EUR",
              "ship_to": "FR",
              "items": [{"sku": "ROCKET-XL", "quantity": 2}]
            }

            """###.utf8)),
        .init(path: "routes/fixtures/order.shipped.2.json", bytes: Array(###"""
            {
              "id": "S-1",
              "type": "order.shipped",
              "customer_id": "C-8",
              "total_cents": 2550,
              "currency": "EUR",
              "shipping": {"country": "FR"},
              "lines": [{"sku": "ROCKET-XL", "count": 2}]
            }

            """###.utf8)),
        .init(path: "routes/fixtures/order.small.json", bytes: Array(###"""
            {
              "id": "A-2",
              "type": "order.created",
              "customer_id": "C-8",
              "currency": "eur",
              "total_cents": 2550,
              "shipping": {"country": "FR", "city": "Lyon"},
              "lines": []
            }

            """###.utf8)),
        .init(path: "routes/fixtures/stripe.charge.refunded.json", bytes: Array(###"""
            {
              "id": "evt_1Rocket0002",
              "object": "event",
              "type": "charge.refunded",
              "livemode": true,
              "created": 1767609000,
              "data": {
                "object": {
                  "id": "ch_1Rocket0002",
                  "object": "charge",
                  "customer": "cus_Grace",
                  "amount": 1999,
                  "amount_refunded": 1999,
                  "currency": "eur"
                }
              }
            }

            """###.utf8)),
        .init(path: "routes/fixtures/stripe.invoice.paid.json", bytes: Array(###"""
            {
              "id": "evt_1Rocket0001",
              "object": "event",
              "type": "invoice.paid",
              "livemode": true,
              "created": 1767605400,
              "data": {
                "object": {
                  "id": "in_1Rocket0001",
                  "object": "invoice",
                  "number": "ACME-0042",
                  "customer": "cus_Grace",
                  "customer_email": "grace@customer.example",
                  "billing_reason": "subscription_cycle",
                  "amount_paid": 750000,
                  "currency": "eur"
                }
              }
            }

            """###.utf8)),
        .init(path: "routes/fixtures/supplier.stock.xml", bytes: Array(###"""
            <?xml version="1.0" encoding="UTF-8"?>
            <stock report="R-7" site="HAM">
              <item sku="ROCKET-XL">12</item>
              <item sku="ROCKET-S" state="sold-out">0</item>
            </stock>

            """###.utf8)),
        .init(path: "routes/github.test.yaml", bytes: Array(###"""
            version: 1

            tests:
              a published release is told to the chat:
                request:
                  source: github
                  headers: {X-GitHub-Event: release, X-GitHub-Delivery: 8d1c7a00-0000-4000-8000-000000000001}
                  sign: true
                  body_file: fixtures/github.release.json
                expect:
                  status: 202
                  deliveries:
                    - to: chat
                      route: release-to-chat
                      body: {text: "acme/rocket v2.1.0 is out: https://git.example/acme/rocket/releases/v2.1.0"}

              a prerelease is not:
                event:
                  type: github.release
                  source: github
                  data: {action: published, release: {prerelease: true, tag_name: v3.0.0-rc.1}}
                expect: {deliveries: [], unmatched: true}

              a release that is only edited is not:
                event:
                  type: github.release
                  source: github
                  data: {action: edited, release: {prerelease: false, tag_name: v2.1.0}}
                expect: {deliveries: [], unmatched: true}

              a push to the default branch is told to the chat:
                request:
                  source: github
                  headers: {X-GitHub-Event: push, X-GitHub-Delivery: 8d1c7a00-0000-4000-8000-000000000002}
                  sign: true
                  body_file: fixtures/github.push.json
                expect:
                  status: 202
                  deliveries:
                    - to: chat
                      route: push-to-chat
                      body:
                        text: "acme/rocket: 2 commits on main by ada: Fix the valve (https://git.example/acme/rocket/compare/1...3)"

              a push to another branch is not:
                event:
                  type: github.push
                  source: github
                  data: {ref: refs/heads/try-it, deleted: false, repository: {default_branch: main}}
                expect: {deliveries: []}

              a tag and a deleted branch are not:
                steps:
                  - event: {type: github.push, source: github, data: {ref: refs/tags/v1, deleted: false}}
                    expect: {unmatched: true}
                  - event: {type: github.push, source: github, data: {ref: refs/heads/old, deleted: true}}
                    expect: {unmatched: true}
                expect: {deliveries: []}

              a wrong signature is refused before any route runs:
                request:
                  source: github
                  headers: {X-GitHub-Event: release, X-GitHub-Delivery: d-1, X-Hub-Signature-256: "sha256=00"}
                  body: {action: published}
                expect: {status: 401, deliveries: []}

              the same delivery twice is one message:
                steps:
                  - request:
                      source: github
                      headers: {X-GitHub-Event: release, X-GitHub-Delivery: 8d1c7a00-0000-4000-8000-000000000003}
                      sign: true
                      body_file: fixtures/github.release.json
                    expect: {status: 202, duplicate: false}
                  - request:
                      source: github
                      headers: {X-GitHub-Event: release, X-GitHub-Delivery: 8d1c7a00-0000-4000-8000-000000000003}
                      sign: true
                      body_file: fixtures/github.release.json
                    expect: {status: 200, duplicate: true, deliveries: []}
                expect:
                  deliveries: [{to: chat}]

            """###.utf8)),
        .init(path: "routes/github.yaml", bytes: Array(###"""
            # GitHub tells a chat about releases and about pushes to the default branch.
            version: 1

            sources:
              github: {preset: github, path: /in/github, secret: github_webhook}

            routes:
              release-to-chat:
                event: github.release
                match:
                  data.action: published
                  data.release.prerelease: false
                transform: chat.lua#release_message
                to: chat

              push-to-chat:
                event: github.push
                match:
                  data.ref: {prefix: refs/heads/}
                  data.deleted: false
                when: data.ref == "refs/heads/" .. data.repository.default_branch
                transform: chat.lua#push_message
                to: chat

            """###.utf8)),
        .init(path: "routes/orders.test.yaml", bytes: Array(###"""
            version: 1

            tests:
              a big order goes to priority and fraud and nowhere else:
                event: {type: order.created, source: shop, data_file: fixtures/order.big.json}
                expect:
                  deliveries:
                    - to: erp-priority
                      body:
                        order_no: A-1
                        total: "12000.00"
                        lines: [{sku: ROCKET-XL, count: 1, price_cents: 1200000}]
                        country: SE
                    - {to: fraud, contains: {order_no: A-1}}

              a small order from France goes to the European inbox:
                event: {type: order.created, source: shop, data_file: fixtures/order.small.json}
                expect:
                  deliveries:
                    - {to: erp-eu, body: {order_no: A-2, total: "25.50", lines: [], country: FR}}

              an order from elsewhere goes to the rest:
                event:
                  type: order.created
                  source: shop
                  data: {id: A-3, total_cents: 100, shipping: {country: SE}}
                expect:
                  deliveries: [{to: erp, contains: {total: "1.00"}}]

              a request without the token is refused:
                request: {source: shop, body: {id: A-4, type: order.created}}
                expect: {status: 401, deliveries: []}

              an order without a total is held for repair:
                event: {type: order.created, source: shop, data: {id: A-5, shipping: {country: FR}}}
                expect: {deliveries: [], held: [order-to-erp]}

              half a cent is no amount:
                event: {type: order.created, source: shop, data: {id: A-6, total_cents: 12.5, shipping: {country: FR}}}
                expect:
                  deliveries: []
                  held: [order-to-erp]
                  check: |
                    assert(held[1].code == "script/runtime")
                    assert(held[1].message:find("whole number of minor units", 1, true))

            """###.utf8)),
        .init(path: "routes/orders.yaml", bytes: Array(###"""
            # A shop's orders go to one of three inboxes: the first case that holds.
            version: 1

            sources:
              shop:
                path: /in/shop
                verify: {token: {header: Authorization, scheme: Bearer, secret: shop_token}}
                limits: {body: 256KiB}
                event:
                  type: {data: type}
                  id: {data: id}
                dedupe: {key: id, within: 24h}

            routes:
              order-to-erp:
                event: order.created
                transform: orders.lua#to_erp  # for every case below
                switch:
                  - case: big
                    filter: orders.lua#is_big
                    to: [erp-priority, fraud]
                  - case: eu
                    match: {data.shipping.country: [DE, FR, IT, ES]}
                    to: erp-eu
                  - case: rest
                    else: true
                    to: erp
                on_error: hold

            """###.utf8)),
        .init(path: "routes/schemas/order.shipped.1.json", bytes: Array(###"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "A parcel has left the warehouse, version 1",
              "type": "object",
              "required": ["id", "type", "customer", "total", "currency", "ship_to", "items"],
              "properties": {
                "id": {"type": "string", "minLength": 1},
                "type": {"const": "order.shipped"},
                "customer": {"type": "string"},
                "total": {"type": "string", "pattern": "^(0|[1-9][0-9]*)\\.[0-9]{2}$"},
                "currency": {"type": "string", "enum": ["EUR", "USD", "SEK"]},
                "ship_to": {"type": "string", "pattern": "^[A-Z]{2}$"},
                "items": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["sku", "quantity"],
                    "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer", "minimum": 1}},
                    "additionalProperties": false
                  }
                }
              },
              "additionalProperties": false
            }

            """###.utf8)),
        .init(path: "routes/schemas/order.shipped.2.json", bytes: Array(###"""
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "A parcel has left the warehouse, version 2",
              "type": "object",
              "required": ["id", "type", "customer_id", "total_cents", "currency", "shipping", "lines"],
              "properties": {
                "id": {"type": "string", "minLength": 1},
                "type": {"const": "order.shipped"},
                "customer_id": {"type": "string"},
                "total_cents": {"type": "integer", "minimum": 0, "maximum": 1000000000},
                "currency": {"type": "string", "enum": ["EUR", "USD", "SEK"]},
                "shipping": {
                  "type": "object",
                  "required": ["country"],
                  "properties": {"country": {"type": "string", "pattern": "^[A-Z]{2}$"}},
                  "additionalProperties": false
                },
                "lines": {
                  "type": "array",
                  "items": {
                    "type": "object",
                    "required": ["sku", "count"],
                    "properties": {"sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
                    "additionalProperties": false
                  }
                }
              },
              "additionalProperties": false
            }

            """###.utf8)),
        .init(path: "routes/sensors.test.yaml", bytes: Array(###"""
            version: 1

            tests:
              the readings of a minute become one point for each device:
                clock: 2026-03-01T08:00:00Z
                steps:
                  - event: {type: sensor.reading, source: sensors, data: {id: r-1, device: pump-1, metric: celsius, value: 20.5}}
                  - advance: 20s
                  - event: {type: sensor.reading, source: sensors, data: {id: r-2, device: pump-1, metric: celsius, value: 22.5}}
                  - event: {type: sensor.reading, source: sensors, data: {id: r-3, device: pump-2, metric: celsius, value: 19}}
                  - advance: 20s
                  - event: {type: sensor.reading, source: sensors, data: {id: r-4, device: pump-1, metric: celsius, value: 17}}
                    expect: {deliveries: [], emitted: []}
                  - advance: 1m
                expect:
                  deliveries:
                    - {to: metrics, contains: {device: pump-1, max: 22.5}}
                    - {to: metrics, contains: {device: pump-2}}
                  held: []
                  emitted:
                    - type: sensor.minute@1
                      data:
                        device: pump-1
                        metric: celsius
                        from: "2026-03-01T08:00:00.000Z"
                        to: "2026-03-01T08:01:00.000Z"
                        count: 3
                        min: 17
                        max: 22.5
                        avg: 20
                    - {type: sensor.minute@1, contains: {device: pump-2, count: 1, min: 19, max: 19}}

              a hot minute is told to the chat:
                steps:
                  - event: {type: sensor.reading, source: sensors, data: {id: r-1, device: oven-1, metric: celsius, value: 88}}
                  - event: {type: sensor.reading, source: sensors, data: {id: r-2, device: oven-1, metric: celsius, value: 93}}
                  - event: {type: sensor.reading, source: sensors, data: {id: r-3, device: oven-1, metric: pascal, value: 900}}
                  - advance: 1m
                expect:
                  deliveries:
                    - {to: chat, route: hot-to-chat, body: {text: oven-1 reached 93 degrees (2 readings)}}
                    - {to: metrics, contains: {metric: celsius}}
                    - {to: metrics, contains: {metric: pascal}}

              a reading that no sensor can give is left out:
                event: {type: sensor.reading, source: sensors, data: {id: r-9, device: pump-1, metric: celsius, value: 99999}}
                expect: {deliveries: [], unmatched: true, emitted: []}

              a reading without a device is held:
                steps:
                  - event: {type: sensor.reading, source: sensors, data: {id: r-9, metric: celsius, value: 1}}
                    expect: {held: [minute-of-device]}
                  - advance: 2m
                expect: {deliveries: [], emitted: []}

            """###.utf8)),
        .init(path: "routes/sensors.yaml", bytes: Array(###"""
            # Readings of devices become one summary a minute; a hot minute is told to the chat.
            version: 1

            secrets:
              sensors_token: {env: SENSORS_TOKEN}

            events:
              sensor.minute:
                summary: What a device has measured in one minute
                versions:
                  1: {current: true}

            sources:
              sensors:
                path: /in/sensors
                verify: {token: {header: Authorization, scheme: Bearer, secret: sensors_token}}
                event: {type: sensor.reading, id: {data: id}}

            destinations:
              metrics:
                url: https://metrics.example.internal/points

            routes:
              minute-of-device:
                event: sensor.reading
                match: {data.value: {between: [-273, 5000]}}
                aggregate:
                  key: [data.device, data.metric]
                  close: {after: 1m, count: 5000}
                  script: sensors.lua#minute
                emit: sensor.minute@1

              minutes-to-metrics:
                event: sensor.minute@1
                to: metrics

              hot-to-chat:
                event: sensor.minute@1
                match: {data.metric: celsius, data.max: {gte: 90}}
                transform: sensors.lua#alarm
                to: chat

            """###.utf8)),
        .init(path: "routes/stripe.test.yaml", bytes: Array(###"""
            version: 1

            tests:
              a large invoice goes to the ledger, the customer and the risk desk:
                request: {source: stripe, sign: true, body_file: fixtures/stripe.invoice.paid.json}
                expect:
                  status: 202
                  deliveries:
                    - to: ledger
                      body: {account: cus_Grace, amount: "7500.00", currency: eur, external_id: in_1Rocket0001, livemode: true}
                    - to: receipts
                      body: {to: grace@customer.example, subject: Your receipt ACME-0042, amount: "7500.00"}
                    - to: fraud
                      body: {charge: in_1Rocket0001, amount_paid: 750000, score: 40}

              a refund is an entry with a minus and nothing else:
                event: {type: stripe.charge.refunded, source: stripe, data_file: fixtures/stripe.charge.refunded.json}
                expect:
                  deliveries:
                    - {to: ledger, contains: {amount: "-19.99", external_id: ch_1Rocket0002}}

              a test payment goes nowhere:
                event:
                  type: stripe.invoice.paid
                  source: stripe
                  data: {livemode: false, data: {object: {amount_paid: 100}}}
                expect: {deliveries: [], unmatched: true}

              a ledger that is down is asked again, and one that refuses is not:
                event: {type: stripe.charge.refunded, source: stripe, data_file: fixtures/stripe.charge.refunded.json}
                responses: {ledger: [503, 503, 400]}
                expect:
                  attempts: {ledger: [0s, 5s, 15s]}
                  dead_letters: [ledger]

            """###.utf8)),
        .init(path: "routes/stripe.yaml", bytes: Array(###"""
            # One payment, three readers: the ledger, the customer, and the risk desk.
            version: 1

            sources:
              stripe: {preset: stripe, path: /in/stripe, secret: stripe_webhook}

            routes:
              payment-fan-out:
                event: [stripe.invoice.paid, stripe.charge.refunded]
                match: {data.livemode: true}
                to:
                  - {destination: ledger, transform: stripe.lua#entry}
                  - {destination: receipts, when: data.data.object.customer_email ~= nil, transform: stripe.lua#receipt}
                  - {destination: fraud, match: {data.data.object.amount_paid: {gte: 500000}}, transform: stripe.lua#risk}

            """###.utf8)),
        .init(path: "routes/subscribers.test.yaml", bytes: Array(###"""
            version: 1

            tests:
              a shipment goes to each subscriber at the version that it pinned:
                event: {type: order.shipped@2, source: warehouse, data_file: fixtures/order.shipped.2.json}
                expect:
                  deliveries:
                    - to: acme/main
                      version: 1
                      contains: {customer: C-8, total: "25.50", ship_to: FR, items: [{sku: ROCKET-XL, quantity: 2}]}
                      headers: {X-Webhook-Version: 1}
                    - to: globex/parcels
                      version: 2
                      contains: {customer_id: C-8, total_cents: 2550}
                      headers: {X-Webhook-Version: 2}

              a sender of the old version reaches both as well:
                request:
                  source: warehouse
                  headers: {X-Webhook-Version: 1}
                  sign: true
                  body_file: fixtures/order.shipped.1.json
                expect:
                  status: 202
                  deliveries:
                    - {to: acme/main, version: 1, golden: fixtures/order.shipped.1.json}
                    - {to: globex/parcels, version: 2, contains: {total_cents: 2550, shipping: {country: FR}}}

              a subscriber may leave out countries:
                event:
                  type: order.shipped@2
                  source: warehouse
                  data:
                    id: S-2
                    type: order.shipped
                    customer_id: C-9
                    total_cents: 100
                    currency: SEK
                    shipping: {country: SE}
                    lines: []
                expect:
                  deliveries: [{to: acme/main, version: 1, contains: {total: "1.00", ship_to: SE, items: []}}]

              an amount that cannot be read is held for repair:
                event:
                  type: order.shipped@1
                  source: warehouse
                  data: {id: S-3, type: order.shipped, customer: C-9, total: "12,50", currency: EUR, ship_to: DE, items: []}
                expect: {deliveries: [], held: [shipments-to-subscribers]}

              the versions say the same:
                round_trip: {event: order.shipped, from: 2, via: 1, data_file: fixtures/order.shipped.2.json}

              and the other way round:
                round_trip: {event: order.shipped, from: 1, via: 2, data_file: fixtures/order.shipped.1.json}

            """###.utf8)),
        .init(path: "routes/subscribers.yaml", bytes: Array(###"""
            # Shipments go to whoever subscribed, each at the version that it asked for.
            version: 1

            secrets:
              warehouse_token: {env: WAREHOUSE_TOKEN}
              acme_signing: {env: ACME_SIGNING_SECRET}
              globex_signing: {env: GLOBEX_SIGNING_SECRET}

            events:
              order.shipped:
                summary: A parcel has left the warehouse
                versions:
                  1: {schema: schemas/order.shipped.1.json, deprecated: 2026-06-30, sunset: 2027-06-30}
                  2: {schema: schemas/order.shipped.2.json, current: true}
                convert:
                  - {from: 1, to: 2, script: shipments.lua#v1_to_v2}
                  - {from: 2, to: 1, script: shipments.lua#v2_to_v1}

            sources:
              warehouse:
                path: /in/warehouse
                verify: {token: {header: Authorization, scheme: Bearer, secret: warehouse_token}}
                event:
                  type: {data: type}
                  id: {data: id}
                  version: {header: X-Webhook-Version, default: 2}
                dedupe: {key: id, within: 24h}
                validate: reject

            subscribers:
              acme:
                endpoints:
                  main: {url: https://hooks.acme.example/in, sign: {standard-webhooks: acme_signing}}
                subscriptions:
                  - {events: order.shipped, version: 1, to: main}

              globex:
                endpoints:
                  parcels: {url: https://globex.example/hooks/parcels, sign: {standard-webhooks: globex_signing}}
                subscriptions:
                  - {events: "order.*", version: 2, to: parcels, match: {data.shipping.country: [DE, FR]}}

            routes:
              shipments-to-subscribers:
                event: order.shipped@2  # senders of @1 are converted on the way in
                to: {subscribers: all}

            """###.utf8)),
        .init(path: "routes/suppliers.test.yaml", bytes: Array(###"""
            version: 1

            tests:
              a stock report becomes JSON for the warehouse and a form for planning:
                request:
                  source: supplier
                  headers: {Content-Type: application/xml}
                  sign: true
                  body_file: fixtures/supplier.stock.xml
                expect:
                  status: 202
                  deliveries:
                    - to: warehouse
                      body: {site: HAM, lines: [{sku: ROCKET-XL, count: 12}, {sku: ROCKET-S, count: 0}]}
                    - {to: planning, body: "report=R-7&notice=sold+out+at+HAM"}

              one item is a line like many:
                request:
                  source: supplier
                  headers: {Content-Type: application/xml}
                  sign: true
                  body_raw: <stock report="R-8" site="BER"><item sku="A">3</item></stock>
                expect:
                  deliveries: [{to: warehouse, body: {site: BER, lines: [{sku: A, count: 3}]}}]

              a report without items is an empty list:
                request:
                  source: supplier
                  headers: {Content-Type: text/xml; charset=utf-8}
                  sign: true
                  body_raw: <stock report="R-9" site="BER"/>
                expect:
                  deliveries: [{to: warehouse, body: {site: BER, lines: []}}]

              a document type declaration is refused:
                request:
                  source: supplier
                  headers: {Content-Type: application/xml}
                  sign: true
                  body_raw: <!DOCTYPE stock [<!ENTITY x SYSTEM "file:///etc/passwd">]><stock>&x;</stock>
                expect: {status: 400, deliveries: []}

              anything but XML is refused:
                request: {source: supplier, headers: {Content-Type: application/json}, sign: true, body: {stock: 1}}
                expect: {status: 415, deliveries: []}

            """###.utf8)),
        .init(path: "routes/suppliers.yaml", bytes: Array(###"""
            # A supplier reports its stock as XML; the warehouse wants JSON, the planners' form wants a few fields of it.
            version: 1

            sources:
              supplier:
                path: /in/supplier
                verify: {token: {header: Authorization, scheme: Bearer, secret: shop_token}}
                accept: xml
                event:
                  type: supplier.stock
                  id: {data: stock.@report}
                dedupe: {key: id, within: 24h}

            destinations:
              warehouse:
                url: https://warehouse.example.internal/stock
                sign: {hmac: sha256, secret: erp_key}
              planning:
                url: https://planning.example.internal/notices
                policy: best-effort

            routes:
              stock-to-warehouse:
                event: supplier.stock
                transform: suppliers.lua#levels
                to: warehouse

              stock-notice:
                event: supplier.stock
                match: {data.stock.item.@state: sold-out}
                to:
                  destination: planning
                  # Without a script: this is all that the form gets.
                  pick: data.none
                  set:
                    data.report: "{data.stock.@report}"
                    data.notice: "sold out at {data.stock.@site}"
                  format: form

            """###.utf8)),
        .init(path: "routes/warehouse.test.yaml", bytes: Array(###"""
            version: 1

            tests:
              each line of an order is picked by itself:
                event:
                  type: order.paid
                  source: shop
                  data:
                    id: A-7
                    shipping: {country: FR}
                    lines: [{sku: BOLT, qty: 3}, {sku: NUT, qty: 4}]
                expect:
                  deliveries:
                    - {to: warehouse-eu, body: {order_no: A-7, line: 1, sku: BOLT, count: 3, country: France}}
                    - {to: warehouse-eu, body: {order_no: A-7, line: 2, sku: NUT, count: 4, country: France}}
                  attempts: {warehouse-eu: [0s, 0s]}

              what leaves Europe can be cancelled for ten minutes:
                event:
                  type: order.paid
                  source: shop
                  data: {id: A-8, shipping: {country: US}, lines: [{sku: BOLT, qty: 1}]}
                expect:
                  deliveries: [{to: warehouse-world, contains: {country: "United States of America, the"}}]
                  attempts: {warehouse-world: [10m]}

              a country that is in no table is the rest of the world:
                event:
                  type: order.paid
                  source: shop
                  data: {id: A-9, shipping: {country: XX}, lines: [{sku: BOLT, qty: 1}]}
                expect:
                  deliveries: [{to: warehouse-world, contains: {country: "?"}}]

              an order without lines goes nowhere:
                event: {type: order.paid, source: shop, data: {id: A-10, lines: []}}
                expect: {deliveries: [], held: []}

              a line without a number of pieces is held, and the others go:
                event:
                  type: order.paid
                  source: shop
                  data: {id: A-11, shipping: {country: DE}, lines: [{sku: BOLT}, {sku: NUT, qty: 2}]}
                expect:
                  deliveries: [{to: warehouse-eu, contains: {line: 2}}]
                  held: [lines-to-warehouse]

              three orders in one request are three events:
                request:
                  source: shop
                  headers: {Content-Type: application/x-ndjson}
                  sign: true
                  body_raw: |
                    {"type": "order.paid", "id": "B-1", "shipping": {"country": "DE"}, "lines": [{"sku": "BOLT", "qty": 1}]}
                    {"type": "order.paid", "id": "B-2", "shipping": {"country": "DE"}, "lines": [{"sku": "NUT", "qty": 2}]}
                    {"type": "order.paid", "id": "B-1", "shipping": {"country": "DE"}, "lines": [{"sku": "BOLT", "qty": 1}]}
                expect:
                  status: 202
                  deliveries:
                    - {to: warehouse-eu, contains: {order_no: B-1}}
                    - {to: warehouse-eu, contains: {order_no: B-2}}

            """###.utf8)),
        .init(path: "routes/warehouse.yaml", bytes: Array(###"""
            # The lines of a paid order go to a warehouse, each by itself; the country decides which one.
            version: 1

            lookups:
              countries: {file: data/countries.csv, key: code}

            destinations:
              warehouse-eu: {url: https://warehouse-eu.example.internal/picks}
              warehouse-world: {url: https://warehouse.example.internal/picks}

            routes:
              lines-to-warehouse:
                event: order.paid
                source: shop
                # A line sees the order around it as data.order.
                split: {path: data.lines, parent: order}
                enrich:
                  lookup: countries
                  key: data.order.shipping.country
                  into: data.ship_to
                  default: {region: world}
                transform: warehouse.lua#pick
                switch:
                  - case: europe
                    match: {data.ship_to.region: eu}
                    to: warehouse-eu
                  - case: elsewhere
                    else: true
                    # Time to cancel before customs papers are written.
                    to: {destination: warehouse-world, deliver_after: 10m}

            """###.utf8)),
        .init(path: "scripts/README.md", bytes: Array(###"""
            # Scripts

            Lua 5.4, named in routes as `file.lua#function`. A script is a function of the event and the revision: it has no
            network, no files, no clock of its own and no state that outlives the call. So a retry, a replay and a dry run agree.

            | used as | called | returns |
            |---|---|---|
            | `filter:` | `f(event, ctx)` | `true`, or `false` and a reason |
            | `when:` | one expression over `event`, `data`, `headers`, `query`, `ctx` | true holds; false and nil do not |
            | `transform:` | `f(event, ctx)` | `body`, or `body, request`, or `many(list)`; or it ends with `drop(reason)` or `fail(reason)` |

            Returning nothing, or nil, from a transform is an error: a forgotten `return` loses no event. What happens on an error is
            the route's `on_error`: `hold` (kept for repair), `drop`, or `pass` (the original body is sent).

            ## What a script sees
            `event`: `id`, `type`, `version`, `time` (RFC 3339), `source`, `subject`, `headers` (lower-case names), `query`, `data`
            (the JSON body; nil where it is none), `raw` (the body's bytes), `meta.path`, `meta.method`, `meta.sender_id`.
            `ctx`: `route`, `destination` (transforms only), `revision`, `now` (Unix milliseconds), `test` (dry runs and tests).

            ## What it returns
            - `return event.data`, untouched, sends the original bytes. What is not touched keeps its text: numbers, order, spaces.
            - A string is sent as a JSON string; with `content_type` in the request table it is the body itself.
            - `request` may hold `method`, `path` (with its query), `query`, `headers`, `content_type`. Headers that frame, address
              or sign the delivery cannot be set.
            - `many(list)` makes one delivery per element. An element is a body, or `{body = …, request = …}` with nothing else
              in it. An empty list drops the event.

            ## Functions
            | | |
            |---|---|
            | JSON | `null`, `is_null(v)`, `opt(v)` (null becomes nil), `array(t)`, `object{{k, v}, …}`, `copy`, `get(t, "a.b[1]", default)`, `set`, `pick`, `omit`, `merge`, `equal`, `num("18446744073709551615")`, `json.encode`, `json.decode` |
            | codings | `base64.encode`, `.decode`, `.encode_url`, `.decode_url`; `hex.encode`, `.decode`; `url.encode`, `.decode`; malformed input gives nil and a message |
            | digests | `sha256(s)`, `hmac(secret_name, s)` (SHA-256); lower-case hexadecimal. The secret's value is never seen |
            | time | `now()` and all times in Unix milliseconds; `time.parse(text)`, `time.format(t, "rfc3339" / "date" / "seconds")`, `time.add(t, "1h30m")`; `t` may be RFC 3339 text. `now()` is when the event was accepted |
            | chance | `uuid()`, `uuid(name)`, `rand()`, `rand(n)`, `rand(m, n)`: the same for the same event and route |
            | signals | `log.info/warn/error(message, fields)`, `print(…)`, `count(name, n, labels)` |
            | ends | `drop(reason)`, `fail(reason)`, `many(list)` |

            `require "lib.money"` loads `scripts/lib/money.lua`, once; it must return a table. Names are literal, circles are
            refused. After loading, globals and modules are read-only.

            A call may use 2,000,000 steps, 16 MiB of memory and 250 ms. Steps are Lua instructions and the work of functions; they
            are the same on every machine, and a test can bound them with `max_steps`.

            """###.utf8)),
        .init(path: "scripts/chat.lua", bytes: Array(###"""
            -- GitHub events as messages for a chat room: `{"text": "..."}`.

            --- "acme/rocket v2.1.0 is out: https://github.com/acme/rocket/releases/tag/v2.1.0"
            function release_message(event, ctx)
              local release = event.data.release
              return {
                text = string.format("%s %s is out: %s", event.data.repository.full_name, release.tag_name, release.html_url),
              }
            end

            local function first_line(text)
              return text:match("^[^\r\n]*")
            end

            --- "acme/rocket: 2 commits on main by ada: Fix the valve (https://github.com/...)"
            function push_message(event, ctx)
              local push = event.data
              if push.deleted then return drop("the branch was deleted") end
              if #push.commits == 0 then return drop("no commits") end

              local branch = push.ref:gsub("^refs/heads/", "")
              local count = #push.commits
              return {
                text = string.format("%s: %d %s on %s by %s: %s (%s)", push.repository.full_name, count,
                  count == 1 and "commit" or "commits", branch, push.pusher.name,
                  first_line(push.commits[count].message), push.compare),
              }
            end

            """###.utf8)),
        .init(path: "scripts/lib/money.lua", bytes: Array(###"""
            -- Amounts of money as text: whole minor units in, a decimal out, no floating point on the way.

            local money = {}

            -- Digits after the point where it is not two (ISO 4217).
            local DIGITS = {
              bhd = 3, jod = 3, kwd = 3, omr = 3, tnd = 3,
              clp = 0, isk = 0, jpy = 0, krw = 0, vnd = 0, xaf = 0, xof = 0,
            }

            --- The amount as people write it: `money.format(1200, "eur")` is `"12.00"`, `money.format(1200, "jpy")` is `"1200"`.
            function money.format(amount, currency)
              if math.type(amount) ~= "integer" then
                error("an amount is a whole number of minor units, not " .. tostring(amount), 2)
              end
              local digits = DIGITS[string.lower(currency or "")] or 2
              if digits == 0 then return tostring(amount) end

              local text = tostring(amount)
              local sign = ""
              if text:sub(1, 1) == "-" then
                sign, text = "-", text:sub(2)
              end
              text = string.rep("0", digits + 1 - #text) .. text
              return sign .. text:sub(1, -digits - 1) .. "." .. text:sub(-digits)
            end

            return money

            """###.utf8)),
        .init(path: "scripts/orders.lua", bytes: Array(###"""
            -- Orders of the shop, as the ERP wants them.

            local money = require "lib.money"

            --- Orders of 10,000.00 and more.
            function is_big(event, ctx)
              return event.data.total_cents >= 1000000
            end

            --- The order in the words of the ERP; its lines go through as they are.
            function to_erp(event, ctx)
              local order = event.data
              return {
                order_no = order.id,
                total = money.format(order.total_cents, get(order, "currency", "eur")),
                lines = opt(order.lines) or array {},
                country = order.shipping.country,
              }
            end

            """###.utf8)),
        .init(path: "scripts/sensors.lua", bytes: Array(###"""
            -- Readings of one device and metric become one point a minute.

            function minute(events, ctx)
              local first = events[1].data
              local min, max, sum = first.value, first.value, 0
              for _, event in ipairs(events) do
                local value = event.data.value
                if value < min then min = value end
                if value > max then max = value end
                sum = sum + value
              end
              return {
                device = first.device,
                metric = first.metric,
                from = ctx.window.opened_at,
                to = ctx.window.closed_at,
                count = ctx.window.count,
                min = min,
                max = max,
                avg = sum / #events,
              }
            end

            function alarm(event, ctx)
              local minute = event.data
              return {text = minute.device .. " reached " .. minute.max .. " degrees (" .. minute.count .. " readings)"}
            end

            """###.utf8)),
        .init(path: "scripts/shipments.lua", bytes: Array(###"""
            -- Between the versions of order.shipped. Nothing is lost on the way there and back: a test says so.

            local money = require "lib.money"

            --- One list from another, each element by a function.
            local function map(list, f)
              local made = array {}
              for place, item in ipairs(list) do made[place] = f(item) end
              return made
            end

            --- Amounts were text with two decimals, places were words of their own.
            function v1_to_v2(data, ctx)
              local units, cents = data.total:match("^(%d+)%.(%d%d)$")
              if not units then fail("the total \"" .. data.total .. "\" is no amount with two decimals") end
              return {
                id = data.id,
                type = data.type,
                customer_id = data.customer,
                total_cents = math.tointeger(units) * 100 + math.tointeger(cents),
                currency = data.currency,
                shipping = {country = data.ship_to},
                lines = map(data.items, function(item) return {sku = item.sku, count = item.quantity} end),
              }
            end

            function v2_to_v1(data, ctx)
              return {
                id = data.id,
                type = data.type,
                customer = data.customer_id,
                total = money.format(data.total_cents, data.currency),
                currency = data.currency,
                ship_to = data.shipping.country,
                items = map(data.lines, function(line) return {sku = line.sku, quantity = line.count} end),
              }
            end

            """###.utf8)),
        .init(path: "scripts/stripe.lua", bytes: Array(###"""
            -- One Stripe event, three readers: the ledger, the customer, the fraud desk.
            -- Stripe puts the object that changed at `data.object` of the body, amounts in whole minor units.

            local money = require "lib.money"

            -- What moved: positive for money that came in, negative for money that went back.
            local function moved(object)
              if opt(object.amount_refunded) and object.amount_refunded > 0 then return -object.amount_refunded end
              return opt(object.amount_paid) or object.amount
            end

            --- A line for the ledger.
            function entry(event, ctx)
              local object = event.data.data.object
              return {
                account = object.customer,
                amount = money.format(moved(object), object.currency),
                currency = object.currency,
                external_id = object.id,
                livemode = event.data.livemode,
              }
            end

            --- A receipt by mail.
            function receipt(event, ctx)
              local object = event.data.data.object
              local to = opt(object.customer_email) or opt(object.receipt_email)
              if not to then return drop("the customer left no address") end
              return {
                to = to,
                subject = "Your receipt " .. (opt(object.number) or object.id),
                amount = money.format(moved(object), object.currency),
              }
            end

            --- A hint for the fraud desk: from 0, nothing special, to 100.
            function risk(event, ctx)
              local object = event.data.data.object
              local amount = moved(object)
              local score = 0
              if amount >= 500000 then score = score + 40 end
              if amount >= 2000000 then score = score + 30 end
              if get(object, "customer_email", "") == "" then score = score + 20 end
              if get(object, "billing_reason") == "manual" then score = score + 10 end
              return {charge = opt(object.charge) or object.id, amount_paid = amount, score = score}
            end

            """###.utf8)),
        .init(path: "scripts/suppliers.lua", bytes: Array(###"""
            -- A supplier's stock report as the warehouse wants it. XML arrives as a table: elements are keys, attributes have an @.

            -- One element of a name is a value, several are a list.
            local function each(value)
              if value == nil then return {} end
              if type(value) == "table" and value[1] ~= nil then return value end
              return {value}
            end

            function levels(event)
              local stock = event.data.stock
              local lines = {}
              for _, item in ipairs(each(stock.item)) do
                table.insert(lines, {sku = item["@sku"], count = math.tointeger(tonumber(item["#text"]))})
              end
              return {site = stock["@site"], lines = array(lines)}
            end

            """###.utf8)),
        .init(path: "scripts/warehouse.lua", bytes: Array(###"""
            -- Lines of orders as the warehouse takes them.

            -- One line; event.data.order is the order around it.
            function pick(event)
              local line = event.data
              if not opt(line.qty) then
                fail("the line has no number of pieces")
              end
              return {
                order_no = line.order.id,
                line = tonumber(event.id:match("%.(%d+)$")),
                sku = line.sku,
                count = line.qty,
                country = get(line, "ship_to.name", "?"),
              }
            end

            """###.utf8)),
    ]
}
