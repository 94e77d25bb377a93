# SPDX-License-Identifier: Apache-2.0
"""The destination of everything: it records what it gets and what it answered, fails on purpose, and is never killed."""
import asyncio
import random
import socket
import struct
import time

import payloads
import wire


class Sink:
    """Answers 85 % with 200, 5 % with 500, 5 % slowly with 200, and resets 5 % after the body.

    Each request is one line of the log: time of arrival, destination, webhook-id, id of the event, digest of the body, answer.
    """

    def __init__(self, log_path, seed, slow=2.0):
        self.random = random.Random(f"sink {seed}")
        self.log = open(log_path, "w", buffering=1 << 16, encoding="utf-8")
        self.slow = slow
        self.requests = 0
        self.unsigned = 0
        #: Ids of events answered with 200, by destination; what a waiting test looks at.
        self.delivered = {}
        self.last_request = time.monotonic()

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
        self.address = "127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]

    def close(self):
        self.server.close()
        self.log.close()

    async def quiet(self):
        """Waits until what a killed router had sent is out of the sockets' buffers and in the log."""
        seen = -1
        while seen != self.requests:
            seen = self.requests
            await asyncio.sleep(0.03)

    async def _serve(self, reader, writer):
        try:
            while True:
                message = await wire.read_message(reader)
                if message is None or not await self._take(message, writer):
                    break
        except (wire.Refused, ConnectionError, OSError):
            # The router was killed in the middle of a request: nothing has arrived.
            pass
        except asyncio.CancelledError:
            # The run is over.
            pass
        finally:
            writer.close()

    async def _take(self, message, writer):
        """Records one request and answers it; whether the connection goes on."""
        line, headers, body = message
        destination = line.split(" ")[1].lstrip("/")
        event_id = headers.get("x-storm-id", "?")
        self.requests += 1
        arrived = self.last_request = time.monotonic()
        if destination.startswith("third") and not payloads.is_signed(headers, body):
            self.unsigned += 1
        choice = 0.0 if payloads.is_fresh(event_id) else self.random.random()
        entry = f"{arrived:.6f} {destination} {headers.get('webhook-id', '?')} {event_id} {payloads.digest(body)}"
        if choice < 0.85:
            return self._finish(writer, entry, event_id, destination, "200")
        if choice < 0.90:
            return self._finish(writer, entry, event_id, destination, "500")
        if choice < 0.95:
            await asyncio.sleep(self.slow)
            if writer.is_closing():
                self._record(entry, event_id, destination, "gone")
                return False
            return self._finish(writer, entry, event_id, destination, "slow")
        self._record(entry, event_id, destination, "reset")
        # Linger of zero seconds: close sends a reset instead of an end.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return False

    def _finish(self, writer, entry, event_id, destination, answer):
        # Recorded first: an answer that was given must be in the log, whatever happens to the connection.
        self._record(entry, event_id, destination, answer)
        writer.write(wire.answer(500 if answer == "500" else 200))
        return True

    def _record(self, entry, event_id, destination, answer):
        self.log.write(f"{entry} {answer}\n")
        if answer in ("200", "slow"):
            self.delivered.setdefault(event_id, set()).add(destination)
