"""One open socket: what it subscribed to, how its frames are answered, and what waits to be sent (contract section 4)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import WebSocket

from environments.standin.app.errors import now
from environments.standin.app.events import Subscription
from environments.standin.app.floor_sources import SUBSCRIPTION_TYPES

LONGEST_FRAME = 64 * 1024  # characters
LONGEST_TARGET = 200  # characters
MOST_SUBSCRIPTIONS = 256
MOST_WAITING = 256  # frames: a client that does not read them is too slow
Frame = dict[str, Any]


class TooSlow(Exception):
    """More waits for a client than it will ever read."""


@dataclass(eq=False)
class Conversation:
    """One open socket. Nothing it does can make it grow without bound, or hold up another."""

    websocket: WebSocket
    subscriptions: set[Subscription] = field(default_factory=set)
    waiting: asyncio.Queue[Frame] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    overrun: asyncio.Event = field(default_factory=asyncio.Event)

    def wants(self, subscriptions: set[Subscription]) -> bool:
        return bool(self.subscriptions & subscriptions)

    def tell(self, event: Frame) -> None:
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.overrun.set()

    async def speak(self) -> None:
        """Send what waits, as fast as the client reads."""
        while True:
            await self.websocket.send_json(await self.waiting.get())

    async def answer(self, text: str) -> None:
        """Answer one frame. Who sends more than he reads has to wait here, and is not read any further."""
        await self.waiting.put(self.reply(text))

    def reply(self, text: str) -> Frame:
        """The answer to one frame of the client."""
        if len(text) > LONGEST_FRAME:
            return error(f"A frame has at most {LONGEST_FRAME} characters")
        try:
            frame = json.loads(text)
            handle = HANDLERS[frame["type"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return error("The frame is not a JSON object of a known type")
        return handle(self, frame)

    def subscribe(self, frame: Frame) -> Frame:
        if len(self.subscriptions) >= MOST_SUBSCRIPTIONS:
            return error(f"A connection has at most {MOST_SUBSCRIPTIONS} subscriptions")
        return self.change(frame, "subscription_confirmed", self.subscriptions.add)

    def unsubscribe(self, frame: Frame) -> Frame:
        return self.change(frame, "unsubscription_confirmed", self.subscriptions.discard)

    def change(self, frame: Frame, confirmation: str, act: Callable[[Subscription], None]) -> Frame:
        """Add or discard a subscription of a known type. Without a target it is to all of that type."""
        kind, target = frame.get("subscription_type"), frame.get("target_id")
        if kind not in SUBSCRIPTION_TYPES or not isinstance(target, str | None) or len(target or "") > LONGEST_TARGET:
            return error(
                f"subscription_type must be one of {', '.join(SUBSCRIPTION_TYPES)}; target_id a name or nothing"
            )
        act((kind, target))
        return {"type": confirmation, "subscription_type": kind, "target_id": target, "timestamp": now()}

    def pong(self, frame: Frame) -> Frame:
        return {"type": "pong", "timestamp": now()}

    def heartbeat(self, frame: Frame) -> Frame:
        return {"type": "heartbeat_response", "timestamp": now()}


def error(message: str) -> Frame:
    return {"type": "error", "message": message, "timestamp": now()}


# Looked up when called: a lie puts another method in an honest one's place.
HANDLERS: dict[str, Callable[[Conversation, Frame], Frame]] = {
    "subscribe": lambda conversation, frame: conversation.subscribe(frame),
    "unsubscribe": lambda conversation, frame: conversation.unsubscribe(frame),
    "ping": lambda conversation, frame: conversation.pong(frame),
    "heartbeat": lambda conversation, frame: conversation.heartbeat(frame),
}


def kind_of_conversation() -> type[Conversation]:
    """What a socket becomes when it is accepted."""
    return Conversation
