# SPDX-License-Identifier: Apache-2.0
"""The measurements. Each gives rows: figure, limit or peer measured beside it in turns, ratio, target."""
import dataclasses
import json
import os
import re
import statistics
import subprocess
import time

import load
import projects
import servers


@dataclasses.dataclass
class Row:
    what: str
    figure: float
    unit: str
    limit: float = None
    limit_name: str = ""
    #: ("ratio" or "figure", "≥" or "≤", value); None where there is no target.
    target: tuple = None
    spread: str = ""

    @property
    def ratio(self):
        return self.figure / self.limit if self.limit else None

    @property
    def is_met(self):
        if not self.target:
            return None
        kind, sense, bound = self.target
        value = self.ratio if kind == "ratio" else self.figure
        return value >= bound if sense == "≥" else value <= bound


def median(values):
    return statistics.median(values)


def spread(values):
    return f"{min(values):.0f}–{max(values):.0f}" if len(values) > 1 else ""


class Bench:
    def __init__(self, options, folder, say):
        self.options, self.folder, self.say = options, folder, say
        self.seconds = 2 if options.quick else 5
        self.runs = 3 if options.quick else 5
        #: Rate that ingest and delivery hold together; for the latency at half of it.
        self.sustained = None
        load.write_bodies(folder)

    def router(self, project):
        return servers.Router(self.options.binary, project, load.ENVIRONMENT)

    def wrk(self, url, seconds=None, **more):
        return load.wrk(self.folder, url, seconds or self.seconds, **more)

    # HTTP in

    def ingest(self):
        """202 after fsync, against nginx `return 202`, in turns."""
        project = projects.write(self.folder, "ingest", projects.one_route_unmatched())
        ours, limits, costs = [], [], []
        with servers.Nginx(servers.SINK) as nginx:
            self.wrk(f"http://{nginx.address}/accepted", 1)
            for _ in range(self.runs):
                limits.append(self.wrk(f"http://{nginx.address}/accepted")["rate"])
                result, cost = self._loaded(project)
                ours.append(result["rate"])
                costs.append(cost)
        self.say(f"durable ingest {ours} against {limits}")
        return [
            Row("durable ingest, HMAC, 64 connections", median(ours), "/s", median(limits), "nginx return 202",
                ("ratio", "≥", 0.18), spread(ours)),
            Row("… router CPU an event", median(costs), "µs"),
        ]

    def transform_only(self):
        """Condition and transform without a delivery; ours with the durable write, nginx with nothing behind it."""
        project = projects.write(self.folder, "transform", projects.transform_only())
        ours, peers, costs = [], [], []
        with servers.Nginx(servers.SINK) as sink, servers.Nginx(
                servers.lua_peer(sink.address), servers.LUA_MODULES) as nginx:
            self.wrk(f"http://{nginx.address}/transform", 1)
            for _ in range(self.runs):
                peers.append(self.wrk(f"http://{nginx.address}/transform")["rate"])
                result, cost = self._loaded(project)
                ours.append(result["rate"])
                costs.append(cost)
        self.say(f"transform only {ours} against {peers}")
        return [
            Row("transform over HTTP, stored, no delivery", median(ours), "/s", median(peers), "nginx + Lua + cjson",
                ("ratio", "≥", 0.7), spread(ours)),
            Row("… router CPU an event", median(costs), "µs"),
        ]

    def _loaded(self, project):
        """One run at full speed on a fresh router: wrk's result, CPU µs an event."""
        with self.router(project) as router:
            url = f"http://{router.ingest}/in/shop"
            self.wrk(url, 1)
            # What wrk left under way when it stopped.
            time.sleep(0.3)
            before, used = router.events(), servers.processor_seconds(router.pid)
            result = self.wrk(url)
            count = router.events() - before
            self._check_count(result, count)
            return result, (servers.processor_seconds(router.pid) - used) / max(count, 1) * 1e6

    @staticmethod
    def _check_count(result, count):
        """What was acknowledged is stored: the cheapest of all ledgers. wrk leaves some answers unread at its end."""
        if not result["good"] <= count <= result["requests"] + 2 * 64:
            raise RuntimeError(f"{result['good']} were acknowledged and {count} are in the store")

    # Through to the destination

    def end_to_end(self):
        """Signed in, one condition, one transform, durable, signed out; against nginx + Lua + proxy to the same sink."""
        ours, peers, costs, accepted = [], [], [], []
        with servers.Nginx(servers.SINK) as sink, servers.Nginx(
                servers.lua_peer(sink.address), servers.LUA_MODULES) as nginx:
            project = projects.write(self.folder, "one", projects.one_to_one(sink.address))
            self.wrk(f"http://{nginx.address}/forward", 1)
            for _ in range(self.runs):
                peers.append(self.wrk(f"http://{nginx.address}/forward")["rate"])
                rate, cost, in_rate = self._through(project, sink, 1)
                ours.append(rate)
                costs.append(cost)
                accepted.append(in_rate)
        self.sustained = median(ours)
        self.say(f"1:1 {ours} against {peers}")
        return [
            Row("end to end 1:1, durable, signed, transform", median(ours), "/s", median(peers), "nginx + Lua + proxy",
                ("ratio", "≥", 0.40), spread(ours)),
            Row("… router CPU an event", median(costs), "µs", target=("figure", "≤", 200)),
            Row("… accepted meanwhile", median(accepted), "/s"),
        ]

    def fan_out(self):
        """Deliveries a second, one event to five; against libcurl alone driving the same sink."""
        ours, limits, costs = [], [], []
        with servers.Nginx(servers.SINK) as sink:
            project = projects.write(self.folder, "five", projects.one_to_five(sink.address))
            for _ in range(self.runs):
                limits.append(self._curl(sink)["rate"])
                rate, cost, _ = self._through(project, sink, 5)
                ours.append(rate)
                costs.append(cost / 5)
        self.say(f"1:5 {ours} against {limits}")
        return [
            Row("fan-out 1:5, deliveries", median(ours), "/s", median(limits), "libcurl alone", ("ratio", "≥", 0.30),
                spread(ours)),
            Row("… router CPU a delivery", median(costs), "µs"),
        ]

    def _curl(self, sink):
        done = subprocess.run(
            [self.tool("curl-drive"), f"http://{sink.address}/copy", "64", str(self.seconds), "1024"],
            capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def tool(self, name):
        return os.path.join(self.options.benchmarks, name)

    def _through(self, project, sink, fan):
        """Accepts at full speed for the time of a run, then waits until the last delivery has arrived.

        (deliveries a second from the first request to the last delivery, CPU µs an event, events accepted a second)
        """
        with self.router(project) as router:
            url = f"http://{router.ingest}/in/shop"
            self.wrk(url, 1)
            time.sleep(0.3)
            self._settled(router)
            before, arrived, used = router.events(), sink.requests(), servers.processor_seconds(router.pid)
            began = time.monotonic()
            result = self.wrk(url)
            count = router.events() - before
            ended = self._arrived(sink, arrived, count * fan)
            cost = (servers.processor_seconds(router.pid) - used) / count * 1e6
            self._settled(router)
            count = router.events() - before
            self._check_count(result, count)
            return count * fan / (ended - began), cost, result["rate"]

    @staticmethod
    def _settled(router):
        while router.pending():
            time.sleep(0.2)

    @staticmethod
    def _arrived(sink, before, wanted):
        """When so many more requests had come to the sink. Asking counts there too."""
        asked = 1
        deadline = time.monotonic() + 120
        while sink.requests() - before - asked < wanted:
            asked += 1
            if time.monotonic() > deadline:
                raise RuntimeError(f"{wanted} deliveries did not arrive within two minutes")
            time.sleep(0.05)
        return time.monotonic()

    def latency(self):
        """At half of what 1:1 sustains: the sender's p99, and the router's own p99 from acceptance to delivery."""
        if not self.sustained:
            raise RuntimeError("there is no rate to halve")
        with servers.Nginx(servers.SINK) as sink:
            project = projects.write(self.folder, "one", projects.one_to_one(sink.address))
            with self.router(project) as router:
                url = f"http://{router.ingest}/in/shop"
                self.wrk(url, 2, rate=self.sustained / 2)
                before = histogram(router.get("/metrics"))
                result = self.wrk(url, self.seconds * 2, rate=self.sustained / 2)
                self._settled(router)
                delivered = quantile(before, histogram(router.get("/metrics")), 0.99)
        self.say(f"at half rate: {result}, delivered p99 {delivered * 1000:.1f} ms")
        return [
            Row("rate of the next two lines", result["rate"], "/s", self.sustained, "1:1 above"),
            Row("accept → ack, p99", result["p99"], "ms", target=("figure", "≤", 10)),
            Row("accept → delivered, p99", delivered * 1000, "ms", target=("figure", "≤", 30)),
        ]

    # Memory

    def memory(self):
        """Resident memory: idle, and with 100,000 deliveries waiting for a destination that refuses connections."""
        closed = servers.free_port()
        project = projects.write(self.folder, "down", projects.one_to_one(f"127.0.0.1:{closed}"))
        with self.router(project) as router:
            time.sleep(2)
            idle = servers.memory_mb(router.pid)
            wanted = 100_000
            while (pending := router.pending()) < wanted:
                rate = 8000
                self.wrk(f"http://{router.ingest}/in/shop", max(1, min(10, round((wanted - pending) / rate))))
            time.sleep(2)
            queued, most = servers.memory_mb(router.pid), servers.memory_mb(router.pid, "VmHWM")
            pending = router.pending()
        self.say(f"idle {idle:.0f} MB, {pending} queued {queued:.0f} MB")
        return [
            Row("memory, idle (RSS)", idle, "MB", target=("figure", "≤", 40)),
            Row(f"memory, {pending // 1000 * 1000:,} deliveries queued (RSS)", queued, "MB", target=("figure", "≤", 120)),
            Row("… most it ever was while they came in", most, "MB"),
        ]

    # Command line

    def check(self):
        path = projects.many_files(self.folder, 1000)
        times = []
        for _ in range(3):
            began = time.monotonic()
            done = subprocess.run(
                [self.options.binary, "check", "--project", path], capture_output=True, text=True, check=False,
                env=dict(os.environ, **load.ENVIRONMENT))
            times.append(time.monotonic() - began)
            if done.returncode not in (0, 1):
                raise RuntimeError(done.stderr[-400:])
        return [Row("check of 1,000 route files", median(times), "s", target=("figure", "≤", 1.0))]

    # Parts

    def parts(self):
        """The micro-benchmarks: one core, processor time."""
        arguments = [self.tool("micro"), os.path.join(self.options.root, "scripts")]
        if self.options.payloads:
            arguments.append(self.options.payloads)
        arguments += ["--quick"] if self.options.quick else []
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        found = {}
        for line in done.stdout.splitlines():
            figure = json.loads(line)
            found[figure["name"]] = figure["value"]
        self.say(f"parts {found}")
        return part_rows(found)


def part_rows(found):
    rows = [
        Row(f"JSON to a validated tape ({found['json.bytes'] / 1024:.1f} KB each)", found["json.parse"], "MB/s",
            found["json.scan"], "memchr over it"),
    ]
    sizes = [size for size in (10, 1_000, 10_000, 100_000) if f"match.{size}" in found]
    for size in sizes:
        target = ("figure", "≤", 15.0) if size == 10_000 else None
        rows.append(Row(
            f"match, {size:,} mixed routes, bytes to matches", found[f"match.{size}"], "µs", found[f"match.{size}.parse"],
            "parsing alone", target))
    rows.append(Row(
        f"… growth from 10 to {sizes[-1]:,} routes", found[f"match.{sizes[-1]}"] / found["match.10"], "×",
        target=("figure", "≤", 10.0)))
    for size in sizes[2:]:
        target = ("figure", "≤", 1000.0) if size == 10_000 else None
        rows.append(Row(f"table build, {size:,} routes", found[f"match.{size}.build"], "ms", target=target))
    rows.append(Row(f"… memory a route at {sizes[-1]:,}", found[f"match.{sizes[-1]}.memory"], "B"))
    rows += [
        Row("hostile array, 8,000 objects", found["hostile.halves"], "ms", target=("figure", "≤", 50.0)),
        Row("hostile arrays, three of 480 values", found["hostile.three"], "ms", target=("figure", "≤", 50.0)),
        Row("Lua transform (chat), 1 KB, one core", found["transform.chat"], "/s"),
        Row("parse, match, transform in memory, one core", found["path.memory"], "/s", target=("figure", "≥", 40_000)),
    ]
    return rows


def histogram(metrics):
    """Cumulative counts of `event_end_to_end_seconds` over all routes: {upper bound: count}."""
    counts = {}
    for line in metrics.splitlines():
        match = re.match(r'hookswitch_event_end_to_end_seconds_bucket\{.*le="([^"]+)"\} ([0-9.e+]+)', line)
        if match:
            bound = float("inf") if match[1] == "+Inf" else float(match[1])
            counts[bound] = counts.get(bound, 0) + float(match[2])
    return counts


def quantile(before, after, share):
    """By linear interpolation inside its bucket, in seconds."""
    total = after[float("inf")] - before.get(float("inf"), 0)
    low, below = 0.0, 0.0
    for bound in sorted(after):
        count = after[bound] - before.get(bound, 0)
        if count >= share * total:
            if bound == float("inf"):
                return low
            return low + (bound - low) * (share * total - below) / max(count - below, 1)
        low, below = bound, count
    return low
