"""The control socket of a running stand-in: one JSON line in, one out.

`{"faults": [names]}` puts exactly these faults into force, `{"status": true}` tells which are, `{"stop": true}` ends it,
`{"wait": group}` is answered when that group of groups.py is up, `{"act": name}` and `{"undo": name}` do and undo a drill of
drills.py. An answer is `{"faults": [names in force], "drills": [names under way], "groups": {group: "starting", "up" or why
it is not}}` or `{"error": sentence}`.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import psycopg
import redis

from environments.standin.drills import Drills, UnknownDrill
from environments.standin.faults import UnknownFault
from environments.standin.parts.process import PartFailed
from environments.standin.stack import Stack
from environments.standin.switchboard import Switchboard

SOCKET = "control.sock"


@dataclass
class Control:
    """Serves the socket while its context lasts."""

    stack: Stack
    ended: asyncio.Event
    server: asyncio.Server | None = None
    switchboard: Switchboard = field(init=False)
    drills: Drills = field(init=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.switchboard = Switchboard(self.stack)
        self.drills = Drills(self.stack)

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_unix_server(self.serve, str(self.stack.site.folder / SOCKET))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.server is not None:
            self.server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer line after line; orders are carried out one at a time, whoever gives them."""
        while line := await reader.readline():
            answer = await self.answer(json.loads(line))
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()

    async def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        try:
            if "wait" in order:
                await self.stack.wait_for(order["wait"])  # out of turn: it takes as long as it takes
            async with self.turn:
                await self.obey(order)
        except (PartFailed, UnknownFault, UnknownDrill, OSError, psycopg.Error, redis.RedisError) as error:
            return {"error": str(error)}
        return {
            "faults": [fault.name for fault in self.switchboard.in_force],
            "drills": self.drills.under_way,
            "groups": self.stack.states(),
        }

    async def obey(self, order: dict[str, Any]) -> None:
        if "faults" in order:
            await self.switchboard.switch(order["faults"])
        if "act" in order:
            await self.drills.act(order["act"])
        if "undo" in order:
            await self.drills.undo(order["undo"])
        if order.get("stop"):
            self.ended.set()
