# SPDX-License-Identifier: Apache-2.0
"""Negative controls: each breaks the promise from outside the product, and must make the judge find it.

A test that never failed proves nothing. None of them needs a switch in the router: a proxy answers in its place, or the
store's files are changed while no router has them open.
"""
import asyncio
import json
import os
import random
import sqlite3

import wire
import xxh64

#: {name: (what it breaks, the kind of finding that must show it)}
CONTROLS = {
    "ack-before-commit": ("a proxy answers 202 before the router has the event", "lost"),
    "lost-fsync": ("the write-ahead log is lost with each kill, as if it had never been synced", "lost"),
    "forgotten-delivery": ("pending deliveries are marked as delivered after a kill", "lost"),
    "rewritten-body": ("bodies in the store are changed, checksums with them", "changed"),
    "forgotten-result": ("results of attempts are forgotten while nothing was killed", "repeated"),
}


class EarlyAck:
    """A proxy that answers for the router: 202 first, the request later."""

    def __init__(self):
        self.target = None
        self.count = 0

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20)
        self.address = "127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        upstream = None
        try:
            while message := await wire.read_message(reader):
                self.count += 1
                body = json.dumps({"id": f"evt_early{self.count}", "duplicate": False}).encode()
                writer.write(wire.answer(202, body))
                await writer.drain()
                line, headers, content = message
                method, path, _ = line.split(" ")
                passed = [(name, value) for name, value in headers.items() if name not in ("host", "content-length")]
                upstream = upstream or await wire.Connection.open(self.target)
                await upstream.ask(method, path, content, passed)
        except (wire.Refused, ConnectionError, OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            if upstream:
                upstream.close()


def lose_the_log(store):
    """What a machine without working fsync leaves behind: the file as of the last checkpoint."""
    for suffix in ("-wal", "-shm"):
        if os.path.exists(store + suffix):
            os.unlink(store + suffix)


def forget_deliveries(store):
    """Marks what is pending as delivered."""
    with _opened(store) as database:
        database.execute("UPDATE deliveries SET state = 1, finished_at = accepted_at WHERE state = 0")


def forget_results(store):
    """Makes delivered deliveries pending again."""
    with _opened(store) as database:
        database.execute(
            "UPDATE deliveries SET state = 0, attempts = 0, cycle_attempts = 0, finished_at = NULL, started = NULL"
            " WHERE state = 1 AND key IN (SELECT key FROM deliveries WHERE state = 1 ORDER BY key DESC LIMIT 50)")


def rewrite_bodies(store, seed):
    """Changes one digit in bodies that are still to be sent, and puts the checksum right."""
    chance = random.Random(seed)
    with _opened(store) as database:
        rows = database.execute(
            "SELECT e.seq, e.body, d.key, d.request FROM deliveries d JOIN events e ON e.seq = d.key >> 16"
            " WHERE d.state = 0 AND d.payload = 0 AND e.body IS NOT NULL").fetchall()
        for seq, body, _, _ in rows:
            place = body.index(b'"cents": ') + 9
            digit = b"1" if body[place:place + 1] != b"1" else b"2"
            changed = body[:place] + digit + body[place + 1:] if chance.random() < 0.5 else body
            checksum = xxh64.signed(changed)
            database.execute("UPDATE events SET body = ?, checksum = ? WHERE seq = ?", (changed, checksum, seq))
            for key, request in database.execute(
                    "SELECT key, request FROM deliveries WHERE key >> 16 = ? AND payload = 0", (seq,)).fetchall():
                value = checksum if request is None else xxh64.signed(request.encode(), checksum & 0xFFFFFFFFFFFFFFFF)
                database.execute("UPDATE deliveries SET checksum = ? WHERE key = ?", (value, key))
        return len(rows)


def flip_bytes(store, seed):
    """Changes bodies without their checksums: damage that the router itself must notice. The deliveries it hit."""
    chance = random.Random(seed)
    with _opened(store) as database:
        rows = database.execute(
            "SELECT DISTINCT e.seq, e.body FROM deliveries d JOIN events e ON e.seq = d.key >> 16"
            " WHERE d.state = 0 AND d.payload = 0 AND e.body IS NOT NULL").fetchall()
        for seq, body in rows:
            place = chance.randrange(len(body))
            flipped = body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1:]
            database.execute("UPDATE events SET body = ? WHERE seq = ?", (flipped, seq))
        return len(rows)


class _opened:
    """The store's database, while no router has it."""

    def __init__(self, store):
        self.database = sqlite3.connect(store)

    def __enter__(self):
        return self.database

    def __exit__(self, *_):
        self.database.commit()
        self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.database.close()
