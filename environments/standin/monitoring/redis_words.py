"""Redis's protocol as far as a few questions need it: a client library takes more memory than all else here together."""

from __future__ import annotations

import socket
from typing import BinaryIO

SECONDS = 2.0
Reply = str | int | list["Reply"] | None


class RedisError(OSError):
    """Redis answered with an error."""


def ask(port: int, password: str, *command: str) -> Reply:
    """The reply to one command. Raises `OSError`."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as line, line.makefile("rb") as stream:
        for words in (("AUTH", "default", password), command):
            line.sendall(encoded(words))
            reply = read(stream)
        return reply


def encoded(words: tuple[str, ...]) -> bytes:
    parts = (b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in words)
    return b"*%d\r\n%s" % (len(words), b"".join(parts))


def read(stream: BinaryIO) -> Reply:
    """One reply of protocol version 2."""
    line = stream.readline().decode().rstrip("\r\n")
    kind, rest = line[:1], line[1:]
    if kind == "-":
        raise RedisError(rest)
    if kind == ":":
        return int(rest)
    if kind == "$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode(errors="replace")
    if kind == "*":
        return [read(stream) for _ in range(int(rest))]
    if kind != "+":
        raise RedisError("no Redis answers here")
    return rest
