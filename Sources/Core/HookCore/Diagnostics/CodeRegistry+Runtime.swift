// SPDX-License-Identifier: Apache-2.0
// Codes of the running process: answers of the ingest listener and of the API that belong to no stage alone.

extension CodeRegistry {
    static let runtime: [CodeEntry] = answers + storeAnswers + interface

    private static let answers: [CodeEntry] = [
        CodeEntry(
            "config/unreadable", "The project cannot be read",
            """
            The folder is not there, may not be read, or changed for so long that no two reads agreed. A project is a \
            folder with `routes/` and `scripts/` in it; `--project` says which one.
            """),
        CodeEntry(
            "ingest/overloaded", "The queue of requests is full",
            """
            Requests come in faster than they are verified, routed and transformed, and 4,096 wait already. Nothing was \
            kept; the sender is told to come again in a second. Look at `hookswitch_script_duration_seconds`: a slow \
            script is the usual cause.
            """),
        CodeEntry(
            "route/unmatched", "No route takes the event",
            """
            `defaults.unrouted` is `reject` and no route matched, so the sender was answered 422 and nothing was kept. \
            `hookswitch dry-run` shows which condition of which route failed first.
            """),
        CodeEntry(
            "verify/challenge", "The stored request is a handshake",
            "A replay met a request that the source answers as a provider's handshake. It makes no event."),
        CodeEntry(
            "aggregate/missing-key", "An event lacks the key of its window",
            """
            `aggregate.key` names paths, and the event has no text, number, boolean or null at one of them, or a text of \
            more than 1 KiB. It is held for this route; `on_missing: drop` drops and counts such events instead. Once the \
            path is put right: `hookswitch held replay`.
            """),
        CodeEntry(
            "aggregate/revision-gone", "The configuration of a window is not there any more",
            """
            A window goes on under the function that it was opened with, which comes from the configuration of that time. \
            That one is not in the store any more, or cannot be compiled by this version. The window is held with all its \
            members; `hookswitch held replay` closes it under the running configuration.
            """),
        CodeEntry(
            "aggregate/not-stored", "What a window became cannot be stored",
            """
            The event that came of the window, or what follows from it, is more than the store takes: an event may have 65,535 \
            deliveries. The window is held with all its members. Send to fewer destinations, then \
            `hookswitch held replay`.
            """),
        CodeEntry(
            "emit/too-many-hops", "An event has come over too many routes that emit",
            """
            A route emits an event, another route takes it and emits again, and so on: after 8 such steps the event is \
            held for the route that would make the ninth, since there is most likely a circle. `hookswitch graph` shows \
            it. Break it with a condition or another type, then discard the entry.
            """),
        CodeEntry(
            "emit/too-many", "Too many events would come of one request",
            """
            Routes may emit 1,000 events in all on behalf of one request, over all steps. The emission that would exceed \
            it is held as a whole. Emit one event with a list in it, or split where it is received.
            """),
        CodeEntry(
            "emit/not-json", "The data of an emitted event is no JSON",
            """
            The transform returned text with a JSON content type, and the text cannot be read as JSON. Return a table, or \
            give the content type that the text has.
            """),
        CodeEntry(
            "held/refused", "A stored event is not read any more",
            """
            The event waited for a look-up, and the source that it came from would refuse its body now: limits or accepted \
            kinds were changed, or its payload has outlived its retention. Change the source back and replay the entry, or \
            discard it.
            """),
        CodeEntry(
            "held/route-gone", "The route of a held event is gone",
            """
            The running configuration has no route of that name, so the event cannot be run again for it. Bring the \
            route back under its name, replay the whole event (`hookswitch events replay`), or discard the entry.
            """),
    ]

    private static let storeAnswers: [CodeEntry] = [
        CodeEntry(
            "store/busy", "The queue of writes is full",
            """
            More writes wait for the disk than the store takes (8,192, or 64 MiB of bodies). Nothing was kept; the \
            sender is told to come again. If it lasts, the disk is too slow: see `hookswitch_store_commit_seconds`.
            """),
        CodeEntry(
            "store/full", "There is no room for the store",
            """
            The disk is full. New events are refused with 507; attempts are still recorded and old rows still deleted, in \
            the space that was reserved for it. Make room or shorten the retention; accepting goes on by itself.
            """),
        CodeEntry(
            "store/io", "The disk failed",
            """
            A write or sync failed; nothing of that batch is durable and its senders were told so. The store opens its \
            file anew for the next one. Look at the system log.
            """),
        CodeEntry(
            "store/corrupt", "The store is damaged",
            """
            The file is no database, or what was read does not match its checksum. Stop the router, keep a copy of the \
            file, check the disk, and restore a backup.
            """),
        CodeEntry(
            "store/closed", "The store is shutting down",
            "The process ends. Nothing was kept; the sender sends again and meets the next process."),
        CodeEntry(
            "store/unusable", "The store cannot be used",
            """
            Another process has it, a newer version wrote it, it belongs to another program, it may not be written, or \
            the file system cannot keep the promise of a commit (a write-ahead log and fsync). The message says which.
            """),
        CodeEntry(
            "store/payload-gone", "The payload is gone",
            """
            The retention of payloads has passed for this event: what happened is still known, its body is not. It cannot \
            be replayed. `retention.payload` says how long bodies are kept.
            """),
    ]

    private static let interface: [CodeEntry] = [
        CodeEntry(
            "api/bad-request", "A parameter of the API is not understood",
            """
            A parameter is unknown, stands twice, or has no readable value. Unknown filters are refused and not ignored: a \
            misspelt filter of a redrive would redrive everything.
            """),
        CodeEntry(
            "api/forbidden", "The admin listener does not answer this caller",
            """
            Without tokens the admin listener is for this machine: the Host must be a loopback name, and a request that \
            changes something must not come from a web page of another origin.
            """),
        CodeEntry("api/not-found", "There is no such path, or nothing under this id", "Check the path and the id."),
        CodeEntry(
            "api/too-many-viewers", "Too many live views are open",
            """
            Each open `tap` keeps some events in the router's memory, so their number is limited. Close one, or wait ten \
            seconds: a view whose reader is gone is noticed by then.
            """),
        CodeEntry(
            "api/unauthorized", "A token is needed",
            """
            `hookswitch.yaml` names tokens, and the request carries none of them. Send `Authorization: Bearer TOKEN`; \
            the command line reads it from the file that `--token-file` or `HOOKSWITCH_TOKEN_FILE` names.
            """),
    ]
}
