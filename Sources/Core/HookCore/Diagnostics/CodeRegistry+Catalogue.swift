// SPDX-License-Identifier: Apache-2.0
// Codes of the catalogue. Each has a golden case below Tests/GoldenTests/cases/diagnostics.

extension CodeRegistry {
    static let catalogue: [CodeEntry] = [
        CodeEntry(
            "catalogue/current", "Not exactly one version is current",
            """
            Where a type has several versions, one of them is marked `current: true`: the one that new senders and \
            receivers should use. Two are refused; with none the highest number counts, which a warning says. A \
            current version that is deprecated or has a sunset is a warning too.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {current: true}, 2: {current: true}}}
                """,
            right: """
                events:
                  order.created: {versions: {1: {deprecated: 2026-06-30}, 2: {current: true}}}
                """),
        CodeEntry(
            "catalogue/sunset", "A version ends before it is deprecated",
            """
            From the day of `deprecated` on people are told to move to another version; `sunset` is the day on which \
            they must have done so, and so a later one.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {deprecated: 2026-06-30, sunset: 2026-01-31}}}
                """,
            right: """
                events:
                  order.created: {versions: {1: {deprecated: 2026-06-30, sunset: 2027-06-30}}}
                """),
        CodeEntry(
            "schema/invalid", "A schema is not one",
            """
            The file is JSON, but a keyword has a value that it cannot have: a type that does not exist, a reference \
            that leads nowhere, a pattern that is no regular expression, a schema that refers to itself without a step \
            into the value. References lead to the same file or to files of the project, by path or by `$id`; nothing \
            is loaded from the network. Patterns are checked in linear time, so references back and looking ahead or \
            behind are refused. Draft 2020-12 and draft-07 are known.
            """,
            wrong: """
                events:
                  order.created: {versions: {1: {schema: schemas/wrong.json}}}
                """,
            right: """
                events:
                  order.created: {versions: {1: {schema: schemas/order.json}}}
                """),
        CodeEntry(
            "catalogue/example", "An example is not one",
            """
            The file of an example is not there or is no JSON, or the example breaks the schema of its version. \
            Examples are what people copy, so they have to be right.
            """,
            wrong: """
                events:
                  order.created:
                    versions: {1: {schema: schemas/order.json, examples: [{total: much}]}}
                """,
            right: """
                events:
                  order.created:
                    versions: {1: {schema: schemas/order.json, examples: [{total: 5}]}}
                """),
    ]

    /// What senders hear where a source validates.
    static let validation: [CodeEntry] = [
        CodeEntry(
            "event/schema", "The event breaks its schema",
            """
            The source says `validate: reject` (422) or `validate: quarantine` (202, but kept aside), and the event is \
            not what the catalogue has for its type and version. `errors` names each value by its JSON pointer, and \
            the keyword of the schema that it breaks. What is kept aside is listed by `hookswitch held list --kind \
            quarantine` and routed by `hookswitch held replay`, once the schema is repaired, or with `--force`.
            """),
        CodeEntry(
            "event/unknown-version", "The catalogue has no such version",
            """
            The source validates, and the catalogue declares the type of the event, but not this version of it. \
            Declare the version, or let the sender send one that is declared. A type that is not declared at all is \
            not checked.
            """),
    ]
}
