"""What strangers do to a stack, beside what everybody does."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from environments.standin.worker_acts import require, restart

if TYPE_CHECKING:
    from environments.standin.app.worker.settings import Settings
    from environments.standin.stack import Stack


@dataclass
class Emptied:
    """A file of the web build is there and has no content."""

    suffix: str
    path: Path | None = None
    content: bytes = b""

    async def on(self, stack: Stack) -> None:
        self.path = stack.frontend.asset(self.suffix)
        self.content = self.path.read_bytes()
        self.path.write_bytes(b"")

    async def off(self, stack: Stack) -> None:
        assert self.path is not None
        self.path.write_bytes(self.content)


@dataclass
class WorkerTold:
    """The worker was told something else at its start: in one of its settings, `old` reads `new`."""

    setting: str
    old: str
    new: str
    former: Settings | None = None

    async def on(self, stack: Stack) -> None:
        worker = require(stack, "worker")
        self.former = worker.settings
        told = getattr(worker.settings, self.setting)
        assert self.old in told
        await restart((worker,), **{self.setting: told.replace(self.old, self.new)})

    async def off(self, stack: Stack) -> None:
        assert self.former is not None
        await restart((stack.worker,), **{self.setting: getattr(self.former, self.setting)})


@dataclass
class HandsTied:
    """The worker's processes hang; the one that speaks for them does not."""

    hands: set[int] = field(default_factory=set)

    async def on(self, stack: Stack) -> None:
        from environments.standin.parts.family import family

        speaker = require(stack, "worker").pid
        assert speaker is not None
        self.hands = await asyncio.to_thread(family, speaker) - {speaker}
        assert self.hands
        self.signal(signal.SIGSTOP)

    async def off(self, stack: Stack) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, signal_number: int) -> None:
        for hand in self.hands:
            with suppress(ProcessLookupError):  # the worker replaces who takes too long
                os.kill(hand, signal_number)


@dataclass(frozen=True)
class Relabelled:
    """Prometheus labels all it tells with another environment. In force at once: its targets stay."""

    environment: str

    async def on(self, stack: Stack) -> None:
        await self.change(stack, add=True)

    async def off(self, stack: Stack) -> None:
        await self.change(stack, add=False)

    async def change(self, stack: Stack, *, add: bool) -> None:
        from environments.standin.parts.monitoring.watcher import Watcher

        part = stack.watching("prometheus")
        assert isinstance(part, Watcher)
        ours = part.configuration.edit(
            "prometheus.yml", "environment: @environment@", f"environment: {self.environment}"
        )
        others = [edit for edit in part.configuration.edits if edit != ours]
        await Watcher.edit(part, [*others, ours] if add else others)
