// SPDX-License-Identifier: Apache-2.0
// Codes of the route files. Each has a golden case below Tests/GoldenTests/cases/diagnostics.

extension CodeRegistry {
    static let configuration: [CodeEntry] =
        configurationFiles + configurationNames + configurationRoutes + configurationEnds

    private static let configurationFiles: [CodeEntry] = [
        CodeEntry(
            "yaml/syntax", "The file is not YAML",
            """
            The file cannot be read as YAML 1.2, or is not UTF-8. The place is where the reader gave up; the \
            cause often stands a line above: a bracket or quote that is not closed, a tab used to indent, or an \
            unquoted text that begins with a special character. Nothing else in the file was looked at.
            """,
            wrong: """
                routes:
                  to-chat:
                    event: [order.created
                    to: chat
                """,
            right: """
                routes:
                  to-chat:
                    event: [order.created]
                    to: chat
                """),
        CodeEntry(
            "yaml/too-large", "The file is too large or too deep",
            """
            A file may have 1 MiB and nest 64 levels; both bounds keep a mistake or an attack from stopping the \
            check. Large tables belong into files beside the routes.
            """,
            wrong: """
                x-deep: [[[[[[[[[[…]]]]]]]]]]
                """,
            right: """
                x-flat: [1, 2, 3]
                """),
        CodeEntry(
            "yaml/alias", "An alias cannot be followed",
            """
            An alias names an anchor that does not stand above it, names a node that it stands inside, or all \
            aliases together grow into more than 10,000 nodes. Write the value out; delivery settings are shared \
            better with a policy and `extends`.
            """,
            wrong: """
                x-shared: &shared [a, *shared]
                """,
            right: """
                x-shared: &shared [a, b]
                x-again: *shared
                """),
        CodeEntry(
            "yaml/tag", "A tag is not understood",
            """
            Tags (`!name`) make readers construct things of their own choice. Only `!!str` is known; quotes say \
            the same.
            """,
            wrong: """
                x-when: !date 2026-01-01
                """,
            right: """
                x-when: "2026-01-01"
                """),
        CodeEntry(
            "yaml/documents", "The file holds more than one document",
            """
            A file is one document. What stands behind `---` would be ignored in silence by many tools, so it is \
            refused; put it into a file of its own, all files below routes/ are read together.
            """,
            wrong: """
                x-first: 1
                ---
                version: 1
                """,
            right: """
                x-first: 1
                """),
        CodeEntry(
            "yaml/duplicate-key", "A key stands twice in one map",
            """
            YAML tools disagree on which of the two counts. Remove one. The first place is named.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timeout: 3s
                    timeout: 5s
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timeout: 5s
                """),
        CodeEntry(
            "yaml/ambiguous", "YAML 1.1 tools read this value differently",
            """
            Values are resolved by the core schema of YAML 1.2: `NO`, `on`, `yes` and `12:30` are text, `010` is \
            the number ten. Tools that read YAML 1.1 make false, true, 750 and 8 of them. Quotes make the \
            meaning the same everywhere.
            """,
            wrong: """
                routes:
                  to-chat:
                    match: {data.country: [DE, NO]}
                    to: chat
                """,
            right: """
                routes:
                  to-chat:
                    match: {data.country: [DE, "NO"]}
                    to: chat
                """),
        CodeEntry(
            "config/version", "The version of the format is not known",
            """
            Each file says the version of its format in its first line, so that a later version can read it as \
            it was meant. This program reads version 1.
            """,
            wrong: """
                version: 2
                """,
            right: """
                version: 1
                """),
        CodeEntry(
            "config/unknown-key", "A key is not known here",
            """
            An unknown key is never ignored: it is mostly a misspelt one. Keys that begin with `x-` are free.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timout: 3s
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timeout: 3s
                """),
        CodeEntry(
            "config/missing-key", "A required key is missing",
            """
            The map cannot mean anything without this key.
            """,
            wrong: """
                destinations:
                  ledger: {method: PUT}
                """,
            right: """
                destinations:
                  ledger: {method: PUT, url: "https://ledger.example/entries"}
                """),
        CodeEntry(
            "config/type", "A value is of the wrong kind",
            """
            The value is not what the key takes. Durations and sizes need their unit; text that looks like a \
            number or truth value needs quotes.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timeout: 10
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timeout: 10s
                """),
        CodeEntry(
            "config/range", "A value is out of range",
            """
            The value is of the right kind and beyond what makes sense or what the program can hold.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    concurrency: 0
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    concurrency: 1
                """),
        CodeEntry(
            "config/empty-list", "A list is empty",
            """
            An empty list could mean "none" or "all"; it means neither here. Leave the key out for its default.
            """,
            wrong: """
                routes:
                  to-chat: {event: [], to: chat}
                """,
            right: """
                routes:
                  to-chat: {event: [order.created], to: chat}
                """),
        CodeEntry(
            "config/duplicate-name", "A name is declared twice",
            """
            Names are unique for each kind over all files, since queues, metrics and references are known by \
            them. The place of the first is named.
            """,
            wrong: """
                destinations:
                  chat: {url: "https://other.example/hook"}
                """,
            right: """
                destinations:
                  other-chat: {url: "https://other.example/hook"}
                """),
        CodeEntry(
            "config/name", "A name has other characters than names may have",
            """
            Names begin with a lower-case letter and go on with lower-case letters, digits, `-` and `_`. They \
            stand in metrics, commands and paths, where anything else would need escaping.
            """,
            wrong: """
                destinations:
                  Ledger EU: {url: "https://ledger.example/entries"}
                """,
            right: """
                destinations:
                  ledger-eu: {url: "https://ledger.example/entries"}
                """),
        CodeEntry(
            "config/conflict", "Two keys exclude each other",
            """
            Each of the two keys says all by itself; together they contradict each other.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    retry: {attempts: 3, delays: [1s, 5s]}
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    retry: {delays: [1s, 5s]}
                """),
        CodeEntry(
            "config/not-yet", "A key belongs to a later version",
            """
            The key is part of the language and its shape is checked, but this version does not do what it says. \
            As a warning: leaving it undone does not change what is delivered. As an error: it would.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    rate: 20/s
                    order_by: data.customer_id
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                """),
        CodeEntry(
            "config/address", "An address or address block cannot be read",
            """
            Addresses are written in full: `10.20.0.0/16`, `2001:db8::/32`, `127.0.0.1`. Leading zeros are \
            refused because programs disagree on whether they mean octal.
            """,
            wrong: """
                sources:
                  intern: {path: /in/intern, verify: none, allow_ips: [10.20.0.0/33]}
                """,
            right: """
                sources:
                  intern: {path: /in/intern, verify: none, allow_ips: [10.20.0.0/16]}
                """),
        CodeEntry(
            "config/too-many", "The file has more findings than are shown",
            """
            At most 20 findings of a file are shown, errors first; the rest show when these are gone.
            """),
    ]

