# SPDX-License-Identifier: Apache-2.0
"""What is sent, and what must arrive: both computed from an event's id alone, without asking the router.

An event of route `fan-out` becomes three deliveries:

    plain    the body as it came, byte for byte
    shaped   what scripts/storm.lua makes of it; here computed a second time, in Python
    third-a  or third-b, by the configuration in force when the event was accepted: the body as it came, signed
"""
import base64
import hashlib
import hmac
import json
import os

INGEST_KEY = b"storm ingest key"
SIGNING_KEY = hashlib.sha256(b"storm signing key").digest()
#: Of so many events one has a script that fails: it must end as a held entry.
POISON_EVERY = 211

ENVIRONMENT = {
    "STORM_INGEST_KEY": INGEST_KEY.decode(),
    "STORM_SIGNING_KEY": "whsec_" + base64.b64encode(SIGNING_KEY).decode(),
}


def is_poison(event_id):
    """Whether the transform of this event raises an error."""
    return int(hashlib.sha256(event_id.encode()).hexdigest()[:8], 16) % POISON_EVERY == 0 and not is_fresh(event_id)


def is_fresh(event_id):
    """Whether the sink always answers 200: such events prove that the router works again."""
    return event_id.startswith("fresh-")


def body(event_id):
    """About 1 KiB of JSON, with everything in it that a careless router changes: spaces, long integers, 1.10, escapes."""
    seed = hashlib.sha256(event_id.encode()).hexdigest()
    filler = "".join(hashlib.sha256(f"{event_id}/{n}".encode()).hexdigest() for n in range(11))
    poison = ', "poison": true' if is_poison(event_id) else ""
    return (
        f'{{"type": "storm.sent",  "id": "{event_id}", "cents": {int(seed[:7], 16)}, "long": 9007199254740993,'
        f' "price": 1.10, "zero": -0, "none": null, "empty": [], "map": {{}}, "text": "gr\\u00fc\\u00dfe \\/ {seed[:8]} ü",'
        f' "lines": [{{"sku": "{seed[8:16]}", "qty": 1e2}},  {{"qty": 18446744073709551615}}]{poison}, "filler": "{filler}"}}'
    ).encode()


def shaped(event_id, generation):
    """What storm.lua makes of the event: keys sorted, `lines` with its original characters, `price` computed anew."""
    seed = hashlib.sha256(event_id.encode()).hexdigest()
    doubled = int(seed[:7], 16) * 2
    return (
        f'{{"doubled":{doubled},"generation":"{generation}","id":"{event_id}",'
        f'"lines":[{{"sku": "{seed[8:16]}", "qty": 1e2}},  {{"qty": 18446744073709551615}}],"price":1.1}}'
    ).encode()


def digest(content):
    return hashlib.sha256(content).hexdigest()


def expected(event_id, destination):
    """Digests that a delivery to this destination may have. The generation of `shaped` is judged with its third."""
    if destination == "shaped":
        return {digest(shaped(event_id, "a")): "a", digest(shaped(event_id, "b")): "b"}
    return {digest(body(event_id)): None}


def signature(content):
    """Value of the header that the source verifies."""
    return hmac.new(INGEST_KEY, content, hashlib.sha256).hexdigest()


def is_signed(headers, content):
    """Whether a delivery carries a valid Standard Webhooks signature."""
    signed = b".".join([headers.get("webhook-id", "").encode(), headers.get("webhook-timestamp", "").encode(), content])
    wanted = "v1," + base64.b64encode(hmac.new(SIGNING_KEY, signed, hashlib.sha256).digest()).decode()
    return wanted in headers.get("webhook-signature", "").split(" ")


CONCURRENCY = 48

HOOKSWITCH_YAML = """\
# A small reserve makes checkpoints frequent: they fold after a quarter of it.
store: {reserve: 1MiB}
shutdown_grace: 5s
"""

ROUTES_YAML = """\
version: 1

secrets:
  ingest: {{env: STORM_INGEST_KEY}}
  signing: {{env: STORM_SIGNING_KEY}}

sources:
  storm:
    path: /in/storm
    preset: generic
    secret: ingest
    event: {{type: {{data: type}}, id: {{data: id}}}}
    dedupe: {{key: id, within: 24h}}

policies:
  quick:
    timeout: 5s
    retry: {{attempts: 40, first: 50ms, factor: 2, max: 1s, jitter: full, give_up_after: 1h}}
    concurrency: {concurrency}
  two-tries:
    extends: quick
    retry: {{attempts: 2}}

destinations:
  plain: {{url: "{sink}/plain", policy: quick, headers: {{X-Storm-Id: "{{data.id}}"}}}}
  shaped: {{url: "{sink}/shaped", policy: quick, headers: {{X-Storm-Id: "{{data.id}}"}}}}
  third-a: {{url: "{sink}/third-a", policy: two-tries, headers: {{X-Storm-Id: "{{data.id}}"}}, sign: {{standard-webhooks: signing}}}}
  third-b: {{url: "{sink}/third-b", policy: two-tries, headers: {{X-Storm-Id: "{{data.id}}"}}, sign: {{standard-webhooks: signing}}}}
"""

FAN_OUT_YAML = """\
version: 1

routes:
  fan-out:
    event: storm.sent
    to:
      - plain
      - {{destination: shaped, transform: storm.lua#shape_{generation}}}
      - third-{generation}
"""

SCRIPT = """\
local function shape(event, generation)
  if get(event.data, "poison", false) then error("poisoned on purpose") end
  return {
    id = event.data.id,
    doubled = event.data.cents * 2,
    generation = generation,
    lines = event.data.lines,
    price = event.data.price,
  }
end

function shape_a(event, ctx) return shape(event, "a") end
function shape_b(event, ctx) return shape(event, "b") end
"""


def write_project(folder, sink):
    """A project with one source, one route and four destinations at the sink's address."""
    os.makedirs(os.path.join(folder, "routes"), exist_ok=True)
    os.makedirs(os.path.join(folder, "scripts"), exist_ok=True)
    _write(folder, "hookswitch.yaml", HOOKSWITCH_YAML)
    _write(folder, "routes/world.yaml", ROUTES_YAML.format(sink=sink, concurrency=CONCURRENCY))
    _write(folder, "scripts/storm.lua", SCRIPT)
    write_generation(folder, "a")


def write_generation(folder, generation):
    """Puts configuration a or b in place, the way an editor or git does: a new file under the old name."""
    _write(folder, "routes/fan-out.yaml", FAN_OUT_YAML.format(generation=generation))


def _write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


assert all(json.loads(body(f"e-{n}")) for n in range(300)), "the payload must be JSON"
