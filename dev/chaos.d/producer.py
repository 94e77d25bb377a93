# SPDX-License-Identifier: Apache-2.0
"""The sender. It keeps a ledger of its own: `sent ID` before a request, `acked ID EVENT` after a 2xx answer."""
import asyncio
import collections
import json
import time

import payloads
import wire


class Producer:
    """Sends over keep-alive connections while the router is up; what got no answer is sent again, as providers do."""

    def __init__(self, ledger_path, seed, connections=32, rate=1000):
        self.ledger = open(ledger_path, "w", buffering=1, encoding="utf-8")
        self.seed = seed
        self.connections = connections
        self.rate = rate
        self.count = 0
        self.acked = 0
        self.refused = 0
        self.unknown = collections.deque()
        self.address = None
        self.is_up = asyncio.Event()
        self.first_ack = None
        self._tokens = 0.0
        self._filled = time.monotonic()
        self._is_sending = asyncio.Event()

    def start(self):
        self.tasks = [asyncio.create_task(self._run()) for _ in range(self.connections)]

    def point_to(self, address):
        """The router listens there from now on."""
        self.address = address
        self.first_ack = None
        self.is_up.set()

    def hold(self):
        """The router is gone."""
        self.is_up.clear()

    def resume(self):
        self._is_sending.set()

    def pause(self):
        self._is_sending.clear()

    async def stop(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _next_id(self):
        if self.unknown:
            return self.unknown.popleft()
        self.count += 1
        return f"e-{self.seed}-{self.count}"

    async def _run(self):
        connection = None
        while True:
            await self._is_sending.wait()
            await self.is_up.wait()
            await self._pace()
            if not (self._is_sending.is_set() and self.is_up.is_set()):
                continue
            address = self.address
            try:
                if connection is None or connection.host != address:
                    if connection:
                        connection.close()
                    connection = await wire.Connection.open(address)
            except wire.Refused:
                connection = None
                await asyncio.sleep(0.01)
                continue
            if not await self.send(self._next_id(), connection):
                connection.close()
                connection = None

    async def send(self, event_id, connection):
        """Sends one event; whether the connection can be used again."""
        body = payloads.body(event_id)
        headers = [("content-type", "application/json"), ("x-signature-256", payloads.signature(body))]
        self.ledger.write(f"sent {event_id}\n")
        try:
            status, answer = await connection.ask("POST", "/in/storm", body, headers)
        except wire.Refused:
            self.unknown.append(event_id)
            return False
        except asyncio.CancelledError:
            # Not acknowledged, and the ledger says so.
            raise
        if 200 <= status < 300:
            self.ledger.write(f"acked {event_id} {json.loads(answer)['id']} {time.monotonic():.6f}\n")
            self.acked += 1
            if self.first_ack is None:
                self.first_ack = time.monotonic()
        else:
            self.ledger.write(f"refused {event_id} {status}\n")
            self.refused += 1
            self.unknown.append(event_id)
        return True

    async def drain_unknown(self, address):
        """Sends everything that has no answer yet, one after the other."""
        connection = await wire.Connection.open(address)
        for _ in range(5 * len(self.unknown) + 5):
            if not self.unknown:
                break
            if not await self.send(self.unknown.popleft(), connection):
                connection = await wire.Connection.open(address)
        connection.close()

    async def _pace(self):
        """A bucket of tokens: bursts of a twentieth of a second."""
        while True:
            now = time.monotonic()
            self._tokens = min(self._tokens + (now - self._filled) * self.rate, self.rate / 20)
            self._filled = now
            if self._tokens >= 1:
                self._tokens -= 1
                return
            await asyncio.sleep(0.005)