    private static let configurationNames: [CodeEntry] = [
        CodeEntry(
            "secret/unknown", "No secret has this name",
            """
            Fields that take a secret take its name. The secret itself is declared below `secrets:` with where \
            its value comes from; values never stand in a file.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    auth: {bearer: kye}
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    auth: {bearer: key}
                """),
        CodeEntry(
            "policy/unknown", "No policy has this name",
            """
            A destination or policy names a policy that is not declared. `standard` is always there.
            """,
            wrong: """
                destinations:
                  ledger: {url: "https://ledger.example/entries", policy: standart}
                """,
            right: """
                destinations:
                  ledger: {url: "https://ledger.example/entries", policy: standard}
                """),
        CodeEntry(
            "policy/cycle", "A policy extends itself",
            """
            Following `extends` comes back to the same policy, so that no setting has a value.
            """,
            wrong: """
                policies:
                  fast: {extends: careful, timeout: 1s}
                  careful: {extends: fast}
                """,
            right: """
                policies:
                  fast: {extends: careful, timeout: 1s}
                  careful: {extends: standard}
                """),
        CodeEntry(
            "source/no-verify", "A source does not say how requests are verified",
            """
            Without a check anybody who finds the path can send events. That may be meant, in a closed network, \
            but it must be written: `verify: none`.
            """,
            wrong: """
                sources:
                  intern: {path: /in/intern}
                """,
            right: """
                sources:
                  intern: {path: /in/intern, verify: none}
                """),
        CodeEntry(
            "source/missing-secret", "A check names no secret",
            """
            A check without a key would accept everything or nothing. With a preset the secret stands beside it; \
            else inside the check.
            """,
            wrong: """
                sources:
                  github: {preset: github, path: /in/github}
                """,
            right: """
                sources:
                  github: {preset: github, path: /in/github, secret: key}
                """),
        CodeEntry(
            "source/preset", "No preset has this name",
            """
            Presets are settings of providers that come with the program. A provider without one is described by \
            `verify:` and `event:`.
            """,
            wrong: """
                sources:
                  github: {preset: gihtub, path: /in/github, secret: key}
                """,
            right: """
                sources:
                  github: {preset: github, path: /in/github, secret: key}
                """),
        CodeEntry(
            "source/path", "A path cannot be used by this source",
            """
            Each source has a path of its own; `/livez` belongs to the listener.
            """,
            wrong: """
                sources:
                  other-shop: {path: /in/shop, verify: none}
                """,
            right: """
                sources:
                  other-shop: {path: /in/other-shop, verify: none}
                """),
        CodeEntry(
            "source/signed", "What is signed does not fit the check",
            """
            The template of what is signed has an unknown hole, leaves out the body, or uses `{timestamp}` or \
            `{id}` while nothing says where they stand.
            """,
            wrong: """
                sources:
                  partner:
                    path: /in/partner
                    verify: {hmac: {header: X-Signature, signed: "{timestamp}.{body}", secret: key}}
                """,
            right: """
                sources:
                  partner:
                    path: /in/partner
                    verify: {hmac: {header: X-Signature, signed: "{timestamp}.{body}", timestamp: {header: X-Timestamp}, secret: key}}
                """),
        CodeEntry(
            "source/dedupe", "There is nothing to deduplicate by",
            """
            `dedupe: {key: id}` uses the sender's id of the event, and `event:` does not say where it stands.
            """,
            wrong: """
                sources:
                  partner: {path: /in/partner, verify: none, dedupe: {key: id}}
                """,
            right: """
                sources:
                  partner: {path: /in/partner, verify: none, event: {id: {header: X-Id}}, dedupe: {key: id}}
                """),
    ]

