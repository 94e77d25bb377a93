# SPDX-License-Identifier: Apache-2.0
"""Projects that are measured."""
import os

WORLD = """\
version: 1
secrets:
  ingest: {env: BENCH_INGEST_KEY}
  signing: {env: BENCH_SIGNING_KEY}
sources:
  shop:
    path: /in/shop
    preset: generic
    secret: ingest
    event: {type: {data: type}, id: {data: id}}
    dedupe: off
policies:
  quick:
    timeout: 10s
    retry: {attempts: 5, first: 1h, max: 2h, jitter: none, give_up_after: 24h}
    concurrency: 64
"""

SCRIPT = """\
local function shape(order)
  return {
    order_no = order.id, total = string.format("%.2f", order.cents / 100),
    country = order.shipping.country, lines = order.lines,
  }
end

function to_erp(event, ctx)
  return shape(event.data)
end

-- The same work, encoded to the last byte, and nothing to deliver.
function measured(event, ctx)
  json.encode(shape(event.data))
  return drop("measured")
end
"""


def write(folder, name, routes):
    """A project of one route file beside the common ones."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.join(path, "routes"), exist_ok=True)
    os.makedirs(os.path.join(path, "scripts"), exist_ok=True)
    for file_name, text in (("routes/world.yaml", WORLD), ("routes/case.yaml", routes), ("scripts/orders.lua", SCRIPT)):
        with open(os.path.join(path, file_name), "w", encoding="utf-8") as file:
            file.write(text)
    return path


def one_route_unmatched():
    """Durable ingest: one route that looks at the event and does not take it; the event is stored."""
    return """\
version: 1
destinations: {nowhere: {url: "http://127.0.0.1:9/", policy: quick}}
routes: {other: {event: order.created, match: {data.kind: other}, to: nowhere}}
"""


def transform_only():
    return """\
version: 1
destinations: {nowhere: {url: "http://127.0.0.1:9/", policy: quick}}
routes: {shape: {event: order.created, match: {data.kind: order}, transform: orders.lua#measured, to: nowhere}}
"""


def one_to_one(sink):
    return f"""\
version: 1
destinations: {{erp: {{url: "http://{sink}/orders", policy: quick, sign: {{standard-webhooks: signing}}}}}}
routes: {{order: {{event: order.created, match: {{data.kind: order}}, transform: orders.lua#to_erp, to: erp}}}}
"""


def one_to_five(sink):
    names = [f"copy-{n}" for n in range(1, 6)]
    lines = "".join(f'  {name}: {{url: "http://{sink}/{name}", policy: quick}}\n' for name in names)
    return f"version: 1\ndestinations:\n{lines}routes:\n  order: {{event: order.created, to: [{', '.join(names)}]}}\n"


def many_files(folder, count):
    """A project of `count` route files, for `check`."""
    path = write(folder, "many", one_route_unmatched())
    for number in range(count):
        with open(os.path.join(path, "routes", f"r{number}.yaml"), "w", encoding="utf-8") as file:
            file.write(
                f"version: 1\nroutes:\n  route-{number}:\n    event: order.created\n    match:\n"
                f"      data.customer.id: C-{number}\n      data.cents: {{gte: {number}}}\n"
                f"      data.shipping.country: [DE, FR]\n    transform: orders.lua#to_erp\n    to: nowhere\n")
    return path
