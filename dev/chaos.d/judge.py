# SPDX-License-Identifier: Apache-2.0
"""Compares three independent accounts: the sender's ledger, the sink's log, and what the store says it kept."""
import bisect
import collections
import dataclasses

import payloads

THIRDS = ("third-a", "third-b")


@dataclasses.dataclass
class Account:
    """The router's own account after draining, over its API."""

    deliveries: list  # rows that are not `delivered`
    held: list
    delivered: int = 0


@dataclasses.dataclass
class Findings:
    """Violations by kind; each kind must be empty."""

    lost: list = dataclasses.field(default_factory=list)
    phantom: list = dataclasses.field(default_factory=list)
    changed: list = dataclasses.field(default_factory=list)
    renamed: list = dataclasses.field(default_factory=list)
    split: list = dataclasses.field(default_factory=list)
    repeated: list = dataclasses.field(default_factory=list)
    other: list = dataclasses.field(default_factory=list)

    def kinds(self):
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @property
    def is_clean(self):
        return not any(self.kinds().values())


#: What each kind means, for the table.
MEANING = {
    "lost": "acked, and neither delivered nor kept",
    "phantom": "delivered or kept, but never sent so",
    "changed": "body is not what the id says",
    "renamed": "webhook-id not stable over attempts",
    "split": "one event under two configurations",
    "repeated": "answered 200 twice without a kill between",
    "other": "anything else",
}


def read_ledger(path):
    """(ids sent, {id: events it was acknowledged as})."""
    sent, acked = set(), collections.defaultdict(set)
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words[0] == "sent":
                sent.add(words[1])
            elif words[0] == "acked":
                acked[words[1]].add(words[2])
    return sent, acked


@dataclasses.dataclass
class Arrivals:
    """The sink's log, grouped."""

    requests: int = 0
    #: {(event id, destination): {webhook-ids}}
    names: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(set))
    #: {(event id, destination): {digests}}
    digests: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(set))
    #: {(event id, destination): [times of answers with 200]}
    accepted: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    #: The same for answers that were given at once.
    prompt: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))


def read_arrivals(path):
    arrivals = Arrivals()
    with open(path, encoding="utf-8") as file:
        for line in file:
            time, destination, name, event_id, digest, answer = line.split()
            key = (event_id, destination)
            arrivals.requests += 1
            arrivals.names[key].add(name)
            arrivals.digests[key].add(digest)
            if answer in ("200", "slow"):
                arrivals.accepted[key].append(float(time))
                if answer == "200":
                    arrivals.prompt[key].append(float(time))
    return arrivals


def judge(sent, acked, arrivals, account, rebirths):
    """(findings, figures). `rebirths`: times of the starts that followed a kill."""
    findings = Findings()
    kept, held = _kept(account)
    for event_id, events in acked.items():
        if len(events) > 1:
            findings.other.append(f"{event_id} was acknowledged as {sorted(events)}")
        _judge_loss(event_id, next(iter(events)), arrivals, kept, held, findings)
    for event_id, destination in arrivals.names:
        if event_id not in sent or destination not in ("plain", "shaped") + THIRDS:
            findings.phantom.append(f"{destination} got {event_id}, which nobody sent")
        elif destination == "shaped" and payloads.is_poison(event_id):
            findings.phantom.append(f"shaped got {event_id}, whose script fails")
    _judge_bytes(arrivals, sent, findings)
    for key, names in arrivals.names.items():
        if len(names) > 1:
            findings.renamed.append(f"{key[0]} at {key[1]} came as {sorted(names)}")
    duplicates, worst = _judge_repeats(arrivals, rebirths, findings)
    figures = {
        "sent": len(sent), "acked": len(acked), "sink requests": arrivals.requests,
        "deliveries answered 200": len(arrivals.accepted), "kept dead": sum(1 for row in kept.values() if row == "dead"),
        "kept held": len(account.held), "still pending": sum(1 for row in kept.values() if row == "pending"),
        "duplicates": duplicates, "most duplicates of one kill": worst,
    }
    return findings, figures


def _kept(account):
    """({(event, destination): state}, {events with a held entry for `shaped`})."""
    kept = {(row["event_id"], row["destination"]): row["state"] for row in account.deliveries}
    held = {row["event_id"] for row in account.held if row["destination"] in (None, "shaped")}
    return kept, held


def _judge_loss(event_id, event, arrivals, kept, held, findings):
    """Three deliveries per acknowledged event, each delivered or kept; the third under one configuration."""
    missing = []
    for destination in ("plain", "shaped"):
        has = (event_id, destination) in arrivals.accepted or (event, destination) in kept
        if not has and not (destination == "shaped" and event in held):
            missing.append(destination)
    thirds = [name for name in THIRDS if (event_id, name) in arrivals.names or (event, name) in kept]
    if len(thirds) > 1:
        findings.split.append(f"{event_id} went to both thirds")
    if not any((event_id, name) in arrivals.accepted or (event, name) in kept for name in thirds):
        missing.append("third")
    if missing:
        findings.lost.append(f"{event_id} ({event}) is missing at {', '.join(missing)}")
    digests = arrivals.digests.get((event_id, "shaped"))
    if digests and len(thirds) == 1:
        generations = {payloads.expected(event_id, "shaped").get(digest) for digest in digests}
        if generations - {None} and generations != {thirds[0][-1]}:
            findings.split.append(f"{event_id}: script of {sorted(map(str, generations))}, route of {thirds[0][-1]}")


def _judge_bytes(arrivals, sent, findings):
    for (event_id, destination), digests in arrivals.digests.items():
        if event_id not in sent:
            continue
        wrong = digests - set(payloads.expected(event_id, destination))
        if wrong:
            findings.changed.append(f"{event_id} at {destination}: {len(wrong)} bodies that it cannot have")
        elif len(digests) > 1:
            findings.changed.append(f"{event_id} at {destination}: two bodies of one delivery")


def _judge_repeats(arrivals, rebirths, findings):
    """(duplicates in all, most of them for which one kill answers)."""
    duplicates, by_kill = 0, collections.Counter()
    for key, times in arrivals.accepted.items():
        times.sort()
        for first, second in zip(times, times[1:]):
            duplicates += 1
            place = bisect.bisect_left(rebirths, first)
            if place < len(rebirths) and rebirths[place] <= second:
                by_kill[place] += 1
            elif first in arrivals.prompt.get(key, ()):
                # A slow answer may meet the router's own time-out; a prompt one that was not recorded has no excuse.
                findings.repeated.append(f"{key[0]} at {key[1]} was answered 200 twice, {second - first:.2f} s apart")
    return duplicates, max(by_kill.values(), default=0)
