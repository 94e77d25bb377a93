# SPDX-License-Identifier: Apache-2.0
"""The processes that are measured or measured against: the router and nginx, each on free ports of 127.0.0.1."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def processor_seconds(pid):
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid, key="VmRSS"):
    """VmRSS, or VmHWM for the most it ever was."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


class Router:
    """`hookswitch serve` with a store of its own; stopped with the block."""

    def __init__(self, binary, project, environment=(), arguments=()):
        self.binary, self.project = binary, project
        self.environment = dict(os.environ, **dict(environment))
        self.arguments = list(arguments)

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="hookswitch-bench-")
        self.errors = open(os.path.join(self.folder, "stderr"), "wb")
        self.process = subprocess.Popen(
            [
                self.binary, "serve", "--project", self.project, "--ingest", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                "--store", os.path.join(self.folder, "store.db"), "--log-level", "warning", "-o", "json", *self.arguments,
            ], stdout=subprocess.PIPE, stderr=self.errors, env=self.environment)
        line = self.process.stdout.readline()
        if not line:
            with open(self.errors.name, encoding="utf-8") as file:
                raise RuntimeError("the router did not start: " + file.read())
        said = json.loads(line)
        self.ingest, self.admin, self.pid = said["ingest"], said["admin"], self.process.pid
        # A full pipe would stop the router.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.admin}{path}", timeout=60) as answer:
            content = answer.read()
        return content.decode() if path == "/metrics" else json.loads(content)

    def events(self):
        return self.get("/api/v1/status")["events"]

    def pending(self):
        rows = self.get("/api/v1/status")["deliveries"]
        return sum(row["count"] for row in rows if row["state"] == "pending")


class Nginx:
    """One nginx with a configuration of its own; `{port}` and the ports of `extra` are filled in."""

    def __init__(self, servers, modules=(), workers=1):
        self.servers, self.modules, self.workers = servers, modules, workers

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="hookswitch-nginx-")
        self.port = free_port()
        modules = "".join(f"load_module {module};\n" for module in self.modules)
        text = f"""{modules}
worker_processes {self.workers};
daemon off;
pid {self.folder}/pid;
error_log {self.folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {self.folder}; proxy_temp_path {self.folder}; fastcgi_temp_path {self.folder};
    uwsgi_temp_path {self.folder}; scgi_temp_path {self.folder};
    keepalive_requests 1000000000;
    client_body_buffer_size 64k;
    {self.servers.replace("{port}", str(self.port))}
}}
"""
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.process = subprocess.Popen(
            ["nginx", "-p", self.folder, "-c", path, "-e", f"{self.folder}/error.log"], stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.05)
        with open(f"{self.folder}/error.log", encoding="utf-8") as file:
            raise RuntimeError("nginx did not start: " + file.read())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def requests(self):
        """Requests answered so far, from stub_status; the asking itself counts."""
        with urllib.request.urlopen(f"http://{self.address}/status", timeout=5) as answer:
            return int(answer.read().split(b"\n")[2].split()[2])


SINK = """
    server {
        listen 127.0.0.1:{port} backlog=4096;
        location = /status { stub_status; }
        location = /accepted { return 202; }
        location / { return 200; }
    }
"""

LUA_MODULES = ("/usr/lib/nginx/modules/ndk_http_module.so", "/usr/lib/nginx/modules/ngx_http_lua_module.so")


def lua_peer(sink):
    """The peer: the same condition and the same transform, in nginx with Lua and cjson; not durable."""
    return """
    lua_package_path "/usr/share/lua/5.1/?.lua;;";
    lua_package_cpath "/usr/lib/x86_64-linux-gnu/lua/5.1/?.so;;";
    init_by_lua_block {
        cjson = require "cjson"
        function transform(text)
            local order = cjson.decode(text)
            if order.kind ~= "order" then return nil end
            return cjson.encode({
                order_no = order.id, total = string.format("%.2f", order.cents / 100),
                country = order.shipping.country, lines = order.lines,
            })
        end
    }
    upstream sink { server SINK_ADDRESS; keepalive 256; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:{port} backlog=4096;
        location = /transform {
            content_by_lua_block {
                ngx.req.read_body()
                local made = transform(ngx.req.get_body_data())
                if not made then return ngx.exit(204) end
                ngx.header["Content-Type"] = "application/json"
                ngx.print(made)
            }
        }
        location = /forward {
            rewrite_by_lua_block {
                ngx.req.read_body()
                local made = transform(ngx.req.get_body_data())
                if not made then return ngx.exit(204) end
                ngx.req.set_body_data(made)
            }
            proxy_pass http://sink/orders;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
""".replace("SINK_ADDRESS", sink)
