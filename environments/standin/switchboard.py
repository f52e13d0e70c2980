"""Which faults are in force, and the way from one set of them to another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import redis

from environments.standin.app.sessions import FAILURES
from environments.standin.fault import Fault
from environments.standin.faults import find
from environments.standin.stack import Stack


@dataclass
class Switchboard:
    """The faults in force on one stack, in the order in which they came."""

    stack: Stack
    in_force: list[Fault] = field(default_factory=list)

    async def switch(self, names: Sequence[str]) -> None:
        """Make exactly these faults be in force; `UnknownFault` before anything is done."""
        wanted = [find(name) for name in dict.fromkeys(names)]
        if wanted:
            await self.stack.settle()  # what is broken must have been whole
        for fault in reversed([fault for fault in self.in_force if fault not in wanted]):
            await self.off(fault)
        for fault in [fault for fault in wanted if fault not in self.in_force]:
            await self.on(fault)
        await self.forgive()

    async def on(self, fault: Fault) -> None:
        self.in_force.append(fault)
        for act in fault.acts:
            await act.on(self.stack)

    async def off(self, fault: Fault) -> None:
        for act in reversed(fault.acts):
            await act.off(self.stack)
        self.in_force.remove(fault)

    async def forgive(self) -> None:
        """Forget failed log-ins: those who tried the last fault must not lock out who tries the next."""
        with suppress(redis.RedisError):
            async with self.stack.cache.connect() as connection:
                async for key in connection.scan_iter(FAILURES + "*"):
                    await connection.delete(key)
