# SPDX-License-Identifier: Apache-2.0
"""The load: wrk with 512 different signed bodies of 1 KB, made beforehand."""
import hashlib
import hmac
import json
import os
import subprocess

KEY = b"bench ingest key"
ENVIRONMENT = {"BENCH_INGEST_KEY": KEY.decode(), "BENCH_SIGNING_KEY": "whsec_" + "YmVuY2ggc2lnbmluZyBrZXkgb2YgMzIgYnl0ZXMhIQ=="}
BODIES = 512

SCRIPT = """
local requests = {{}}
local place = 0
function init(args)
  for line in io.lines("{bodies}") do
    local signature, body = line:match("^(%x+) (.*)$")
    wrk.headers["X-Signature-256"] = signature
    wrk.headers["Content-Type"] = "application/json"
    requests[#requests + 1] = wrk.format("POST", nil, nil, body)
  end
  place = math.random(#requests)
end
function request()
  place = place % #requests + 1
  return requests[place]
end
{delay}
function done(summary, latency, _)
  io.write(string.format(
    '\\nRESULT {{"requests":%d,"seconds":%f,"bad":%d,"broken":%d,"p50":%f,"p99":%f}}\\n', summary.requests,
    summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""

#: Spread evenly from nothing to twice the mean, so that connections do not march in step.
DELAY = """
function delay()
  return math.floor(math.random() * {twice} + 0.5)
end
"""


def body(number):
    """An order of 1 KB."""
    seed = hashlib.sha256(f"bench {number}".encode()).hexdigest()
    order = {
        "type": "order.created", "id": f"A-{number}", "kind": "order", "cents": int(seed[:6], 16), "currency": "eur",
        "shipping": {"country": ["DE", "FR", "SE", "US"][number % 4], "city": "Anytown", "street": seed[:24]},
        "customer": {"id": f"C-{seed[:8]}", "name": "Ada Example", "email": f"{seed[8:16]}@example.com", "vip": False},
        "lines": [{"sku": f"S-{seed[n:n + 6]}", "qty": n + 1, "price_cents": 100 * n + 99, "note": None} for n in range(5)],
        "filler": "",
    }
    order["filler"] = (seed * 16)[: 1024 - len(json.dumps(order, separators=(",", ":")))]
    return json.dumps(order, separators=(",", ":")).encode()


def write_bodies(folder):
    path = os.path.join(folder, "bodies.txt")
    with open(path, "wb") as file:
        for number in range(BODIES):
            content = body(number)
            file.write(hmac.new(KEY, content, hashlib.sha256).hexdigest().encode() + b" " + content + b"\n")
    return path


def wrk(folder, url, seconds, connections=64, rate=None):
    """Result of one run; with `rate`, about so many requests a second."""
    delay = DELAY.format(twice=2000 * connections / rate) if rate else ""
    script = os.path.join(folder, "paced.lua" if rate else "full.lua")
    with open(script, "w", encoding="utf-8") as file:
        file.write(SCRIPT.format(bodies=os.path.join(folder, "bodies.txt"), delay=delay))
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script, url],
        capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            result = json.loads(line[7:])
            result["good"] = result["requests"] - result["bad"]
            result["rate"] = result["good"] / result["seconds"]
            return result
    raise RuntimeError(f"wrk ended with {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}")
