"""The waiting server: answers ``/after/MILLISECONDS/NUMBER`` after that time and ``/hang/NUMBER`` never, and counts.

A process of its own, and plain asyncio without a framework: it must cost less than any client that it measures. What was
asked is counted here, so that nobody is fast by asking less.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Count:
    """What was asked since the last time: all requests, those of them that differ, and how many got their answer."""

    asked: int
    distinct: int
    answered: int


class Connection(asyncio.Protocol):
    """One connection that is kept alive. ``paths`` and ``answered`` are shared by all of a server."""

    def __init__(self, paths: list[str], answered: list[str]) -> None:
        self.paths, self.answered, self.buffer = paths, answered, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Take each request that is whole."""
        *requests, self.buffer = (self.buffer + data).split(b"\r\n\r\n")
        for request in requests:
            self.take(request.split(b" ", 2)[1].decode())

    def take(self, path: str) -> None:
        """Answer a path now, later or never."""
        if path == "/count":
            return self.tell_count()
        self.paths.append(path)
        if path.startswith("/after/"):
            asyncio.get_running_loop().call_later(int(path.split("/")[2]) / 1000, self.answer, path)
        return None

    def tell_count(self) -> None:
        count = {"asked": len(self.paths), "distinct": len(set(self.paths)), "answered": len(self.answered)}
        self.paths.clear()
        self.answered.clear()
        self.send(json.dumps(count).encode())

    def answer(self, path: str) -> None:
        """Say that all is well, unless nobody listens any more."""
        if not self.transport.is_closing():
            self.answered.append(path)
            self.send(b'{"status": "healthy"}')

    def send(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


async def serve() -> None:
    """Print the port, and serve until standard input ends: with whoever started this."""
    paths, answered = [], []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(paths, answered), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@dataclass(frozen=True)
class Stub:
    """A waiting server that is up."""

    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def count(self) -> Count:
        """What was asked since this was called last."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/count")
            return Count(**json.load(connection.getresponse()))
        finally:
            connection.close()


@contextmanager
def waiting() -> Iterator[Stub]:
    """A waiting server, as long as it is needed."""
    command = [sys.executable, "-m", "tests.benchmarks.stub"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Stub(int(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(PATIENCE_SECONDS)


if __name__ == "__main__":
    asyncio.run(serve())
