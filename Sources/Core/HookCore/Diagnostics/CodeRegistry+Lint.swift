// SPDX-License-Identifier: Apache-2.0
// Codes of checks over a whole project and against schemas. Each has a golden case below
// Tests/GoldenTests/cases/diagnostics.

extension CodeRegistry {
    static let lint: [CodeEntry] = lintConditions + lintSchemas + lintProject

    private static let lintConditions: [CodeEntry] = [
        CodeEntry(
            "match/contradiction", "No value passes all tests of a path",
            """
            Operators in one map are meant for one value, and no value passes these: a range is empty, a value lies \
            outside of a range or does not begin as it should, or one test is for numbers and the other for text. \
            Strictly, a path may reach several elements of an array, and two of them could pass one test each; `any:` \
            asks one element for everything. Where the schema says that there is one value, conditions on it in \
            different places are compared too.
            """,
            wrong: """
                routes:
                  to-chat: {match: {data.total: {gt: 100, lt: 10}}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.total: {gt: 10, lt: 100}}, to: chat}
                """),
        CodeEntry(
            "match/redundant", "A part of a condition says nothing",
            """
            The value stands twice in a list, or another value or alternative lets through everything that this one \
            does: `{prefix: [a, ab]}` is `{prefix: a}`. Often one of the two was meant to be something else.
            """,
            wrong: """
                routes:
                  to-chat: {match: {data.country: [DE, FR, DE]}, to: chat}
                """,
            right: """
                routes:
                  to-chat: {match: {data.country: [DE, FR, IT]}, to: chat}
                """),
    ]

    private static let lintSchemas: [CodeEntry] = [
        CodeEntry(
            "schema/file", "A schema cannot be read",
            """
            The catalogue names a file beside the route file that is not there, or is not JSON, or is no schema. A \
            catalogue that cannot be relied on is worse than none, so it is refused.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.jsn}}}
                """,
            right: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                """),
        CodeEntry(
            "schema/unknown-path", "The schema has no such path",
            """
            A condition, template or script looks at a path that the schemas of all events that may come do not \
            declare. Mostly it is misspelt. A schema that leaves other properties open (it does not say \
            `additionalProperties: false`) does not forbid the path, but nobody promises it either.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                routes:
                  to-chat: {event: order.created@1, match: {data.totl: 5}, to: chat}
                """,
            right: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                routes:
                  to-chat: {event: order.created@1, match: {data.total: 5}, to: chat}
                """),
        CodeEntry(
            "schema/type", "By its schema the value is of another kind",
            """
            The condition asks for text where the schema says number, or the like; values of the wrong kind never \
            match. A number in quotes is text.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                routes:
                  to-chat: {event: order.created@1, match: {data.total: "5"}, to: chat}
                """,
            right: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                routes:
                  to-chat: {event: order.created@1, match: {data.total: 5}, to: chat}
                """),
        CodeEntry(
            "schema/value", "By its schema the value cannot be this one",
            """
            The schema lists the values that may stand there (`enum`, `const`) or bounds them (`minimum`, `maximum` \
            and the exclusive ones), and none of them passes the test.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                routes:
                  to-chat: {event: order.created@1, match: {data.state: piad}, to: chat}
                """,
            right: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                routes:
                  to-chat: {event: order.created@1, match: {data.state: paid}, to: chat}
                """),
    ]

