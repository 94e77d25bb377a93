// SPDX-License-Identifier: Apache-2.0

extension CodeRegistry {
    /// Reasons of dead letters and dropped deliveries.
    static let delivery: [CodeEntry] = [
        CodeEntry(
            "delivery/attempts-exhausted", "Every attempt of the policy failed",
            """
            The destination was tried as often as `retry.attempts` (or the length of `retry.delays`) allows. The attempts \
            with status and answer are listed by `hookswitch deliveries get ID`. Repair the destination, then redrive.
            """, right: "hookswitch dead redrive --reason delivery/attempts-exhausted"),
        CodeEntry(
            "delivery/gone", "The destination answered 410 Gone",
            """
            410 says that the receiver wants no more of these deliveries, so it is not tried again. Remove the \
            destination from the routes, or correct its URL and redrive.
            """),
        CodeEntry(
            "delivery/network", "No whole answer came, and the policy does not retry that",
            """
            Look-up, connection, TLS, time-out or a broken answer; the attempt's outcome says which. The policy's \
            `retry_on` does not hold `network`, so the first such failure is the end.
            """, wrong: "retry_on: [5xx]", right: "retry_on: [network, 5xx]"),
        CodeEntry(
            "delivery/refused-status", "The destination answered with a status that is not retried",
            """
            The status is no success of the policy and not in its `retry_on`. Redirects count as refusals, because a \
            redirect could lead anywhere: write the final URL into the destination.
            """, wrong: "retry_on: [network, 5xx]", right: "retry_on: [network, 404, 5xx]"),
        CodeEntry(
            "delivery/request-invalid", "The request that was asked for cannot be made",
            """
            A script or template gave a path that does not begin with `/`, or a header value with a control character. \
            It would fail the same way again, so it is not tried. Correct the script and replay the event.
            """),
        CodeEntry(
            "delivery/template-missing", "A template of the destination has no value",
            """
            The URL, a query value or a header of the destination has a hole such as `{data.region}`, and the event has \
            no text, number or boolean there (null counts as nothing), or one that may not stand there: control \
            characters, or `.` and `..` in a path. Found when the event comes in, it is held; found when a delivery \
            goes out (the URL has changed since), the delivery is a dead letter, and replaying its event helps. \
            Require the field in the route's `match`.
            """,
            wrong: """
                destinations: {erp: {url: "https://erp.example/orders/{data.region}"}}
                routes: {orders: {event: order.created, to: erp}}
                """,
            right: """
                destinations: {erp: {url: "https://erp.example/orders/{data.region}"}}
                routes: {orders: {event: order.created, match: {data.region: {exists: true}}, to: erp}}
                """),
        CodeEntry(
            "delivery/too-old", "The delivery was older than give_up_after",
            """
            Attempts failed until `retry.give_up_after` had passed since the event was accepted or last redriven. \
            Redriving begins a new cycle with its own time.
            """),
    ]
}
