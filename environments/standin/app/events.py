"""What happens on the floor, on its way to whoever subscribed: over the cache, so that every replica hears it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import redis.asyncio as redis

from environments.standin.app.metrics import Histogram

CHANNEL = "ms5:events"
RETRY_SECONDS = 0.2
Subscription = tuple[str, str | None]


class Listener(Protocol):
    """A socket that wants some events."""

    def wants(self, subscriptions: set[Subscription]) -> bool:
        """Whether it subscribed to one of these."""

    def tell(self, event: dict[str, Any]) -> None:
        """Have an event sent; never wait for a client that is slow to read."""


@dataclass
class Events:
    """The listeners of one replica. What they hear comes from app/producer.py."""

    cache: redis.Redis
    latencies: Histogram
    listeners: set[Listener] = field(default_factory=set)

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
                    self.deliver_text(message["data"])

    def deliver_text(self, text: str) -> None:
        """Deliver a message as it came; one that is no event must not end the hearing."""
        try:
            self.deliver(json.loads(text))
        except (ValueError, KeyError, TypeError):
            logging.getLogger("uvicorn.error").exception("what was heard is no event")

    def deliver(self, message: dict[str, Any]) -> None:
        """Once to each listener that subscribed to a name of the target, or to all of its type."""
        kind, event = message["subscription_type"], message["event"]
        subscriptions = {(kind, target) for target in (*message["targets"], None)}
        for listener in [one for one in self.listeners if one.wants(subscriptions)]:
            listener.tell(event)
            age = datetime.now(UTC) - datetime.fromisoformat(event["timestamp"])
            self.latencies.add(age.total_seconds())
