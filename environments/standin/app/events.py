"""What happens on the floor, on its way to whoever subscribed: over the cache, so that every replica hears it."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import redis.asyncio as redis

from environments.standin.app.errors import now
from environments.standin.app.metrics import Histogram

CHANNEL = "ms5:events"
RETRY_SECONDS = 0.2
Subscription = tuple[str, str | None]


class Listener(Protocol):
    """A socket that wants some events. A target of None means all of a type."""

    subscriptions: set[Subscription]

    async def send(self, message: dict[str, Any]) -> None: ...


@dataclass
class Events:
    """The listeners of one replica."""

    cache: redis.Redis
    latencies: Histogram
    listeners: set[Listener] = field(default_factory=set)

    async def publish(self, kind: str, subscription_type: str, target_id: str, data: dict[str, Any]) -> None:
        """Tell all replicas that something happened to a target."""
        event = {"type": kind, "data": data, "timestamp": now(), "event_id": str(uuid.uuid4())}
        message = {"subscription_type": subscription_type, "target_id": target_id, "event": event}
        await self.cache.publish(CHANNEL, json.dumps(message, default=str))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hear events as long as the context lasts, also when the cache was away for a while."""
        task = asyncio.create_task(self.listen())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def listen(self) -> None:
        while True:
            try:
                await self.hear()
            except (redis.RedisError, OSError) as error:
                logging.getLogger("uvicorn.error").warning("no events until the cache is back: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def hear(self) -> None:
        async with self.cache.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            while True:
                message = await channel.get_message(timeout=None)
                if message is not None:
                    await self.deliver_text(message["data"])

    async def deliver_text(self, text: str) -> None:
        """Deliver a message as it came; one that is no event must not end the hearing."""
        try:
            await self.deliver(json.loads(text))
        except (ValueError, KeyError, TypeError):
            logging.getLogger("uvicorn.error").exception("what was heard is no event")

    async def deliver(self, message: dict[str, Any]) -> None:
        """Once to each listener that subscribed to this target or to all of its type."""
        wanted = {(message["subscription_type"], message["target_id"]), (message["subscription_type"], None)}
        for listener in [one for one in self.listeners if one.subscriptions & wanted]:
            with suppress(RuntimeError, OSError):  # it is leaving
                await listener.send(message["event"])
                age = datetime.now(UTC) - datetime.fromisoformat(message["event"]["timestamp"])
                self.latencies.add(age.total_seconds())
