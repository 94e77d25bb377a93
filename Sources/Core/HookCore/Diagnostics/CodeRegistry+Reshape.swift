// SPDX-License-Identifier: Apache-2.0
// Codes of events that are split, enriched or scheduled.

extension CodeRegistry {
    static let reshape: [CodeEntry] = splits + schedules + lookups + enrichments + batches

    private static let splits: [CodeEntry] = [
        CodeEntry(
            "split/not-a-list", "There is no list to split",
            """
            The route has `split:` and the event has nothing at its path, or something that is no list. What happens then \
            says the route's `on_error`: the event is held (and can be replayed once the route is right), dropped, or \
            passed on in one piece. An empty list is no mistake: the route's fate is then `filtered`.
            """,
            wrong: "split: data.item", right: "split: data.items"),
        CodeEntry(
            "split/too-many", "The list has too many parts",
            """
            An event is split into at most 10,000 parts, of at most 64 MiB together with what each repeats of its parent, \
            and into so few that its deliveries can be numbered (65,535 over all targets). Nothing of the list is sent \
            for this route; `on_error` says what becomes of it. Let the sender make smaller lists, or split in a script.
            """),
        CodeEntry(
            "split/parent-clash", "A part has a member of the parent's name",
            """
            With `parent: true` each part gets a member `parent` with the data around the list. A part of this event has a \
            member of that name already, and neither may hide the other. Give the parent's another name.
            """,
            wrong: "split: {path: data.items, parent: true}", right: "split: {path: data.items, parent: order}"),
    ]

    private static let schedules: [CodeEntry] = [
        CodeEntry(
            "delivery/due-invalid", "The event carries no time to deliver at",
            """
            `deliver_at` names a path at which the event has no time: nothing, null, or something that is neither RFC 3339 \
            text nor Unix seconds. `on_error` says what happens: the delivery is held, dropped, or (`pass`) due at once.
            """),
        CodeEntry(
            "delivery/due-too-far", "The time to deliver at is too far off",
            """
            `deliver_at` names a time more than 90 days after the event. Most often it is in milliseconds where Unix seconds \
            are read. `on_error` says what happens to the delivery.
            """),
    ]
}

extension CodeRegistry {
    static let lookups: [CodeEntry] = [
        CodeEntry(
            "lookup/file", "The file of a look-up cannot be used",
            """
            `file:` names a path from the file that it stands in, below `routes/`: a CSV file (`.csv`) with a header line, or a \
            JSON (`.json`) or YAML (`.yaml`, `.yml`) file with a list of objects or one object by key.
            """,
            wrong: """
                lookups:
                  countries: {file: data/countrys.csv, key: code}
                """,
            right: """
                lookups:
                  countries: {file: data/countries.csv, key: code}
                """),
        CodeEntry(
            "lookup/content", "A look-up cannot be read",
            """
            What stands in the file is no CSV after RFC 4180, no JSON, or not a list of objects that all have the key. Columns \
            of CSV have different names, and every line has as many fields as the first.
            """),
        CodeEntry(
            "lookup/duplicate-key", "Two rows have the same key",
            """
            A look-up finds one row by its key. With two, one of them would never be seen, and which one would be chance.
            """),
        CodeEntry(
            "lookup/unknown", "No look-up has this name",
            "A route or a script names a table that no `lookups:` declares. The nearest name is offered.",
            wrong: """
                routes:
                  orders:
                    enrich: {lookup: contries, key: data.country, into: data.region}
                    to: chat
                """,
            right: """
                routes:
                  orders:
                    enrich: {lookup: countries, key: data.country, into: data.region}
                    to: chat
                """),
    ]

    static let enrichments: [CodeEntry] = [
        CodeEntry(
            "enrich/waiting", "The event waits for a look-up",
            """
            The event is stored, its sender was answered, and for this route it waits for the answer of a peer \
            (`enrich: {url: …}`). The router asks by itself, also after a restart; nobody needs to do anything.
            """),
        CodeEntry(
            "enrich/not-found", "The look-up has no such thing",
            """
            The table has no row for the key, or the peer answered 404 or 410, the step has no `default`, and its `on_error` \
            is not `skip`. Add the row and replay (`hookswitch held replay`), or give the step a `default`.
            """),
        CodeEntry(
            "enrich/no-key", "The address of a look-up cannot be made",
            "The event has no text, number or truth value at a path that the URL, query or a header of the look-up names."
        ),
        CodeEntry(
            "enrich/into", "The answer cannot be put into the data",
            "`into` names a place below something that is no object, or the event has no JSON data at all."),
        CodeEntry(
            "enrich/unavailable", "The look-up was not answered",
            """
            The peer could not be reached, took too long, or answered 408, 429 or 5xx. Under `on_error: retry` it was asked \
            again up to 8 times over about an hour; then, or at once under `hold`, the event is held. Replay it when the peer \
            is back: `hookswitch held replay`.
            """),
        CodeEntry(
            "enrich/refused", "The look-up was refused",
            """
            The peer answered with a status that does not change by asking again, such as 401, or with a redirect, which is \
            not followed. Credentials, address or rights are wrong.
            """),
        CodeEntry(
            "enrich/not-json", "The answer of a look-up is no JSON",
            "What is put into the data must be JSON, of at most 1 MiB."),
        CodeEntry(
            "enrich/no-answer", "The test has no answer for a look-up",
            """
            Tests never touch the network. A route that is tested asks an address that `lookups:` of the test does not \
            answer; add it there.
            """),
    ]
}

extension CodeRegistry {
    static let batches: [CodeEntry] = [
        CodeEntry(
            "batch/refused", "Some events of a request are refused",
            """
            The request brings several events (a CloudEvents batch, or NDJSON), and some of them cannot be accepted. Nothing \
            was kept. `errors` names each by its place (`/3` is the fourth), so that they can be mended and all sent again.
            """),
        CodeEntry(
            "batch/invalid", "The body is no batch",
            "`application/cloudevents-batch+json` is a JSON array of CloudEvents. With `batch: off` a source takes it as one event."
        ),
        CodeEntry(
            "batch/too-many", "The request brings too many events",
            "At most 10,000 events are taken in one request, since all of them become durable at once. Send several requests."
        ),
    ]
}
