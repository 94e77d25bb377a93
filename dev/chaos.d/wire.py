# SPDX-License-Identifier: Apache-2.0
"""As much HTTP/1.1 as a sender, a sink and a proxy need, over asyncio streams."""
import asyncio
import json


class Refused(Exception):
    """The peer closed, reset or never answered."""


async def read_message(reader):
    """The next request or answer: (first line, headers with lower-case names, body); None at the end of the stream."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise Refused("cut off inside a head") from error
        return None
    except (ConnectionError, asyncio.LimitOverrunError, OSError) as error:
        raise Refused(str(error)) from error
    lines = head[:-4].decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    try:
        body = await _read_body(reader, headers)
    except (asyncio.IncompleteReadError, ConnectionError, OSError) as error:
        raise Refused("cut off inside a body") from error
    return lines[0], headers, body


async def _read_body(reader, headers):
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            parts.append((await reader.readexactly(size + 2))[:-2])
            if size == 0:
                return b"".join(parts)
    length = int(headers.get("content-length", "0"))
    return await reader.readexactly(length) if length else b""


def request(method, path, host, body=b"", headers=()):
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def answer(status, body=b"", headers=()):
    lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Connection:
    """A keep-alive connection to one address."""

    def __init__(self, reader, writer, host):
        self.reader, self.writer, self.host = reader, writer, host

    @classmethod
    async def open(cls, address):
        host, _, port = address.rpartition(":")
        try:
            reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 20)
        except OSError as error:
            raise Refused(str(error)) from error
        return cls(reader, writer, address)

    async def ask(self, method, path, body=b"", headers=(), timeout=15):
        """Status and body of the answer."""
        try:
            self.writer.write(request(method, path, self.host, body, headers))
            message = await asyncio.wait_for(read_message(self.reader), timeout)
        except (ConnectionError, OSError, asyncio.TimeoutError) as error:
            raise Refused(str(error) or "no answer in time") from error
        if message is None:
            raise Refused("closed without an answer")
        return int(message[0].split(" ")[1]), message[2]

    def close(self):
        self.writer.close()


class Admin:
    """The admin API of a running router."""

    def __init__(self, address):
        self.address = address

    async def call(self, method, path, timeout=30):
        connection = await Connection.open(self.address)
        try:
            status, body = await connection.ask(method, path, timeout=timeout)
        finally:
            connection.close()
        return status, json.loads(body) if body else None

    async def get(self, path):
        status, value = await self.call("GET", path)
        if status != 200:
            raise Refused(f"GET {path} was answered with {status}: {value}")
        return value

    async def items(self, path):
        """Every item of a list, page by page."""
        found, cursor = [], None
        joiner = "&" if "?" in path else "?"
        while True:
            page = await self.get(f"{path}{joiner}limit=1000" + (f"&cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page["cursor"]
            if not cursor:
                return found
