"""The WebSocket: a welcome, subscriptions, heartbeats, and the events subscribed to (contract section 4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect

from environments.standin.app.errors import now
from environments.standin.app.events import Events, Subscription
from environments.standin.app.guard import OnSocket
from environments.standin.app.metrics import Metrics

router = APIRouter()
PATHS = ("/ws", "/ws/", "/ws/production", "/ws/andon", "/ws/equipment")
SUBSCRIPTION_TYPES = (
    "line", "equipment", "job", "production", "oee", "downtime", "andon", "escalation", "quality", "changeover",
)  # fmt: skip
EVENT_TYPES = {
    "line_status_update": "line",
    "equipment_status_update": "equipment",
    "job_update": "job",
    "production_update": "production",
    "oee_update": "oee",
    "downtime_event": "downtime",
    "andon_event": "andon",
    "escalation_update": "escalation",
    "quality_alert": "quality",
    "changeover_update": "changeover",
}
Frame = dict[str, Any]


@dataclass(eq=False)
class Conversation:
    """One open socket and what it subscribed to."""

    websocket: WebSocket
    subscriptions: set[Subscription] = field(default_factory=set)

    async def send(self, message: Frame) -> None:
        await self.websocket.send_json(message)

    def reply(self, text: str) -> Frame:
        """The answer to one frame of the client."""
        try:
            frame = json.loads(text)
            handle = HANDLERS[frame["type"]]
        except (ValueError, KeyError, TypeError):
            return error("The frame is not a JSON object of a known type")
        return handle(self, frame)


def subscribe(conversation: Conversation, frame: Frame) -> Frame:
    return change(frame, "subscription_confirmed", conversation.subscriptions.add)


def unsubscribe(conversation: Conversation, frame: Frame) -> Frame:
    return change(frame, "unsubscription_confirmed", conversation.subscriptions.discard)


def change(frame: Frame, confirmation: str, act: Callable[[Subscription], None]) -> Frame:
    """Add or discard a subscription of a known type."""
    kind, target = frame.get("subscription_type"), frame.get("target_id")
    if kind not in SUBSCRIPTION_TYPES or not isinstance(target, str | None):
        return error(f"subscription_type must be one of {', '.join(SUBSCRIPTION_TYPES)}")
    act((kind, target))
    return {"type": confirmation, "subscription_type": kind, "target_id": target, "timestamp": now()}


def pong(conversation: Conversation, frame: Frame) -> Frame:
    return {"type": "pong", "timestamp": now()}


def heartbeat(conversation: Conversation, frame: Frame) -> Frame:
    return {"type": "heartbeat_response", "timestamp": now()}


def error(message: str) -> Frame:
    return {"type": "error", "message": message, "timestamp": now()}


HANDLERS: dict[str, Callable[[Conversation, Frame], Frame]] = {
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "ping": pong,
    "heartbeat": heartbeat,
}


async def talk(websocket: WebSocket, user: OnSocket) -> None:
    """Welcome, then answer frame after frame while events go out beside it."""
    events: Events = websocket.app.state.events
    metrics: Metrics = websocket.app.state.metrics
    conversation = Conversation(websocket)
    await websocket.accept()
    await conversation.send(welcome(user))
    events.listeners.add(conversation)
    metrics.active_connections += 1
    try:
        while True:
            await conversation.send(conversation.reply(await text_of(websocket)))
    except (WebSocketDisconnect, RuntimeError):
        return
    finally:
        metrics.active_connections -= 1
        events.listeners.discard(conversation)


async def text_of(websocket: WebSocket) -> str:
    """The next frame; a binary one is read as text, and then it is malformed."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return str(message.get("text") or message.get("bytes", b"").decode(errors="replace"))


def welcome(user: dict[str, Any]) -> Frame:
    return {"type": "connection_established", "data": {"user_id": str(user["id"])}, "timestamp": now()}


for path in PATHS:
    router.add_api_websocket_route(path, talk)


@router.get("/ws/health")
async def health(request: Request) -> dict[str, Any]:
    metrics: Metrics = request.app.state.metrics
    return {"status": "healthy", "active_connections": metrics.active_connections, "timestamp": now()}


@router.get("/ws/events")
@router.get("/api/v1/ws/production/events/types")
async def events() -> dict[str, Any]:
    """What can be subscribed to, and what arrives then."""
    types = [{"type": event, "subscription_type": kind} for event, kind in EVENT_TYPES.items()]
    return {"subscription_types": list(SUBSCRIPTION_TYPES), "event_types": types}
