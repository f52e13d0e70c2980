"""The producer of the floor's events (app/producer.py): one for all replicas, as a task beside them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from psycopg.conninfo import make_conninfo

from environments.standin.app.producer import Producer
from environments.standin.groups import CORE
from environments.standin.parts.cache import Cache
from environments.standin.site import APPLICATION_ROLE, DATABASE_NAME, Site


@dataclass
class Teller:
    """The producer of one stand-in; it has no process of its own."""

    site: Site
    cache: Cache
    name: str = "producer"
    needs: tuple[str, ...] = ("postgres", "cache")
    group: str = CORE
    task: asyncio.Task[None] | None = None
    producer: Producer | None = None  # kept: it knows up to where it has told

    async def start(self) -> str:
        if self.task is None:
            self.task = asyncio.create_task(self.run())
        return "producer of events"

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
            self.task = None

    def signal(self, signal_number: int) -> None:
        """Nobody hears."""

    async def run(self) -> None:
        async with self.cache.connect() as cache:
            self.producer = self.producer or Producer(self.database(), cache)
            self.producer.cache = cache
            await self.producer.run()

    def database(self) -> str:
        """As the application reaches it: by TLS, with the application's rights."""
        return make_conninfo(
            host="127.0.0.1",
            port=self.site.ports.database,
            dbname=DATABASE_NAME,
            user=APPLICATION_ROLE,
            password=self.site.secrets.application_password,
            sslmode="verify-full",
            sslrootcert=str(self.site.ca_file),
            application_name="ms5-producer",
        )
