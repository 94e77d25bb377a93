// SPDX-License-Identifier: Apache-2.0
// Codes of the catalogue. Each has a golden case below Tests/GoldenTests/cases/diagnostics.

extension CodeRegistry {
    static let catalogue: [CodeEntry] = [
        CodeEntry(
            "catalogue/current", "Not exactly one version is current",
            """
            Where a type has several versions, one of them is marked `current: true`: the one that new senders and \\
            receivers should use. Two are refused; with none the highest number counts, which a warning says. A \\
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
            From the day of `deprecated` on people are told to move to another version; `sunset` is the day on which \\
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
            "catalogue/example", "An example is not one",
            """
            The file of an example is not there or is no JSON, or the example breaks the schema of its version. \\
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
}
