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
from dataclasses import dataclass, field
from http.client import HTTPConnection

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Count:
    """What was asked of a load: all requests, those of them that differ, how many got their answer; and ``beside`` it."""

    asked: int
    distinct: int
    answered: int
    beside: int


@dataclass
class Books:
    """What one server was asked. What is beside the load is answered after ``latency_ms`` too."""

    latency_ms: int = 0
    asked: list[str] = field(default_factory=list)
    answered: int = 0
    beside: int = 0

    def close(self, latency_ms: int) -> dict[str, int]:
        """What was asked until now; from here on the books are new."""
        count = {"asked": len(self.asked), "distinct": len(set(self.asked)), "answered": self.answered, "beside": self.beside}
        self.latency_ms, self.asked, self.answered, self.beside = latency_ms, [], 0, 0
        return count


class Connection(asyncio.Protocol):
    """One connection that is kept alive. The books are shared by all of a server."""

    def __init__(self, books: Books) -> None:
        self.books, self.buffer = books, b""

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
        match path.split("/"):
            case ["", "count", latency_ms]:
                self.send(json.dumps(self.books.close(int(latency_ms))).encode())
            case ["", "after", latency_ms, _]:
                self.books.asked.append(path)
                self.answer_after(int(latency_ms), 1)
            case ["", "hang", _]:
                self.books.asked.append(path)
            case _:
                self.books.beside += 1
                self.answer_after(self.books.latency_ms, 0)

    def answer_after(self, latency_ms: int, counts: int) -> None:
        asyncio.get_running_loop().call_later(latency_ms / 1000, self.answer, counts)

    def answer(self, counts: int) -> None:
        """Say that all is well, unless nobody listens any more."""
        if not self.transport.is_closing():
            self.books.answered += counts
            self.send(b'{"status": "healthy"}')

    def send(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


async def serve() -> None:
    """Print the port, and serve until standard input ends: with whoever started this."""
    books = Books()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(books), "127.0.0.1", 0, backlog=1024)
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

    def count(self, latency_ms: int = 0) -> Count:
        """What was asked since this was called last; what is asked beside a load is from here on answered as late."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", f"/count/{latency_ms}")
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
