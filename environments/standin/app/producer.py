"""Tells what happens on the floor: looks for rows that are new or changed, and publishes each once for all replicas.

Rows are found by the transaction that wrote them, so nothing is needed in the schema, no write is missed, however it was
made, and nothing is told that is not in the database.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis.asyncio as redis

from environments.standin.app.errors import now
from environments.standin.app.events import CHANNEL
from environments.standin.app.floor_sources import SOURCES

LOOK_SECONDS = 0.25
ANSWER_SECONDS = 5.0
NOT_YET = 2**62  # no transaction has such a number
IDENTITY = uuid.UUID("5b0c11c1-5c7b-4b0e-9a30-6d5335e05050")  # the name space of the events' ids
STATE = "select pg_current_snapshot()::text"
# Transactions below the floor are over; what one above it wrote may come into sight at any time.
QUESTION = f"""
with happened as ({" union all ".join(source.question for source in SOURCES)})
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       coalesce((select jsonb_agg(to_jsonb(happened)) from happened), '[]')
"""
Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Happening = dict[str, Any]  # type, subscription_type, key, version, targets, data


@dataclass
class Producer:
    """Looks for ever. What happened while a store was away is told when it is back."""

    database: str  # where, as libpq reads it
    cache: redis.Redis
    floor: int = NOT_YET
    state: str = ""
    told: set[uuid.UUID] = field(default_factory=set)

    async def run(self) -> None:
        while True:
            with suppress(psycopg.Error, redis.RedisError, OSError, TimeoutError):
                await self.look_again_and_again()
            await asyncio.sleep(LOOK_SECONDS)

    async def look_again_and_again(self) -> None:
        """Over one connection, until something is away."""
        connect = psycopg.AsyncConnection.connect(self.database, autocommit=True, connect_timeout=2)
        connection = await asyncio.wait_for(connect, ANSWER_SECONDS)
        try:
            while True:
                await asyncio.wait_for(self.look(connection), ANSWER_SECONDS)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            connection.pgconn.finish()  # at once: an orderly close would wait for a server that hangs

    async def look(self, connection: Connection) -> None:
        """Tell what is new, if any transaction has ended since."""
        state = await answer(connection, STATE)
        if state[0] == self.state:
            return
        floor, happened = await answer(connection, QUESTION, {"floor": self.floor})
        in_sight = {identity(happening): happening for happening in happened}
        for event_id in in_sight.keys() - self.told:
            await self.tell(event_id, in_sight[event_id])
            self.told.add(event_id)
        self.told &= in_sight.keys()
        self.floor, self.state = floor, state[0]

    async def tell(self, event_id: uuid.UUID, happening: Happening) -> None:
        """To every replica, over the cache."""
        logging.getLogger(__name__).debug("%s %s", happening["type"], happening["key"])
        event = {"type": happening["type"], "event_id": str(event_id), "timestamp": now(), "data": happening["data"]}
        message = {name: happening[name] for name in ("subscription_type", "targets")}
        await self.cache.publish(CHANNEL, json.dumps(message | {"event": event}))


async def answer(connection: Connection, question: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """The one row of the answer."""
    row = await (await connection.execute(question, values)).fetchone()
    assert row is not None
    return row


def identity(happening: Happening) -> uuid.UUID:
    """The same for the same version of the same row, whoever asks."""
    return uuid.uuid5(IDENTITY, "{type} {key} {version}".format_map(happening))
