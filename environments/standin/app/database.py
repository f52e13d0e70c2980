"""The application's connections to PostgreSQL: a few, used again while they live."""

from __future__ import annotations

import select
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from starlette.requests import HTTPConnection

from environments.standin.app.settings import Settings

Row = dict[str, Any]
Connection = psycopg.AsyncConnection[Row]
IDLE_KEPT = 5


class Database:
    """Answers questions; connects when the first is asked."""

    def __init__(self, settings: Settings) -> None:
        self.address = make_conninfo(
            host=settings.database_host,
            port=settings.database_port,
            dbname=settings.database_name,
            user=settings.database_user,
            password=settings.database_password,
            sslmode="verify-full",
            sslrootcert=settings.database_ca_file,
            application_name=f"ms5-backend {settings.replica}",
            connect_timeout=2,
        )
        self.idle: list[Connection] = []

    async def rows(self, question: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """The answer's rows, each by column name."""
        async with self.connection() as connection:
            return await (await connection.execute(question, values)).fetchall()

    async def row(self, question: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Row | None:
        """The answer's first row, or None."""
        rows = await self.rows(question, values)
        return rows[0] if rows else None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of our own for a moment; one in doubt is not used again."""
        connection = self.take() or await self.connect()
        try:
            yield connection
        except BaseException:
            connection.pgconn.finish()  # at once: an orderly close would wait for a server that hangs
            raise
        if len(self.idle) < IDLE_KEPT:
            self.idle.append(connection)
        else:
            await connection.close()

    def take(self) -> Connection | None:
        """An idle connection that still lives: an idle server that has something to say says farewell."""
        while self.idle:
            connection = self.idle.pop()
            if not connection.closed and not select.select([connection.fileno()], [], [], 0)[0]:
                return connection
            connection.pgconn.finish()
        return None

    async def connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(self.address, autocommit=True, row_factory=dict_row)

    async def close(self) -> None:
        for connection in self.idle:
            await connection.close()


def database(connection: HTTPConnection) -> Database:
    """The replica's database, for routes."""
    found: Database = connection.app.state.database
    return found
