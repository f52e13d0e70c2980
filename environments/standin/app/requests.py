"""Every request gets an id, which its answer carries, and is counted."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from environments.standin.app.metrics import Metrics


@dataclass
class Requests:
    """The outermost layer."""

    inner: ASGIApp
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
            return
        scope["request_id"] = request_id = str(uuid.uuid4())
        began = time.perf_counter()

        async def send_marked(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
                self.metrics.count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self.inner(scope, receive, send_marked)
