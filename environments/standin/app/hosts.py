"""Only requests for known hosts are answered (contract section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from environments.standin.app.errors import answer


@dataclass
class HostFilter:
    """Answers 400 for a host that is not ours."""

    inner: ASGIApp
    hosts: tuple[str, ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self.knows(Headers(scope=scope).get("host", "")):
            await self.inner(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it was accepted: 403
        else:
            await answer(scope, 400, "Unknown host")(scope, receive, send)

    def knows(self, host: str) -> bool:
        return host.partition(":")[0] in self.hosts
