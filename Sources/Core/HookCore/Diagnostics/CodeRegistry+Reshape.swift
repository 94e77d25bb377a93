// SPDX-License-Identifier: Apache-2.0
// Codes of events that are split, enriched or scheduled.

extension CodeRegistry {
    static let reshape: [CodeEntry] = splits + schedules

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
