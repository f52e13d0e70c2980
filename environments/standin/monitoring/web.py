"""A small HTTP server from a table of routes: a thread a connection, nothing to import that takes time or memory."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=utf-8"
METRICS = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What was asked; `named` are the named groups of the route's pattern."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    named: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What is answered: text as it is, anything else as JSON."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = JSON

    @property
    def content(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body, default=str)).encode()


@dataclass(frozen=True)
class Route:
    """Requests of this method whose whole path matches go to `handle`; `open` ones to everybody."""

    method: str
    pattern: str
    handle: Callable[[Request], Answer]
    open: bool = True


def answer(routes: tuple[Route, ...], guard: Callable[[Request], Answer | None], request: Request) -> Answer:
    """The answer to one request; `guard` may refuse what is not open."""
    for route in routes:
        found = re.fullmatch(route.pattern, request.path)
        if found and route.method == request.method:
            refusal = None if route.open else guard(request)
            return refusal or route.handle(Request(**vars(request) | {"named": found.groupdict()}))
    return Answer({"message": "Not found"}, HTTPStatus.NOT_FOUND)


def let_everybody_in(request: Request) -> Answer | None:
    """No guard."""
    return None


def serve(
    listener: socket.socket, routes: tuple[Route, ...], guard: Callable[[Request], Answer | None] = let_everybody_in
) -> None:
    """Answer on `listener` for ever."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def respond(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, url.path, dict(parse_qsl(url.query)), headers, body, {})
            given = answer(routes, guard, request)
            self.send_response(given.status)
            for name, value in {"Content-Type": given.kind, **given.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.content)))
            self.end_headers()
            self.wfile.write(given.content)

        do_GET = do_POST = do_PUT = do_DELETE = respond  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads a line a second."""

    server = ThreadingHTTPServer(listener.getsockname(), Handler, bind_and_activate=False)
    server.daemon_threads = True
    server.socket.close()
    server.socket = listener
    server.serve_forever()
