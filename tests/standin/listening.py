"""How the tests listen to the floor: sockets through the front door or straight to a replica."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.standin.knocking import Door

SOON_SECONDS = 2.0  # an answer
WITHIN_SECONDS = 1.5  # an event: 1 s, and a machine that does other things too
REPLICAS = ("blue_1", "blue_2", "green_1")


def token_of(door: Door, role: str = "operator") -> str:
    """A new access token."""
    references = door.standin.references
    body = {"username": references[f"account_{role}_username"], "password": references[f"account_{role}_password"]}
    answer = door("/api/v1/auth/login", "api", "POST", body=json.dumps(body).encode(), Content_Type="application/json")
    assert answer.status == 200, answer.body
    return str(json.loads(answer.body)["access_token"])


@dataclass
class Ear:
    """One open socket that was welcomed."""

    socket: ClientConnection

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear(self, seconds: float = SOON_SECONDS) -> dict[str, Any]:
        return json.loads(await asyncio.wait_for(self.socket.recv(), seconds))

    async def ask(self, **frame: Any) -> dict[str, Any]:
        await self.say(**frame)
        return await self.hear()

    async def subscribe(self, kind: str, target: str | None = None) -> None:
        answer = await self.ask(type="subscribe", subscription_type=kind, target_id=target)
        assert answer["type"] == "subscription_confirmed", answer

    async def all_within(self, seconds: float = WITHIN_SECONDS) -> list[dict[str, Any]]:
        """Everything that comes in that time."""
        frames = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    frames.append(json.loads(await self.socket.recv()))
        except TimeoutError:
            return frames


@asynccontextmanager
async def ear(door: Door, token: str, path: str = "/ws", host: str = "app", replica: str = "") -> AsyncIterator[Ear]:
    """An open socket, by the front door or straight to a replica. The token goes in the header."""
    where = f"wss://{door.name(host)}:{door.port()}{path}"
    how: dict[str, Any] = {"host": "127.0.0.1", "ssl": door.trust()}
    if replica:
        where, how = door.standin.references[replica].replace("http", "ws", 1) + path, {}
    async with connect(where, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None, **how) as socket:
        opened = Ear(socket)
        assert (await opened.hear())["type"] == "connection_established"
        yield opened