    private static let configurationRoutes: [CodeEntry] = [
        CodeEntry(
            "route/unknown-destination", "No destination has this name",
            """
            A route names a destination that no file declares. The nearest known name is suggested with its \
            place.
            """,
            wrong: """
                routes:
                  to-chat: {event: order.created, to: caht}
                """,
            right: """
                routes:
                  to-chat: {event: order.created, to: chat}
                """),
        CodeEntry(
            "route/unknown-source", "No source has this name",
            """
            A route is bound to a source that no file declares, so it could never fire.
            """,
            wrong: """
                routes:
                  to-chat: {source: shpo, to: chat}
                """,
            right: """
                routes:
                  to-chat: {source: shop, to: chat}
                """),
        CodeEntry(
            "route/unknown-event", "The catalogue has no such version",
            """
            The catalogue below `events:` declares versions of this type, and not the one that is asked for.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {current: true}}}

                routes:
                  to-chat: {event: order.created@2, to: chat}
                """,
            right: """
                routes:
                  to-chat: {event: order.created@1, to: chat}
                """),
        CodeEntry(
            "route/event", "A text is no event type",
            """
            Types are text such as `order.created`; `*` stands for any characters, `@` and a number for a \
            version.
            """,
            wrong: """
                routes:
                  to-chat: {event: order.created@new, to: chat}
                """,
            right: """
                routes:
                  to-chat: {event: order.created@2, to: chat}
                """),
        CodeEntry(
            "route/window-never-closes", "Nothing surely ends a window",
            """
            `close:` says when a window ends. Without `after:` or `idle:` a key that comes seldom leaves its window open \
            for 30 days, the longest that any window lives; without anything it is an error.
            """,
            wrong: """
                routes:
                  digest:
                    aggregate: {key: data.customer, close: {count: 100}, with: collect}
                    to: chat
                """,
            right: """
                routes:
                  digest:
                    aggregate: {key: data.customer, close: {count: 100, after: 10m}, with: collect}
                    to: chat
                """),
        CodeEntry(
            "route/emit-circle", "Routes emit what they take, without end",
            """
            An event that a route emits is taken by a route that emits again, and so on back to the first, and no condition \
            stands in between. After 8 steps the event is held. Name another type, or add a condition that ends it.
            """,
            wrong: """
                routes:
                  again: {event: order.created, emit: order.created}
                """,
            right: """
                routes:
                  again: {event: order.created, emit: order.copied}
                """),
        CodeEntry(
            "route/no-target", "A route goes nowhere",
            """
            A route needs `to:`, `switch:` or `emit:`.
            """,
            wrong: """
                routes:
                  to-chat: {event: order.created}
                """,
            right: """
                routes:
                  to-chat: {event: order.created, to: chat}
                """),
        CodeEntry(
            "route/case-without-condition", "A case has no condition",
            """
            A case without a condition would hold always and hide the ones behind it. Where that is meant it \
            says `else: true` and comes last.
            """,
            wrong: """
                routes:
                  to-chat:
                    switch:
                      - {case: all, to: chat}
                """,
            right: """
                routes:
                  to-chat:
                    switch:
                      - {case: all, else: true, to: chat}
                """),
        CodeEntry(
            "route/unreachable-case", "No event reaches a case",
            """
            The first case that holds fires, and a case before this one holds always.
            """,
            wrong: """
                routes:
                  to-chat:
                    switch:
                      - {case: rest, else: true, to: chat}
                      - {case: big, match: {data.total: {gt: 100}}, to: chat}
                """,
            right: """
                routes:
                  to-chat:
                    switch:
                      - {case: big, match: {data.total: {gt: 100}}, to: chat}
                      - {case: rest, else: true, to: chat}
                """),
        CodeEntry(
            "route/script", "A text names no script",
            """
            Scripts are named `file.lua#function`, the file relative to `scripts/` and below it. A few lines can \
            stand in place with `lua: |`.
            """,
            wrong: """
                routes:
                  to-chat: {to: chat, transform: chat.lua}
                """,
            right: """
                routes:
                  to-chat: {to: chat, transform: chat.lua#message}
                """),
        CodeEntry(
            "match/path", "A path cannot be read",
            """
            Paths begin with a root (data, headers, query, source, type, version, id, subject, method, path) and \
            go on with keys behind dots. A key that holds a dot stands in quotes: `data."a.b"`.
            """,
            wrong: """
                routes:
                  to-chat: {match: {action: published}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.action: published}, to: chat}
                """),
        CodeEntry(
            "match/operator", "An operator is not known",
            """
            A map behind a path holds operators. There are no regular expressions: `glob`, `prefix`, `suffix` \
            and `contains` cover what they are mostly used for, and cannot be slow.
            """,
            wrong: """
                routes:
                  to-chat: {match: {data.ref: {startswith: refs/heads/}}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.ref: {prefix: refs/heads/}}, to: chat}
                """),
        CodeEntry(
            "match/operand", "An operator cannot work with this value",
            """
            The operator takes another kind of value.
            """,
            wrong: """
                routes:
                  to-chat: {match: {data.total: {gte: many}}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.total: {gte: 100}}, to: chat}
                """),
        CodeEntry(
            "match/empty", "A condition says nothing",
            """
            An empty map holds for everything, which is what leaving it out says clearer.
            """,
            wrong: """
                routes:
                  to-chat: {match: {}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {to: chat}
                """),
        CodeEntry(
            "match/conflict", "Two conditions contradict each other",
            """
            No event can satisfy both: a value cannot be absent and equal to something, and nothing lies between \
            a larger and a smaller number.
            """,
            wrong: """
                routes:
                  to-chat: {match: {data.total: {exists: false, gte: 100}}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.total: {gte: 100}}, to: chat}
                """),
        CodeEntry(
            "match/never", "A condition can never hold",
            """
            The route or target would never fire. `not: {exists: true}` is the usual case: a negative operator \
            needs a value to be there.
            """,
            wrong: """
                routes:
                  to-chat: {match: {data.total: {not: {exists: true}}}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.total: {exists: false}}, to: chat}
                """),
        CodeEntry(
            "match/always", "A condition holds for everything that it can meet",
            """
            The condition does not choose. Mostly something else was meant, such as `exists: true`.
            """,
            wrong: """
                routes:
                  to-chat: {match: {data.ref: {prefix: ""}}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.ref: {exists: true}}, to: chat}
                """),
    ]

