"""The WebSocket: a welcome, then answers and events side by side, and an orderly end (contract section 4)."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, WebSocket, WebSocketDisconnect
from starlette.requests import HTTPConnection

from environments.standin.app.conversation import Conversation, TooSlow, kind_of_conversation
from environments.standin.app.errors import now
from environments.standin.app.events import Events
from environments.standin.app.floor_sources import SUBSCRIPTION_TYPES, TYPES
from environments.standin.app.guard import Asking, OnSocket
from environments.standin.app.metrics import Metrics

router = APIRouter()
PATHS = ("/ws", "/ws/", "/ws/production", "/ws/andon", "/ws/equipment")
TRY_AGAIN_LATER = 1013
FAREWELL_SECONDS = 1.0
Kind = Annotated[type[Conversation], Depends(kind_of_conversation)]


async def talk(websocket: WebSocket, user: OnSocket, kind: Kind) -> None:
    """Welcome a known user, then answer frame after frame while events go out beside it."""
    events, metrics = heard(websocket), counted(websocket)
    conversation = kind(websocket)
    await websocket.accept()
    await websocket.send_json(welcome(user))
    events.listeners.add(conversation)
    metrics.active_connections += 1
    try:
        await until_over(conversation)
    finally:
        metrics.active_connections -= 1
        events.listeners.discard(conversation)


async def until_over(conversation: Conversation) -> None:
    """Return when the client has left, or was asked to."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for part in (listen(conversation), conversation.speak(), watch(conversation)):
                tasks.create_task(part)
    except* (WebSocketDisconnect, RuntimeError):
        pass  # the client has left
    except* TooSlow:
        await farewell(conversation.websocket)


async def farewell(websocket: WebSocket) -> None:
    """Say why, to a client that may not even read that."""
    try:
        async with asyncio.timeout(FAREWELL_SECONDS):
            await websocket.close(TRY_AGAIN_LATER, "too slow")
    except (TimeoutError, RuntimeError, WebSocketDisconnect):
        return


async def listen(conversation: Conversation) -> None:
    while True:
        await conversation.answer(await text_of(conversation.websocket))


async def watch(conversation: Conversation) -> None:
    await conversation.overrun.wait()
    raise TooSlow


async def text_of(websocket: WebSocket) -> str:
    """The next frame; a binary one is read as text, and then it is malformed."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return str(message.get("text") or message.get("bytes", b"").decode(errors="replace"))


def welcome(user: dict[str, Any]) -> dict[str, Any]:
    return {"type": "connection_established", "data": {"user_id": str(user["id"])}, "timestamp": now()}


def heard(connection: HTTPConnection) -> Events:
    found: Events = connection.app.state.events
    return found


def counted(connection: HTTPConnection) -> Metrics:
    found: Metrics = connection.app.state.metrics
    return found


for path in PATHS:
    router.add_api_websocket_route(path, talk)


@router.get("/ws/health")
async def health() -> dict[str, Any]:
    """Whether sockets are served; who is connected is for users only."""
    return {"status": "healthy", "timestamp": now()}


def subscriptions_of(request: Request, user: Asking) -> Counter[str]:
    """How many subscriptions of each type this replica has, for a user."""
    conversations = [one for one in heard(request).listeners if isinstance(one, Conversation)]
    return Counter(kind for one in conversations for kind, _ in one.subscriptions)


@router.get("/ws/stats")
async def stats(request: Request, subscriptions: Annotated[Counter[str], Depends(subscriptions_of)]) -> dict[str, Any]:
    """The connections of this replica."""
    active = counted(request).active_connections
    return {"active_connections": active, "subscriptions": subscriptions, "timestamp": now()}


@router.get("/ws/events")
@router.get("/api/v1/ws/production/events/types")
async def events() -> dict[str, Any]:
    """What can be subscribed to, and what arrives then."""
    types = [{"type": event, "subscription_type": kind} for event, kind in TYPES.items()]
    return {"subscription_types": list(SUBSCRIPTION_TYPES), "event_types": types}
