"""Servers that hang, each in its own way, on a free loopback port."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

TALK_SECONDS = 60  # longer than any test waits

WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


def silence(connection: socket.socket) -> None:
    """Accept, read, and never answer: to HTTP, TLS, PostgreSQL, Redis and WebSockets alike."""
    while connection.recv(65536):
        continue


def dribble(connection: socket.socket) -> None:
    """Answer a byte at a time, each soon enough for a timeout between two reads."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(TALK_SECONDS * 2):
        connection.sendall(b"x")
        time.sleep(0.5)


def endless(connection: socket.socket) -> None:
    """A body that never ends, in small chunks."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(TALK_SECONDS * 100):
        connection.sendall(b"1\r\nx\r\n")
        time.sleep(0.01)


def headers_without_end(connection: socket.socket) -> None:
    """Headers that never come to an end."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(TALK_SECONDS * 10):
        connection.sendall(f"X-{number}: x\r\n".encode())
        time.sleep(0.1)


def query_without_end(connection: socket.socket) -> None:
    """PostgreSQL that lets everyone in and answers no query."""
    connection.recv(65536)
    connection.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")  # AuthenticationOk, ReadyForQuery
    silence(connection)


def no_welcome(connection: socket.socket) -> None:
    """A WebSocket that is opened and on which nothing is said."""
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", connection.recv(65536), re.IGNORECASE)
    accept = base64.b64encode(hashlib.sha1((key[1] if key else b"") + WEBSOCKET_GUID).digest()).decode()
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    silence(connection)


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The ``host:port`` of a server that talks like this to whoever connects."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, talk), daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def _accept(listener: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_talk, args=(connection, talk), daemon=True).start()


def _talk(connection: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    with suppress(OSError), connection:
        talk(connection)
