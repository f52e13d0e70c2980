"""What a request may be made of, before anything reads it: its size and its characters."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from environments.standin.app.errors import Refused, answer

LARGEST_BODY_BYTES = 1024 * 1024
LARGEST_UPLOAD_BYTES = 32 * 1024 * 1024  # the route itself refuses a file above its own limit
UPLOAD = "/api/v1/upload"
TOO_LARGE = "The request is too large"


@dataclass
class Intake:
    """Refuses what is too large (413) or has control characters in its address (400)."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif not (scope["path"] + unquote_plus(scope["query_string"].decode("latin-1"))).isprintable():
            await answer(scope, 400, "The address holds a character that is not printable")(scope, receive, send)
        else:
            await self.measure(scope, receive, send)

    async def measure(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a body on as long as it stays within its limit."""
        limit = LARGEST_UPLOAD_BYTES if scope["path"].startswith(UPLOAD) else LARGEST_BODY_BYTES
        if announced(scope) > limit:
            await drain(announced(scope), receive)
            await answer(scope, 413, TOO_LARGE)(scope, receive, send)
            return
        await self.app(scope, bounded(receive, limit), send)


def announced(scope: Scope) -> int:
    """How long the body is said to be; 0 when nothing is said."""
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isdecimal() else 0


async def drain(length: int, receive: Receive) -> None:
    """Let a client finish that sends not much too much: it reads its answer only then."""
    if length <= LARGEST_UPLOAD_BYTES:
        while (await receive()).get("more_body"):
            pass


def bounded(receive: Receive, limit: int) -> Receive:
    """A `receive` that raises `Refused` (413) when a body of unsaid length grows beyond its limit."""
    seen = 0

    async def hear() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise Refused(413, TOO_LARGE)
        return message

    return hear