    private static let lintProject: [CodeEntry] = [
        CodeEntry(
            "secret/unresolved", "A secret has no value",
            """
            The variable is not set, or the file is missing, empty or not readable, here and now. `check` warns, \
            since the files are not at fault: `--deny-warnings` does not count it, `--secrets deny` makes it an \
            error, `--secrets off` does not look. `serve` logs an error for each and runs, since files of secrets may \
            come later: until then requests of its sources are answered 503 and deliveries wait. `serve --strict` \
            refuses to start.
            """),
        CodeEntry(
            "config/unused", "Something is declared and never used",
            """
            No route names the destination, no destination the policy, nothing the secret, no script the look-up. It \
            is a rest of an older state, or its use is missing. Not said while there are errors: a misspelt name \
            leaves the right one unused.
            """,
            wrong: """
                destinations:
                  archive: {url: "https://archive.example/in"}
                """,
            right: """
                destinations:
                  archive: {url: "https://archive.example/in"}
                routes:
                  to-archive: {event: order.paid, to: archive}
                """),
        CodeEntry(
            "route/duplicate", "Two routes do the same",
            """
            Every route that matches fires, so two routes with the same events, conditions and targets make every \
            delivery twice.
            """,
            wrong: """
                routes:
                  to-chat: {event: order.paid, to: chat}
                  to-chat-too: {event: order.paid, to: chat}
                """,
            right: """
                routes:
                  to-chat: {event: order.paid, to: chat}
                """),
        CodeEntry(
            "route/duplicate-target", "A target stands twice",
            """
            The destination gets the same delivery twice, under the same conditions and with the same body.
            """,
            wrong: """
                routes:
                  to-chat: {event: order.paid, to: [chat, chat]}
                """,
            right: """
                routes:
                  to-chat: {event: order.paid, to: [chat]}
                """),
        CodeEntry(
            "route/unsent-event", "No source sends events of this type",
            """
            The types that a source can send are known by its preset or its `event.type`: a constant, a prefix before \
            a header or field, or the name of the source. None of the sources that the route listens to can send \
            this one.
            """,
            wrong: """
                sources:
                  github: {preset: github, path: /in/github, secret: key}
                routes:
                  to-chat: {source: github, event: gihub.release, to: chat}
                """,
            right: """
                sources:
                  github: {preset: github, path: /in/github, secret: key}
                routes:
                  to-chat: {source: github, event: github.release, to: chat}
                """),
        CodeEntry(
            "source/unrouted", "No route takes events of this source",
            """
            Every route names the sources that it listens to, and none names this one. Its events are accepted and \
            end unmatched.
            """,
            wrong: """
                sources:
                  wiki: {path: /in/wiki, verify: none}
                """,
            right: """
                sources:
                  wiki: {path: /in/wiki, verify: none}
                routes:
                  wiki-to-chat: {source: wiki, to: chat}
                """),
        CodeEntry(
            "source/dedupe-window", "Keys are forgotten before the provider stops repeating",
            """
            A provider sends an event again when it heard no success, for as long as its documentation says. A \
            deduplication key that is kept for a shorter time lets a late repetition in as a new event. Without \
            `within:` the window of a preset is long enough.
            """,
            wrong: """
                sources:
                  stripe: {preset: stripe, path: /in/stripe, secret: key, dedupe: {key: id, within: 1h}}
                """,
            right: """
                sources:
                  stripe: {preset: stripe, path: /in/stripe, secret: key, dedupe: {key: id}}
                """),
        CodeEntry(
            "policy/give-up", "Attempts are planned that never start",
            """
            Added up, the delays of a retry schedule reach beyond `give_up_after`, which ends a delivery first. The \
            sum is without jitter, which only makes delays shorter.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    retry: {delays: [1m, 1h, 12h], give_up_after: 2h}
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    retry: {delays: [1m, 1h, 12h], give_up_after: 24h}
                """),
        CodeEntry(
            "policy/timeouts", "Times do not fit together",
            """
            `connect_timeout` is a part of `timeout`, so a longer one has no effect. And when the process stops it \
            waits `shutdown_grace` for attempts under way; one that may take longer is cut off and made again after \
            the next start, so the destination may see it twice. Nothing else bounds an attempt: the store gives no \
            lease on it that could run out.
            """,
            wrong: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timeout: 3s
                    connect_timeout: 10s
                """,
            right: """
                destinations:
                  ledger:
                    url: https://ledger.example/entries
                    timeout: 10s
                    connect_timeout: 3s
                """),
    ]
}
