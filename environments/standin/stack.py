"""The stack: which parts there are, what each needs, and how they are started and stopped together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from environments.standin.parts.backend import Master, Replica
from environments.standin.parts.cache import Cache
from environments.standin.parts.certificates import Certificates
from environments.standin.parts.frontend import Frontend
from environments.standin.parts.lies import Lies
from environments.standin.parts.nginx import Nginx
from environments.standin.parts.postgres import PostgreSQL
from environments.standin.parts.process import PartFailed
from environments.standin.site import Site

Announce = Callable[[str], None]
REPLICAS = (("blue", 1), ("blue", 2), ("green", 1))


class Part(Protocol):
    """Something that is started and stopped. `needs` names the parts that must be up before."""

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...

    async def start(self) -> str:
        """Be up when this returns, and say what is up in few words; `PartFailed` otherwise."""
        ...  # noqa: PIE790 - or the type checker misses a value

    async def stop(self) -> None:
        """Be gone when this returns."""

    def signal(self, signal_number: int) -> None:
        """Send a signal to its processes, if it has any."""


class Stack:
    """The parts of one stand-in. The master comes from outside because it is under way before anything else."""

    def __init__(self, site: Site, master: Master, announce: Announce) -> None:
        self.site, self.announce, self.master = site, announce, master
        self.lies = Lies(site)
        self.certificates = Certificates(site)
        self.frontend = Frontend(site)
        self.postgres = PostgreSQL(site)
        self.cache = Cache(site)
        self.nginx = Nginx(site)
        self.replicas = [Replica(site, master, slot, number) for slot, number in REPLICAS]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts. Their order does not matter: each waits for what it needs."""
        return (
            self.master,
            self.lies,
            self.certificates,
            self.frontend,
            self.postgres,
            self.cache,
            self.nginx,
            *self.replicas,
        )

    def __getitem__(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    async def start(self) -> None:
        """Start everything, each as soon as what it needs is up; the first failure stops the others."""
        began = time.monotonic()
        up = {part.name: asyncio.Event() for part in self.parts}
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in self.parts:
                    tasks.create_task(self.bring_up(part, up, began))
        except* PartFailed as failures:
            raise PartFailed("\n".join(str(failure) for failure in failures.exceptions)) from failures

    async def bring_up(self, part: Part, up: dict[str, asyncio.Event], began: float) -> None:
        """Start one part when its turn has come, and tell."""
        for need in part.needs:
            await up[need].wait()
        remark = await part.start()
        self.announce(f"{remark} up after {time.monotonic() - began:.1f} s")
        up[part.name].set()

    async def stop(self) -> None:
        """Stop everything at once; nothing here needs an orderly farewell."""
        results = await asyncio.gather(*(part.stop() for part in self.parts), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                self.announce(f"while stopping: {result}")
