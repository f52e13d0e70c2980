"""What a fault does to a stack, and how it is undone: small acts, each of which can be switched on and off again."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # the gate's process reads the registry of faults and needs no server's libraries for it
    from environments.standin.parts.nginx import Edit
    from environments.standin.parts.postgres import PostgreSQL
    from environments.standin.stack import Stack

REPLICAS = ("blue-1", "blue-2", "green-1")


class Act(Protocol):
    """One change of a running stack."""

    async def on(self, stack: Stack) -> None:
        """Make the change; it is in force when this returns."""

    async def off(self, stack: Stack) -> None:
        """Undo it; the stack is healthy again when this returns."""


@dataclass(frozen=True)
class Lie:
    """Replicas tell a lie of `app/lies.py`."""

    name: str
    replicas: tuple[str, ...] = REPLICAS

    async def on(self, stack: Stack) -> None:
        stack.lies.tell(self.replicas, self.name)

    async def off(self, stack: Stack) -> None:
        stack.lies.take_back(self.replicas, self.name)


@dataclass(frozen=True)
class NginxEdit:
    """The front door's configuration reads otherwise."""

    old: str
    new: str

    async def on(self, stack: Stack) -> None:
        nginx = stack.nginx
        await nginx.edit([*nginx.edits, self.edit(stack)])

    async def off(self, stack: Stack) -> None:
        nginx = stack.nginx
        await nginx.edit([edit for edit in nginx.edits if edit != self.edit(stack)])

    def edit(self, stack: Stack) -> Edit:
        """The words between @ signs are those of the configuration."""
        fill_in = stack.nginx.fill_in
        return fill_in(self.old), fill_in(self.new)


@dataclass(frozen=True)
class Stop:
    """A part has ended."""

    part: str

    async def on(self, stack: Stack) -> None:
        await stack[self.part].stop()

    async def off(self, stack: Stack) -> None:
        await stack[self.part].start()


@dataclass
class SwitchSlot:
    """The front door leads to a slot; the undo leads back to the one before."""

    slot: str
    former: str = ""

    async def on(self, stack: Stack) -> None:
        self.former = stack.nginx.slot
        await stack.nginx.switch(self.slot)

    async def off(self, stack: Stack) -> None:
        await stack.nginx.switch(self.former)


@dataclass(frozen=True)
class Hang:
    """A part still holds its connections and answers nothing."""

    part: str

    async def on(self, stack: Stack) -> None:
        stack[self.part].signal(signal.SIGSTOP)

    async def off(self, stack: Stack) -> None:
        stack[self.part].signal(signal.SIGCONT)


@dataclass
class Sql:
    """The database holds something else. `remember` is asked before, and `undo` gets each of its rows."""

    do: str
    undo: str
    remember: str = "select"
    remembered: list[tuple[Any, ...]] = field(default_factory=list)

    async def on(self, stack: Stack) -> None:
        await asyncio.to_thread(self.change, stack.postgres)

    async def off(self, stack: Stack) -> None:
        await asyncio.to_thread(self.restore, stack.postgres)

    def change(self, postgres: PostgreSQL) -> None:
        with postgres.connect() as connection, connection.transaction():
            self.remembered = connection.execute(self.remember).fetchall()
            connection.execute(self.do)

    def restore(self, postgres: PostgreSQL) -> None:
        with postgres.connect() as connection, connection.transaction():
            for row in self.remembered:
                connection.execute(self.undo, row)


@dataclass(frozen=True)
class CacheCommand:
    """The cache was told something; `{password}` is its password."""

    do: tuple[str, ...]
    undo: tuple[str, ...]

    async def on(self, stack: Stack) -> None:
        await self.send(stack, self.do)

    async def off(self, stack: Stack) -> None:
        await self.send(stack, self.undo)

    async def send(self, stack: Stack, command: tuple[str, ...]) -> None:
        password = stack.site.secrets.cache_password
        async with stack.cache.connect() as connection:
            words = [word.format(password=password) for word in command]
            await connection.execute_command(*words)  # type: ignore[no-untyped-call]  # redis-py has no type for it


@dataclass(frozen=True)
class HideAsset:
    """A file of the web build was not deployed."""

    suffix: str

    async def on(self, stack: Stack) -> None:
        asset = stack.frontend.asset(self.suffix)
        asset.rename(asset.with_name(asset.name + ".hidden"))

    async def off(self, stack: Stack) -> None:
        asset = stack.frontend.asset(self.suffix + ".hidden")
        asset.rename(asset.with_name(asset.name.removesuffix(".hidden")))


@dataclass
class AssetEdit:
    """A file of the web build reads otherwise; with None, it is not there."""

    suffix: str
    old: str
    new: str | None
    former: bytes = b""
    path: Path | None = None

    async def on(self, stack: Stack) -> None:
        self.path = stack.frontend.asset(self.suffix)
        self.former = self.path.read_bytes()
        if self.new is None:
            self.path.unlink()
        else:
            self.path.write_text(self.path.read_text().replace(self.old, self.new))

    async def off(self, stack: Stack) -> None:
        assert self.path is not None
        self.path.write_bytes(self.former)


@dataclass(frozen=True)
class LeftBehind:
    """A file lies in the web root that nobody wanted there."""

    name: str
    text: str

    async def on(self, stack: Stack) -> None:
        path = stack.frontend.folder / self.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.text)

    async def off(self, stack: Stack) -> None:
        (stack.frontend.folder / self.name).unlink()
