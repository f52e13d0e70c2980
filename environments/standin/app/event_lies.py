"""The lies a replica can be told to tell over the WebSocket: each is an honest conversation with one habit changed.

They hold for sockets that are opened while they are told.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter

from fastapi import Request, WebSocketDisconnect

from environments.standin.app.conversation import Conversation, Frame, kind_of_conversation
from environments.standin.app.errors import now
from environments.standin.app.events import Subscription
from environments.standin.app.liar import Lie, Swap
from environments.standin.app.websocket import subscriptions_of

LATE_SECONDS = 3.0
OLD_LINE = "L-BAG9"


class Twice(Conversation):
    """Tells each event twice."""

    def tell(self, event: Frame) -> None:
        super().tell(event)
        super().tell(event)


class Mute(Conversation):
    """Tells no event."""

    def tell(self, event: Frame) -> None:
        """Nothing."""


class Late(Conversation):
    """Tells each event, but late."""

    def tell(self, event: Frame) -> None:
        asyncio.get_running_loop().call_later(LATE_SECONDS, super().tell, event)


class Nameless(Conversation):
    """Tells events without an id."""

    def tell(self, event: Frame) -> None:
        super().tell({name: value for name, value in event.items() if name != "event_id"})


class Mistaken(Conversation):
    """Tells events of a line that was taken down years ago."""

    def tell(self, event: Frame) -> None:
        super().tell(event | {"data": event["data"] | {"line_code": OLD_LINE}})


class Indiscriminate(Conversation):
    """Tells every event to everybody."""

    def wants(self, subscriptions: set[Subscription]) -> bool:
        return True


class Clinging(Conversation):
    """Confirms that a subscription has ended, and goes on."""

    def unsubscribe(self, frame: Frame) -> Frame:
        return self.change(frame, "unsubscription_confirmed", self.subscriptions.add)


class Inventive(Conversation):
    """Has news for whoever subscribes to anything."""

    def subscribe(self, frame: Frame) -> Frame:
        asyncio.get_running_loop().call_soon(self.tell, invented(frame))
        return super().subscribe(frame)


class Easily(Conversation):
    """Leaves when it does not understand."""

    def reply(self, text: str) -> Frame:
        frame = super().reply(text)
        if frame["type"] == "error":
            raise WebSocketDisconnect
        return frame


class Narrow(Conversation):
    """Does not know one of the types that it advertises."""

    def subscribe(self, frame: Frame) -> Frame:
        return super().subscribe(
            frame | {"subscription_type": frame.get("subscription_type", "").replace("changeover", "")}
        )


def invented(frame: Frame) -> Frame:
    data = {"line_code": frame.get("target_id"), "status": "running"}
    return {"type": "line_status_update", "event_id": str(uuid.uuid4()), "timestamp": now(), "data": data}


def subscriptions_for_anybody(request: Request) -> Counter[str]:
    """Without a token."""
    return Counter(kind for one in request.app.state.events.listeners for kind, _ in one.subscriptions)


def habit(kind: type[Conversation]) -> Lie:
    return Swap(kind_of_conversation, lambda: kind)


EVENT_LIES: dict[str, Lie] = {
    "event-doubled": habit(Twice),
    "event-lost": habit(Mute),
    "event-late": habit(Late),
    "event-nameless": habit(Nameless),
    "event-of-unknown-line": habit(Mistaken),
    "event-invented": habit(Inventive),
    "event-to-everybody": habit(Indiscriminate),
    "unsubscription-ignored": habit(Clinging),
    "malformed-frame-closes": habit(Easily),
    "subscription-type-unknown": habit(Narrow),
    "websocket-stats-open": Swap(subscriptions_of, subscriptions_for_anybody),
}
