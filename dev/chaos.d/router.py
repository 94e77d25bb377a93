# SPDX-License-Identifier: Apache-2.0
"""The process under test: started, killed, and watched through /proc."""
import asyncio
import json
import os
import signal
import time

import payloads


class StartFailure(Exception):
    """The router did not say that it is ready."""


class Router:
    """One `hookswitch serve` on the store; started again and again."""

    def __init__(self, binary, project, store, log_path):
        self.binary, self.project, self.store = binary, project, store
        self.log = open(log_path, "ab")
        self.process = None
        self.ingest = self.admin = None
        #: Starts that followed a kill: what was sent before such a moment may be sent again after it.
        self.rebirths = []
        self.was_killed = False
        self.slowest_start = 0.0

    def _command(self):
        return [
            self.binary, "serve", "--project", self.project, "--ingest", "127.0.0.1:0", "--admin", "127.0.0.1:0",
            "--store", self.store, "-o", "json", "--log-level", "warning",
        ]

    async def launch(self, fault=None):
        """Starts the process and does not wait for it."""
        environment = dict(os.environ, **payloads.ENVIRONMENT)
        environment.pop("HOOKSWITCH_FAULT", None)
        if fault:
            environment["HOOKSWITCH_FAULT"] = fault
        self.started = time.monotonic()
        if self.was_killed:
            self.rebirths.append(self.started)
            self.was_killed = False
        self.process = await asyncio.create_subprocess_exec(
            *self._command(), stdout=asyncio.subprocess.PIPE, stderr=self.log, env=environment, limit=1 << 22)
        self.drain = None

    async def ready(self, timeout=30):
        """Waits for the first line; whether the process lived long enough to say it."""
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), timeout)
        except asyncio.TimeoutError as error:
            raise StartFailure(f"no ready line within {timeout} s") from error
        if not line:
            await self.process.wait()
            return False
        self.log.write(line)
        said = json.loads(line)
        if said.get("schema") != "hookswitch/ready@1":
            raise StartFailure(f"the first line is {line!r}")
        self.ingest, self.admin = said["ingest"], said["admin"]
        self.slowest_start = max(self.slowest_start, time.monotonic() - self.started)
        self.drain = asyncio.create_task(self._drain(self.process.stdout))
        return True

    async def start(self, timeout=30):
        """Starts without a fault and demands that it becomes ready."""
        await self.launch()
        if not await self.ready(timeout):
            raise StartFailure(f"the router ended with {self.process.returncode} while starting")

    async def _drain(self, stream):
        while line := await stream.readline():
            self.log.write(line)

    @property
    def is_running(self):
        return self.process is not None and self.process.returncode is None

    async def kill(self):
        """SIGKILL, and wait until the process is gone."""
        if self.is_running:
            self.process.send_signal(signal.SIGKILL)
        await self.gone()

    async def gone(self, timeout=None):
        """Waits for the end; whether it came in time."""
        try:
            await asyncio.wait_for(self.process.wait(), timeout)
        except asyncio.TimeoutError:
            return False
        self.was_killed = self.process.returncode == -signal.SIGKILL
        if self.drain:
            await self.drain
        return True

    async def stop(self):
        """SIGTERM; the exit code, or None where it had to be killed."""
        if not self.is_running:
            return None
        self.process.send_signal(signal.SIGTERM)
        if await self.gone(timeout=30):
            return self.process.returncode
        await self.kill()
        return None

    def openings(self):
        """Who has the database file open, from /proc: {pid: [is it open for writing, ...]}."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                for descriptor in os.listdir(f"/proc/{pid}/fd"):
                    if os.readlink(f"/proc/{pid}/fd/{descriptor}") == self.store:
                        with open(f"/proc/{pid}/fdinfo/{descriptor}", encoding="ascii") as file:
                            flags = next(line for line in file if line.startswith("flags:"))
                        found.setdefault(int(pid), []).append(int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY)
            except OSError:
                # The process has ended, or is somebody else's.
                continue
        return found

    async def second(self):
        """Starts a second router on the same store: (exit code, what it said)."""
        process = await asyncio.create_subprocess_exec(
            *self._command(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=dict(os.environ, **payloads.ENVIRONMENT))
        try:
            out, err = await asyncio.wait_for(process.communicate(), 15)
        except asyncio.TimeoutError:
            return None, "it did not end"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode, (out + err).decode(errors="replace").strip()
