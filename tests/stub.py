"""A stub target: one loopback HTTP server and an environment folder in which everything else is absent in writing.

For tests of the harness that need an answer in a millisecond and no deployment. It is no MS5 and obeys no contract.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ABSENT = ("deployment", "slots", "auth", "websocket", "database", "cache", "workers", "monitoring", "host", "standin")

TARGET = """
[environment]
name = "stub"

[gate]
blocks_from = "normal"
required_suites = ["trial"]
budget_seconds = {budget_seconds}
look_seconds = {look_seconds}
concurrency = 16
requests_per_second = {requests_per_second}
logins_per_minute = 60
writes = false
drills = false

[release]
version = "1.0"

[network]
ca_file = "system"
proxy = "none"
resolve = {{}}

[api]
base_url = "{url}"
response_p95_ms = 200
response_samples = 20
"""


class Handler(BaseHTTPRequestHandler):
    """Answers /health at once, /hang never, and everything else with 404."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One answer."""
        if self.path == "/hang":
            threading.Event().wait(60)
        self.answer(200 if self.path == "/health" else 404, {"status": "healthy", "version": "1.0"})

    def answer(self, status: int, content: object) -> None:
        """One answer in JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(handler: type[Handler] = Handler) -> Iterator[str]:
    """The address of a stub that answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a gate that is killed hangs up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def environment(
    folder: Path, url: str, *, budget_seconds: float = 20, look_seconds: float = 3, requests_per_second: float = 1000
) -> Path:
    """Write an environment folder for the stub."""
    folder.mkdir(parents=True, exist_ok=True)
    absent = "".join(f'\n[{name}]\nabsent = "the stub has none"\n' for name in ABSENT)
    text = TARGET.format(
        url=url, budget_seconds=budget_seconds, look_seconds=look_seconds, requests_per_second=requests_per_second
    )
    (folder / "target.toml").write_text(text + absent, "utf-8")
    return folder
