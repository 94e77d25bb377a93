# SPDX-License-Identifier: Apache-2.0
"""Rule sets and events with a fixed seed: the same on every machine.

As many tenants as rules ask for: what an event matches stays a handful at any size, as it does where rules belong to
tenants.
"""
import random

TYPES = ("push", "issues.opened", "issues.closed", "release.published", "pull_request.opened", "pull_request.closed",
         "order.created", "order.paid", "invoice.paid", "customer.updated")
ACTIONS = ("created", "edited", "deleted", "published", "closed", "opened", "labeled", "assigned")
COUNTRIES = ("DE", "FR", "IT", "ES", "SE", "PL", "NL", "US", "JP", "BR")
SETS = ("exact", "tenant", "late", "shared", "lots", "affix", "wild", "range", "but", "exists", "multi", "mixed")
EVENTS = 2_000


class Maker:
    def __init__(self, kind, size):
        self.chance = random.Random(f"{kind}/{size}")
        self.size = size
        self.tenants = max(8, size // 4)
        self.numbers = max(1_000, size * 10)

    def tenant(self):
        return self.chance.randrange(self.tenants)

    def exact(self, number):
        return {"repository": {"full_name": [f"org-{number}/service"]}}

    def tenant_rule(self, number):
        kind = self.chance.choice(TYPES)
        test = kind if number % 2 else {"prefix": kind.split(".")[0]}
        return {"tenant": [f"t-{self.tenant()}"], "type": [test]}

    def shared(self, number):
        return {"action": ["created"], "repository": {"full_name": [f"org-{number}/service"]}}

    def lots(self, number):
        shape = number % 3
        if shape == 0:
            return {"properties": {"parcel": [f"P{number}"]}}
        block = f"{self.chance.randrange(self.tenants):05d}"
        if shape == 1:
            return {"properties": {"block": [block], "side": [self.chance.choice("NESW")]}}
        return {"properties": {"street": [f"STREET {self.tenant()}"], "number": [str(self.chance.randrange(100))]}}

    def affix(self, number):
        if number % 2:
            return {"ref": [{"prefix": f"refs/heads/team-{number}/"}]}
        return {"sender": {"email": [{"suffix": f"@team-{number}.example.com"}]}}

    def wild(self, number):
        shape = number % 3
        if shape == 0:
            return {"sender": {"email": [{"wildcard": f"user-*@team-{number}.example.*"}]}}
        if shape == 1:
            return {"sender": {"email": [{"wildcard": f"*-{number}@*"}]}}
        return {"sender": {"email": [{"wildcard": f"*team-{number}.*"}]}}

    def range(self, number):
        low = self.chance.randrange(self.numbers)
        return {"number": [{"numeric": [">=", low, "<", low + 40]}]}

    def but(self, number):
        shape = number % 3
        action = self.chance.choice(ACTIONS)
        refused = (action, [action, "other"], {"prefix": action[:3]})[shape]
        return {"tenant": [f"t-{self.tenant()}"], "action": [{"anything-but": refused}]}

    def exists(self, number):
        return {"tenant": [f"t-{self.tenant()}"], "issue": {"pull_request": {"url": [{"exists": number % 2 == 0}]}}}

    def multi(self, number):
        logins = [f"user-{self.chance.randrange(self.tenants * 4)}" for _ in range(4)]
        return {"sender": {"login": logins}, "action": self.chance.sample(ACTIONS, 4),
                "shipping": {"country": self.chance.sample(COUNTRIES, 4)}}

    def mixed(self, number):
        tenant, kind, action = self.tenant(), self.chance.choice(TYPES), self.chance.choice(ACTIONS)
        low = self.chance.randrange(self.numbers)
        return (
            {"type": [kind], "repository": {"full_name": [f"org-{tenant}/service"]}},
            {"sender": {"login": [f"user-{self.tenant()}" for _ in range(3)]}, "action": [action]},
            {"type": [kind], "ref": [{"prefix": f"refs/heads/team-{tenant}/"}]},
            {"sender": {"email": [{"suffix": f"@team-{tenant}.example.com"}]}, "type": [{"anything-but": kind}]},
            {"customer": {"id": [f"C{tenant}"]}, "total_cents": [{"numeric": [">=", self.chance.randrange(100_000)]}]},
            {"repository": {"owner": {"login": [f"org-{tenant}"]}}, "issue": {"pull_request": {"url": [{"exists": True}]}}},
            {"organization": {"login": [f"org-{tenant}"]}, "action": [{"anything-but": [action]}]},
            {"repository": {"name": [{"equals-ignore-case": f"Service-{tenant}"}]}, "issue": {"closed": [{"exists": False}]}},
            {"number": [{"numeric": [">=", low, "<=", low + 40]}]},
            {"sender": {"login": [{"wildcard": f"user-{tenant}*"}]}, "type": [{"anything-but": {"prefix": "order"}}]},
        )[number % 10]

    def commit(self, place, user):
        return {"id": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "message": "Say what changed, and why \u2713",
                "distinct": True, "author": {"name": user, "email": f"{user}@example.com"}, "added": ["a.txt"],
                "removed": [], "modified": ["src/main.c", f"src/part{place}.c"]}

    def webhook(self, is_late):
        tenant, user = self.tenant(), f"user-{self.tenant()}"
        repository = self.chance.randrange(self.size)
        team = self.chance.randrange(self.size)
        envelope = {"tenant": f"t-{tenant}", "type": self.chance.choice(TYPES), "action": self.chance.choice(ACTIONS)}
        owner = tenant if self.size > 10 else repository
        body = {
            "ref": f"refs/heads/team-{team if self.chance.random() < 0.5 else tenant}/feature-{self.chance.randrange(100)}",
            "number": self.chance.randrange(self.numbers), "total_cents": self.chance.randrange(100_000),
            "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "after": "0" * 40,
            "repository": {
                "id": 186853002, "node_id": "MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI=", "name": f"SERVICE-{tenant}",
                "full_name": f"org-{self.chance.choice((owner, repository))}/service", "private": False,
                "owner": {"login": f"org-{tenant}", "id": 21031067, "type": "Organization", "site_admin": False},
                "html_url": f"https://git.example.com/org-{tenant}/service", "fork": False, "size": 2,
                "open_issues": 1, "default_branch": "main", "created_at": "2019-05-15T15:19:25Z",
                "updated_at": "2019-05-15T15:20:34Z"},
            "sender": {
                "login": user, "id": 21031067, "email": f"{user}@team-{self.chance.choice((team, tenant))}.example.com",
                "avatar_url": "https://avatars.example.com/u/21031067?v=4", "type": "User", "site_admin": False},
            "organization": {"login": f"org-{tenant}", "id": tenant, "description": "Things that run"},
            "customer": {"id": f"C{tenant}", "vip": False},
            "shipping": {"country": self.chance.choice(COUNTRIES), "city": "Anytown"},
            "issue": {"title": "It breaks", **({"pull_request": {"url": "u"}} if self.chance.random() < 0.5 else {})},
            "labels": [{"id": 1, "name": "bug", "color": "d73a4a"}, {"id": 2, "name": "urgent", "color": "ffffff"}],
            "commits": [self.commit(0, user), self.commit(1, user)]}
        return {**body, **envelope} if is_late else {**envelope, **body}

    def lot(self):
        number = self.chance.randrange(self.size)
        block = f"{self.chance.randrange(self.tenants):05d}"
        ring = [[-122.4 + self.chance.random() / 10, 37.7 + self.chance.random() / 10, 0.0] for _ in range(8)]
        return {"type": "Feature",
                "properties": {"parcel": f"P{number}", "block": block, "lot": "001", "from": "0", "to": "0",
                               "street": f"STREET {self.tenant()}", "kind": "ST", "side": self.chance.choice("NESW"),
                               "number": str(self.chance.randrange(100))},
                "geometry": {"type": "Polygon", "coordinates": [ring]}}


def make(kind, size):
    """Patterns and events of a rule set."""
    maker = Maker(kind, size)
    rule = {"tenant": maker.tenant_rule, "late": maker.tenant_rule}.get(kind) or getattr(maker, kind)
    patterns = [rule(number) for number in range(size)]
    if kind == "lots":
        return patterns, [maker.lot() for _ in range(EVENTS)]
    return patterns, [maker.webhook(kind == "late") for _ in range(EVENTS)]


def hostile():
    """One rule each, and one small event that costs others the square or the cube of its size."""
    objects = [{"a": 1} if place % 2 else {"b": 1} for place in range(8_000)]
    values = [f"v{place}" for place in range(480)]
    return (
        ("8,000 objects", {"l": {"a": [1], "b": [1]}}, {"l": objects}),
        ("three arrays of 480", {"a": ["v479"], "b": ["v479"], "c": ["none"]}, {"a": values, "b": values, "c": values}),
    )
