# SPDX-License-Identifier: Apache-2.0
"""Projects of many routes, as they grow over the years: conditions of every kind, scripts that require each other."""
import os
import random

WORLD = """\
version: 1
secrets:
  signing: {env: BENCH_SIGNING_KEY}
sources:
  shop: {path: /in/shop, verify: none, event: {type: {data: type}, id: {data: id}}}
  forge: {path: /in/forge, verify: none, event: {type: {header: X-Event}}}
policies:
  quick:
    timeout: 10s
    retry: {attempts: 5, first: 1s, max: 1h, give_up_after: 24h}
    concurrency: 16
"""

TYPES = (
    "push", "issues.opened", "issues.closed", "release.published", "order.created", "order.paid", "invoice.paid",
    "customer.updated",
)

LIBRARY = """\
local M = {}
function M.amount(cents, currency)
  return string.format("%s %.2f", currency or "EUR", (cents or 0) / 100)
end
function M.short(text, length)
  if text == nil then return "" end
  return #text > length and text:sub(1, length - 1) .. "." or text
end
return M
"""

SCRIPT = """\
local money = require "lib.money{library}"

local limits = {{ low = {number}, high = {number} * 100 }}

local function shape(order)
  return {{
    order_no = order.id, total = money.amount(order.total_cents, order.currency),
    country = order.shipping and order.shipping.country, title = money.short(order.title, 40),
  }}
end

function accept(event, ctx)
  local cents = event.data.total_cents or 0
  return cents >= limits.low and cents < limits.high
end

function to_target(event, ctx)
  local result = shape(event.data)
  result.route = ctx.route
  return result
end
"""


def route(number, scripts, chance):
    """One entry of `routes:`."""
    tenant = chance.randrange(2500)
    script = number // 2 % scripts
    kind = number % 10
    lines = [f"  route-{number}:", f"    event: {chance.choice(TYPES)}"]
    if kind % 3 == 0:
        lines.append("    source: shop")
    conditions = {
        0: [f"data.repository.full_name: org-{tenant}/service"],
        1: [f"data.sender.login: [user-{tenant}, user-{tenant + 1}, user-{tenant + 2}]", "data.action: created"],
        2: [f"data.ref: {{prefix: refs/heads/team-{tenant}/}}"],
        3: [f'data.sender.email: {{suffix: "@team-{tenant}.example.com"}}'],
        4: [f"data.customer.id: C-{tenant}", f"data.total_cents: {{gte: {chance.randrange(100000)}}}"],
        5: ["data.issue.pull_request: {exists: true}", f"data.repository.owner.login: org-{tenant}"],
        6: [f"data.organization.login: org-{tenant}", "data.action: {not: deleted}"],
        7: [f"data.repository.name: {{iequals: Service-{tenant}}}"],
        8: [f"data.number: {{between: [{number}, {number + 40}]}}"],
        9: [f'data.shipping.country: [DE, FR, IT]', f"data.customer.id: C-{tenant}"],
    }[kind]
    lines.append("    match:")
    lines += ["      " + line for line in conditions]
    if kind == 4:
        lines.append(f"    filter: team{script}.lua#accept")
    if kind == 6:
        lines.append(f"    when: data.number ~= {tenant}")
    if kind == 9:
        lines += [
            "    switch:", "      - case: large", "        match: {data.total_cents: {gte: 50000}}",
            f"        transform: team{script}.lua#to_target", f"        to: endpoint-{tenant % 200}",
            "      - else: true", f"        to: endpoint-{(tenant + 1) % 200}",
        ]
    else:
        if kind % 2 == 0:
            lines.append(f"    transform: team{script}.lua#to_target")
        lines.append(f"    to: endpoint-{tenant % 200}")
    return "\n".join(lines) + "\n"


def write(folder, files, routes, scripts=200, seed=1):
    """`routes` routes in `files` files, `scripts` Lua files; the same for the same seed."""
    chance = random.Random(seed)
    os.makedirs(os.path.join(folder, "routes", "teams"), exist_ok=True)
    os.makedirs(os.path.join(folder, "scripts", "lib"), exist_ok=True)
    put(folder, "routes/world.yaml", WORLD)
    endpoints = "".join(
        f"  endpoint-{number}:\n    url: http://127.0.0.1:9/hooks/{number}\n    policy: quick\n" for number in range(200))
    put(folder, "routes/endpoints.yaml", "version: 1\ndestinations:\n" + endpoints)
    libraries = max(1, scripts // 10)
    for number in range(libraries):
        put(folder, f"scripts/lib/money{number}.lua", LIBRARY)
    for number in range(scripts - libraries):
        put(folder, f"scripts/team{number}.lua", SCRIPT.format(library=number % libraries, number=number))
    share = -(-routes // files)
    for file in range(files):
        numbers = range(file * share, min(routes, (file + 1) * share))
        text = "version: 1\nroutes:\n" + "".join(route(number, scripts - libraries, chance) for number in numbers)
        put(folder, f"routes/teams/team-{file:04}.yaml", text)
    return folder


def put(folder, path, text):
    with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
        file.write(text)
