"""How a replica lies: a layer around the honest application that does what it is told, and nothing when told nothing.

What to tell is a small file that maps a replica's name to names of `lies.LIES`, or of lies told elsewhere (elsewhere.py). It is looked at (not read, unless it
changed) for each request and each frame.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from environments.standin.elsewhere import entry


@dataclass
class Answer:
    """An answer that is about to be given, status, JSON body and headers, and the request that it answers."""

    status: int
    body: Any
    headers: MutableHeaders
    request: Scope
    sent: bytes

    @property
    def method(self) -> str:
        return str(self.request["method"])

    def asked(self, header: str) -> str:
        """A header of the request."""
        return Headers(scope=self.request).get(header, "")


@dataclass(frozen=True)
class Rewrite:
    """Changes the answer to requests whose path matches entirely."""

    path: str
    change: Callable[[Answer], None]


@dataclass(frozen=True)
class Alias:
    """Serves a route under another address too: `path` matches entirely, and `leads_to` is its replacement."""

    path: str
    leads_to: str


@dataclass(frozen=True)
class Invent:
    """Answers by itself, where the honest application has no route or another."""

    path: str
    body: Callable[[FastAPI], Any]


@dataclass(frozen=True)
class Swap:
    """Puts something else in the place of what routes depend on."""

    honest: Callable[..., Any]
    lying: Callable[..., Any]


@dataclass(frozen=True)
class Delay:
    """Answers later, one time in so many."""

    path: str
    seconds: float
    one_in: int


@dataclass(frozen=True)
class Lose:
    """Loses WebSocket frames of some types, on their way in or out."""

    types: frozenset[str]


Lie = Rewrite | Alias | Invent | Swap | Delay | Lose


@dataclass
class Told:
    """What one replica is told now."""

    file: Path
    replica: str
    catalogue: dict[str, Lie]
    seen: tuple[int, int] | None = None
    lies: list[Lie] = field(default_factory=list)

    def changed(self) -> bool:
        """Look at the file; whether there was something new in it."""
        seen = None
        with suppress(FileNotFoundError):
            status = self.file.stat()
            seen = (status.st_ino, status.st_mtime_ns)
        if seen == self.seen:
            return False
        self.seen = seen
        self.lies = [entry(name, "LIES", self.catalogue) for name in self.read()]
        return True

    def read(self) -> list[str]:
        try:
            return list(json.loads(self.file.read_text("utf-8")).get(self.replica, []))
        except FileNotFoundError:
            return []

    def of(self, kind: type[Any], path: str = "") -> list[Any]:
        """The lies of a kind that concern a path."""
        return [lie for lie in self.lies if isinstance(lie, kind) and re.fullmatch(getattr(lie, "path", ".*"), path)]


@dataclass
class Liar:
    """The layer between the world and the honest application."""

    honest: FastAPI
    told: Told
    delayable: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.honest(scope, receive, send)
            return
        self.listen()
        if scope["type"] == "websocket":
            await self.honest(scope, self.losing_ear(receive), self.losing_mouth(send))
        else:
            await self.answer(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Late, by itself, under another address, or with another answer than the honest one, as it is told."""
        path = scope["path"]
        for delay in self.told.of(Delay, path):
            self.delayable += 1
            await asyncio.sleep(0 if self.delayable % delay.one_in else delay.seconds)
        for invention in self.told.of(Invent, path):
            await JSONResponse(invention.body(self.honest))(scope, receive, send)
            return
        for alias in self.told.of(Alias, path):
            scope = {**scope, "path": re.sub(alias.path, alias.leads_to, path)}
        if rewrites := self.told.of(Rewrite, path):
            receive, send = rewriting(scope, receive, send, rewrites)
        await self.honest(scope, receive, send)

    def listen(self) -> None:
        """Take over what is told now."""
        if self.told.changed():
            self.honest.dependency_overrides = {swap.honest: swap.lying for swap in self.told.of(Swap)}

    def loses(self, message: Message) -> bool:
        """Whether this frame is to be lost."""
        self.listen()
        losses = self.told.of(Lose)
        if not losses or not message.get("text"):
            return False
        with suppress(ValueError, AttributeError):
            return any(json.loads(message["text"]).get("type") in loss.types for loss in losses)
        return False

    def losing_ear(self, receive: Receive) -> Receive:
        async def hear() -> Message:
            while True:
                message = await receive()
                if not self.loses(message):
                    return message

        return hear

    def losing_mouth(self, send: Send) -> Send:
        async def speak(message: Message) -> None:
            if not self.loses(message):
                await send(message)

        return speak


def rewriting(scope: Scope, receive: Receive, send: Send, rewrites: list[Rewrite]) -> tuple[Receive, Send]:
    """A `receive` that remembers what was sent, and a `send` that holds an answer back until it is whole, and changes it."""
    start: Message = {}
    sent: list[bytes] = []
    chunks: list[bytes] = []

    async def hear() -> Message:
        message = await receive()
        sent.append(message.get("body", b""))
        return message

    async def speak(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            for changed in rewritten(scope, b"".join(sent), start, b"".join(chunks), rewrites):
                await send(changed)

    return hear, speak


def rewritten(
    scope: Scope, sent: bytes, start: Message, body: bytes, rewrites: list[Rewrite]
) -> tuple[Message, Message]:
    """A whole answer, changed; what is not JSON stays as it is."""
    headers = MutableHeaders(raw=list(start["headers"]))
    try:
        answer = Answer(start["status"], json.loads(body), headers, scope, sent)
    except ValueError:
        pass
    else:
        for rewrite in rewrites:
            rewrite.change(answer)
        body = json.dumps(answer.body).encode()
        start["status"] = answer.status
    headers["content-length"] = str(len(body))
    return {**start, "headers": headers.raw}, {"type": "http.response.body", "body": body}
