# SPDX-License-Identifier: Apache-2.0
"""Sends CloudEvents of the SDK through a router, and reads with the SDK what comes out. See dev/cloudevents."""
import datetime
import http.client
import http.server
import json
import os
import queue
import re
import subprocess
import sys
import threading

from cloudevents.core.bindings.http import from_http_event, to_binary_event, to_structured_event, HTTPMessage
from cloudevents.core.v1.event import CloudEvent

binary, scratch = sys.argv[1:3]
PATIENCE = 30
received: queue.Queue = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received.put((self.path, dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"

project = f"{scratch}/project"
os.makedirs(f"{project}/routes")
with open(f"{project}/routes/main.yaml", "w") as file:
    file.write(f"""version: 1
sources:
  bus:
    path: /in
    verify: none
    event: cloudevents
    webhook: {{origins: [sdk.example.com], rate: 60}}
destinations:
  binary: {{url: "{base}/binary", format: cloudevents-binary}}
  structured: {{url: "{base}/structured", format: cloudevents, compress: {{min: 100KiB}}}}
  batch: {{url: "{base}/batch", format: cloudevents-batch}}
routes:
  all:
    event: com.example.*
    to: [binary, structured, batch]
""")
with open(f"{project}/hookswitch.yaml", "w") as file:
    file.write("listen: {ingest: \"127.0.0.1:0\", admin: \"127.0.0.1:0\"}\n")

router = subprocess.Popen([binary, "serve", "--project", project], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
failures = 0


def check(what, good, detail=""):
    global failures
    print(f"  {'ok  ' if good else 'FAIL'} {what}" + ("" if good else f": {detail}"))
    failures += not good


def request(port, method, headers, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request(method, "/in", body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def attributes(event):
    found = {name: value for name, value in event.get_attributes().items() if value is not None}
    return found


try:
    watchdog = threading.Timer(PATIENCE, router.kill)
    watchdog.start()
    port = None
    for line in router.stdout:
        found = re.search(rb"ingest[^0-9]*127\.0\.0\.1:(\d+)", line)
        if found:
            port = int(found.group(1))
            break
    watchdog.cancel()
    assert port, "the router did not say its port"
    threading.Thread(target=lambda: [None for _ in router.stdout], daemon=True).start()

    time = datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)
    samples = {
        "an object": CloudEvent({
            "id": "A-1", "source": "https://example.com/shop", "type": "com.example.order", "specversion": "1.0",
            "time": time, "subject": "order é \"7\" 50%", "datacontenttype": "application/json", "traceid": "x y",
        }, {"total": 12.5, "lines": [1, 2], "name": "é"}),
        "text": CloudEvent({
            "id": "A-2", "source": "/s", "type": "com.example.note", "specversion": "1.0",
            "datacontenttype": "text/plain", "time": time,
        }, "hello\nworld"),
        "bytes": CloudEvent({
            "id": "A-3", "source": "/s", "type": "com.example.blob", "specversion": "1.0",
            "datacontenttype": "application/octet-stream", "time": time,
        }, b"\x00\xff\x01"),
    }
    for name, event in samples.items():
        for mode, make in (("binary", to_binary_event), ("structured", to_structured_event)):
            # Ids are told apart, or the second would be a duplicate for receivers.
            message = make(event)
            status, _, answer = request(port, "POST", dict(message.headers), message.body)
            check(f"{name}, sent in {mode} mode, is taken", status == 202, (status, answer))
            for _ in range(3):
                path, headers, body = received.get(timeout=PATIENCE)
                low = {key.lower(): value for key, value in headers.items()}
                if path == "/batch":
                    envelopes = json.loads(body)
                    check(f"{name}, {mode}: a batch of one", low["content-type"].startswith(
                        "application/cloudevents-batch+json") and len(envelopes) == 1, body)
                    low = {"content-type": "application/cloudevents+json"}
                    body = json.dumps(envelopes[0]).encode()
                again = from_http_event(HTTPMessage(headers=low, body=body))
                check(f"{name}, {mode} to {path}: the attributes", attributes(again) == attributes(event),
                      (attributes(again), attributes(event)))
                check(f"{name}, {mode} to {path}: the data", again.get_data() == event.get_data(),
                      (again.get_data(), event.get_data()))

    status, headers, _ = request(port, "OPTIONS", {
        "WebHook-Request-Origin": "sdk.example.com", "WebHook-Request-Rate": "120"})
    check("the handshake is answered", (status, headers["webhook-allowed-origin"], headers["webhook-allowed-rate"])
          == (200, "sdk.example.com", "60"), (status, dict(headers)))
    status, headers, _ = request(port, "OPTIONS", {"WebHook-Request-Origin": "other.example.com"})
    check("another origin gets no consent", "webhook-allowed-origin" not in headers, dict(headers))
    status, _, body = request(port, "POST", {"content-type": "application/json"}, b"{}")
    check("what is no CloudEvent is refused", status == 400 and b"cloudevents/missing" in body, (status, body))
    check("nothing else was delivered", received.empty())
finally:
    router.terminate()
    router.wait(PATIENCE)
    server.shutdown()

print(f"cloudevents: {failures} failures" if failures else "cloudevents: ok")
sys.exit(1 if failures else 0)
