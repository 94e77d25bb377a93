# SPDX-License-Identifier: Apache-2.0
"""The storm: rounds of load that end with a kill, on one store, and a judgement at the end."""
import asyncio
import dataclasses
import os
import random
import shutil
import tempfile
import time

import controls
import judge
import payloads
import wire
from producer import Producer
from router import Router, StartFailure
from sink import Sink

FAULTS = ("before-commit", "after-commit", "after-send", "during-checkpoint", "during-swap")


@dataclasses.dataclass
class Round:
    """One start, some load, one end."""

    kind: str  # random, recovery, reload, or a fault point
    passage: int = 1
    load: float = 1.0


@dataclasses.dataclass
class Result:
    seed: int
    rounds: dict = dataclasses.field(default_factory=dict)
    kills: int = 0
    fault_kills: dict = dataclasses.field(default_factory=dict)
    figures: dict = dataclasses.field(default_factory=dict)
    findings: judge.Findings = dataclasses.field(default_factory=judge.Findings)
    seconds: float = 0
    folder: str = ""


def plan(seed, rounds, is_fast):
    """The rounds: each fault point at several passages, kills at random moments, in start-up, and during reloads."""
    chance = random.Random(f"plan {seed}")
    if is_fast:
        passages = {"before-commit": [7], "after-commit": [30], "after-send": [25], "during-checkpoint": [3], "during-swap": [2]}
        kinds = {"random": 2, "recovery": 1, "reload": 1}
        span = (0.2, 0.9)
    else:
        passages = {
            "before-commit": [1, 2, 9, 60, 250], "after-commit": [1, 3, 20, 120, 400], "after-send": [1, 10, 90, 300],
            "during-checkpoint": [1, 2, 6, 15], "during-swap": [1, 2, 3, 5],
        }
        named = sum(map(len, passages.values()))
        rest = max(rounds - named, 12)
        kinds = {"recovery": rest // 4, "reload": rest // 4, "random": rest - 2 * (rest // 4)}
        span = (0.2, 3.0)
    chosen = [Round(kind, passage, span[1]) for kind, list_ in passages.items() for passage in list_]
    chosen += [Round(kind, 1, chance.uniform(*span)) for kind, count in kinds.items() for _ in range(count)]
    chance.shuffle(chosen)
    return chosen


class Storm:
    """One run: a sink, a sender, a router that dies again and again, and a judge."""

    def __init__(self, options, control=None):
        self.options = options
        self.control = control
        self.chance = random.Random(f"storm {options.seed}")
        self.folder = tempfile.mkdtemp(prefix="hookswitch-chaos-")
        self.store = os.path.join(self.folder, "store.db")
        self.project = os.path.join(self.folder, "project")
        self.result = Result(seed=options.seed, folder=self.folder)
        self.generation = "a"
        self.openings = 0
        self.refusals = 0
        self.slowest_ack = 0.0
        self.flipped = 0
        self.proxy = None
        self.reloads_on = False

    def path(self, name):
        return os.path.join(self.folder, name)

    def say(self, text):
        if not self.options.quiet:
            print(text, flush=True)

    async def run(self, rounds):
        began = time.monotonic()
        self.sink = Sink(self.path("sink.log"), self.options.seed, slow=0.5 if self.options.fast else 2.0)
        await self.sink.start()
        payloads.write_project(self.project, "http://" + self.sink.address)
        self.router = Router(self.options.binary, self.project, self.store, self.path("router.log"))
        self.producer = Producer(self.path("ledger.log"), self.options.seed, rate=self.options.rate)
        if self.control == "ack-before-commit":
            self.proxy = controls.EarlyAck()
            await self.proxy.start()
        self.producer.start()
        try:
            for number, round_ in enumerate(rounds, 1):
                await self._round(number, len(rounds), round_)
                await self._between()
            await self._settle()
        finally:
            await self.producer.stop()
            if self.router.is_running:
                await self.router.kill()
        self._judge()
        self.result.seconds = time.monotonic() - began
        return self.result

    # Rounds

    async def _round(self, number, of, round_):
        count = self.result.rounds
        count[round_.kind] = count.get(round_.kind, 0) + 1
        before = self.producer.acked
        fault = f"{round_.kind}:{round_.passage}" if round_.kind in FAULTS else None
        await self.router.launch(fault)
        if round_.kind == "recovery":
            died = await self._kill_while_starting()
        else:
            died = await self._load_and_kill(round_, fault)
        self.producer.hold()
        self.producer.pause()
        await self.sink.quiet()
        self.say(f"{number:3}/{of} {fault or round_.kind:22} {died:28} acked {self.producer.acked - before}")

    async def _kill_while_starting(self):
        """Dies while it reads its files, opens the store or takes up what is pending."""
        span = self.router.slowest_start or 0.3
        delay = self.chance.uniform(0, span * 1.3)
        ready = asyncio.create_task(self.router.ready())
        await asyncio.sleep(delay)
        await self.router.kill()
        was_ready = await ready
        self.result.kills += 1
        return f"killed {delay * 1000:.0f} ms after start" + (" (was ready)" if was_ready else "")

    async def _load_and_kill(self, round_, fault):
        if not await self.router.ready():
            if not fault:
                raise StartFailure(f"the router ended by itself with {self.router.process.returncode}")
            await self.router.gone()
            return self._died_of(fault, "while starting")
        began = time.monotonic()
        self._point()
        self.reloads_on = True
        reloads = asyncio.create_task(self._reload()) if round_.kind in ("reload", "during-swap") else None
        checks = asyncio.create_task(self._check_openings(may_wait=not fault))
        died = await self.router.gone(timeout=round_.load + (4 if fault else 0))
        if self.producer.first_ack:
            self.slowest_ack = max(self.slowest_ack, self.producer.first_ack - began)
        if not died:
            # A second router that is still starting would find the store free after the kill.
            await checks
        self.reloads_on = False
        for task in filter(None, (reloads, checks)):
            task.cancel()
        await asyncio.gather(*filter(None, (reloads, checks)), return_exceptions=True)
        if died and fault:
            return self._died_of(fault, f"after {time.monotonic() - began:.2f} s")
        if died:
            raise StartFailure(f"the router ended by itself with {self.router.process.returncode}: see {self.path('router.log')}")
        await self.router.kill()
        self.result.kills += 1
        return f"killed after {time.monotonic() - began:.2f} s" + (" (point not reached)" if fault else "")

    def _died_of(self, fault, when):
        if self.router.process.returncode != -9:
            raise StartFailure(f"{fault} ended with {self.router.process.returncode}: see {self.path('router.log')}")
        self.result.kills += 1
        point = fault.split(":")[0]
        self.result.fault_kills[point] = self.result.fault_kills.get(point, 0) + 1
        return f"died at the point {when}"

    def _point(self):
        if self.proxy:
            self.proxy.target = self.router.ingest
            self.producer.point_to(self.proxy.address)
        else:
            self.producer.point_to(self.router.ingest)
        self.producer.resume()

    async def _reload(self):
        """Changes the files again and again; every other time asks for the reload instead of waiting for the watch."""
        # A flag besides the cancellation: asyncio.wait_for may swallow one (python/cpython issue 86296).
        while self.reloads_on:
            self.generation = "b" if self.generation == "a" else "a"
            payloads.write_generation(self.project, self.generation)
            if self.chance.random() < 0.7:
                try:
                    await wire.Admin(self.router.admin).call("POST", "/api/v1/config/reload", timeout=5)
                except wire.Refused:
                    pass
                await asyncio.sleep(self.chance.uniform(0, 0.1))
            else:
                await asyncio.sleep(0.5)

    async def _check_openings(self, may_wait):
        """One process, one connection that writes; and a second router is refused."""
        await asyncio.sleep(0.15)
        self._look_at_openings()
        if may_wait and self.refusals < (1 if self.options.fast else 3):
            code, said = await self.router.second()
            if code in (None, 0) or "in use" not in said:
                self.result.findings.other.append(f"a second router on the store ended with {code}: {said[-200:]}")
            self.refusals += 1
        self._look_at_openings()

    def _look_at_openings(self):
        if not self.router.is_running:
            return
        found = self.router.openings()
        self.openings += 1
        for pid, writes in found.items():
            if pid != self.router.process.pid:
                self.result.findings.other.append(f"process {pid} has the store open")
            elif sum(writes) != 1:
                self.result.findings.other.append(f"the router has {sum(writes)} connections that write")

    async def _between(self):
        """What a control does while nobody has the store open."""
        if not os.path.exists(self.store):
            return
        if self.control == "lost-fsync":
            controls.lose_the_log(self.store)
        elif self.control == "forgotten-delivery":
            controls.forget_deliveries(self.store)
        elif self.control == "rewritten-body":
            controls.rewrite_bodies(self.store, self.options.seed)

    # The end

    async def _settle(self):
        """A last start without faults: everything unanswered is sent again, everything pending is delivered."""
        if self.control == "damaged-body":
            self.flipped = controls.flip_bytes(self.store, self.options.seed)
        await self.router.start()
        self.producer.pause()
        await self.producer.drain_unknown(self.router.ingest)
        admin = wire.Admin(self.router.admin)
        await self._drained(admin)
        if self.control == "forgotten-result":
            await self.router.stop()
            controls.forget_results(self.store)
            await self.router.start()
            admin = wire.Admin(self.router.admin)
            await self._drained(admin)
        await self._fresh()
        self._look_at_openings()
        states = "pending,dead,dropped,cancelled,discarded"
        self.account = judge.Account(
            deliveries=await admin.items(f"/api/v1/deliveries?state={states}"), held=await admin.items("/api/v1/held"))
        self.status = await admin.get("/api/v1/status")
        self.exit_code = await self.router.stop()
        if self.exit_code != 0:
            self.result.findings.other.append(f"the router ended with {self.exit_code} after TERM")

    async def _drained(self, admin):
        """Waits until nothing is pending; half a minute without a request at the sink is too long."""
        while True:
            status = await admin.get("/api/v1/status")
            pending = sum(row["count"] for row in status["deliveries"] if row["state"] == "pending")
            if pending == 0:
                return
            if time.monotonic() - self.sink.last_request > 30:
                self.result.findings.other.append(f"{pending} deliveries are pending and nothing happens")
                return
            await asyncio.sleep(0.2)

    async def _fresh(self):
        """A new event must reach all its destinations within five seconds."""
        event_id = f"fresh-{self.options.seed}"
        connection = await wire.Connection.open(self.router.ingest)
        began = time.monotonic()
        if not await self.producer.send(event_id, connection):
            self.result.findings.other.append("the fresh event got no answer")
        connection.close()
        while time.monotonic() - began < 5:
            if len(self.sink.delivered.get(event_id, ())) >= 3:
                self.result.figures["fresh event passed in"] = f"{(time.monotonic() - began) * 1000:.0f} ms"
                return
            await asyncio.sleep(0.02)
        self.result.findings.other.append("a fresh event did not pass within 5 s")

    def _judge(self):
        self.sink.close()
        self.producer.ledger.close()
        sent, acked = judge.read_ledger(self.path("ledger.log"))
        arrivals = judge.read_arrivals(self.path("sink.log"))
        found, figures = judge.judge(sent, acked, arrivals, self.account, self.router.rebirths)
        for kind, entries in found.kinds().items():
            getattr(self.result.findings, kind).extend(entries)
        if self.sink.unsigned:
            self.result.findings.other.append(f"{self.sink.unsigned} deliveries had no valid signature")
        self.result.figures = {
            **figures, "events in the store": self.status["events"],
            "refused (busy)": self.producer.refused, **self.result.figures,
            "slowest start": f"{self.router.slowest_start * 1000:.0f} ms",
            "slowest first ack": f"{self.slowest_ack * 1000:.0f} ms after ready",
            "looks at /proc": self.openings, "second routers refused": self.refusals,
        }
        if self.control == "damaged-body":
            kept = sum(1 for row in self.account.deliveries if row["code"] == "store/corrupt-payload")
            self.result.figures["bodies damaged on disk"] = self.flipped
            self.result.figures["kept dead as damaged"] = kept

    def clean_up(self):
        shutil.rmtree(self.folder, ignore_errors=True)