    private static let configurationEnds: [CodeEntry] = [
        CodeEntry(
            "destination/url", "A URL cannot be used",
            """
            URLs of destinations begin with http:// or https://, have a literal host, and hold no user, password \
            or fragment. A value of an event may stand in the path and the query, never in the host: else a \
            sender would choose which machine is called.
            """,
            wrong: """
                destinations:
                  ledger: {url: "https://{data.region}.example/entries"}
                """,
            right: """
                destinations:
                  ledger: {url: "https://ledger.example/{data.region}/entries"}
                """),
        CodeEntry(
            "destination/header", "A header cannot be set",
            """
            The name is no header name (RFC 9110), or a header that frames the message and is set by the sender \
            itself.
            """,
            wrong: """
                destinations:
                  ledger: {url: "https://ledger.example/entries", headers: {Content-Length: "10"}}
                """,
            right: """
                destinations:
                  ledger: {url: "https://ledger.example/entries", headers: {X-Shop: "10"}}
                """),
        CodeEntry(
            "template/syntax", "A template cannot be read",
            """
            Braces hold a path: `{data.id}`. A brace that is meant as such is written twice. Line breaks are \
            refused, since they would end a header.
            """,
            wrong: """
                destinations:
                  ledger: {url: "https://ledger.example/entries", headers: {X-Order: "{id"}}
                """,
            right: """
                destinations:
                  ledger: {url: "https://ledger.example/entries", headers: {X-Order: "{data.id}"}}
                """),
        CodeEntry(
            "test/unknown-name", "A test names something that is not declared",
            """
            A test expects a delivery to a destination, or uses a route or source, that no file declares.
            """,
            wrong: """
                tests:
                  an order is told:
                    event: {type: order.created}
                    expect: {deliveries: [{to: chatt}]}
                """,
            right: """
                tests:
                  an order is told:
                    event: {type: order.created}
                    expect: {deliveries: [{to: chat}]}
                """),
        CodeEntry(
            "test/file", "A file of a test is not there",
            """
            Files are named relative to the test's own file and stay inside the project.
            """,
            wrong: """
                tests:
                  an order is told:
                    event: {type: order.created, data_file: fixtures/order.json}
                    expect: {deliveries: [{to: chat}]}
                """,
            right: """
                tests:
                  an order is told:
                    event: {type: order.created, data: {id: A-1}}
                    expect: {deliveries: [{to: chat}]}
                """),
        CodeEntry(
            "test/input", "A test has no input, or several",
            """
            A test has exactly one of `event`, `request` and `steps`; a step exactly one of `event`, `request` \
            and `advance`.
            """,
            wrong: """
                tests:
                  nothing happens:
                    expect: {deliveries: []}
                """,
            right: """
                tests:
                  an order is told:
                    event: {type: order.created}
                    expect: {deliveries: [{to: chat}]}
                """),
    ]
}
