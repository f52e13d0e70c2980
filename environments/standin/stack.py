"""The stack: which parts there are, what each needs, and how they are started and stopped together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from environments.standin.groups import CORE
from environments.standin.parts.backend import Master, Replica
from environments.standin.parts.backup import Backup
from environments.standin.parts.cache import Cache
from environments.standin.parts.certificates import Certificates
from environments.standin.parts.frontend import Frontend
from environments.standin.parts.lies import Lies
from environments.standin.parts.monitoring import Configured, monitoring
from environments.standin.parts.nginx import Nginx
from environments.standin.parts.object_store import ObjectStore
from environments.standin.parts.postgres import PostgreSQL
from environments.standin.parts.process import PartFailed
from environments.standin.parts.producer import Teller
from environments.standin.parts.workers import beat, flower, worker, workers_master
from environments.standin.site import Site

Announce = Callable[[str], None]
REPLICAS = (("blue", 1), ("blue", 2), ("green", 1))


class Part(Protocol):
    """Something that is started and stopped. `needs` names the parts that must be up before, `group` one of groups.py."""

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...

    @property
    def group(self) -> str: ...

    async def start(self) -> str:
        """Be up when this returns, and say what is up in few words; `PartFailed` otherwise."""

    async def stop(self) -> None:
        """Be gone when this returns."""

    def signal(self, signal_number: int) -> None:
        """Send a signal to its processes, if it has any."""


class Stack:
    """The parts of one stand-in. The master comes from outside because it is under way before anything else."""

    def __init__(self, site: Site, master: Master, announce: Announce) -> None:
        self.site, self.announce, self.master = site, announce, master
        self.up: dict[str, asyncio.Event] = {}  # by part
        self.groups: dict[str, asyncio.Task[str]] = {}  # of those beside the core: why it did not start, or nothing
        self.lies = Lies(site)
        self.certificates = Certificates(site)
        self.frontend = Frontend(site)
        self.postgres = PostgreSQL(site)
        self.cache = Cache(site)
        self.producer = Teller(site, self.cache)
        self.nginx = Nginx(site)
        self.replicas = [Replica(site, master, slot, number) for slot, number in REPLICAS]
        self.workers_master = workers_master(site)
        self.worker, self.beat, self.flower = (role(site, self.workers_master) for role in (worker, beat, flower))
        self.object_store, self.backup = ObjectStore(site), Backup(site)
        self.monitoring = monitoring(site)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that are wanted."""
        return tuple(part for part in self.all_parts if part.group in {CORE, *self.site.groups})

    @property
    def all_parts(self) -> tuple[Part, ...]:
        """All parts. Their order does not matter: each waits for what it needs."""
        return (
            self.master,
            self.lies,
            self.certificates,
            self.frontend,
            self.postgres,
            self.cache,
            self.producer,
            self.nginx,
            *self.replicas,
            self.workers_master,
            self.worker,
            self.beat,
            self.flower,
            self.object_store,
            self.backup,
            *self.monitoring,
        )

    def __getitem__(self, name: str) -> Part:
        """A wanted part; `PartFailed` when it was not wanted here."""
        for part in self.parts:
            if part.name == name:
                return part
        raise PartFailed(f"this stand-in was started without {name}")

    def watching(self, name: str) -> Configured:
        """A part of the monitoring whose files can be edited."""
        part = self[name]
        assert isinstance(part, Configured)
        return part

    async def start(self) -> None:
        """Start everything. Returns when the core is up, and raises the core's first failure; `wait_for` the others."""
        began = time.monotonic()
        self.up = {part.name: asyncio.Event() for part in self.parts}
        self.groups = {name: asyncio.create_task(self.attempt(name, began)) for name in sorted(self.site.groups)}
        await self.start_group(CORE, began)

    async def attempt(self, group: str, began: float) -> str:
        """Start a group that may fail; why it did, or nothing."""
        try:
            await self.start_group(group, began)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the core stays up
            why = str(failure) if isinstance(failure, PartFailed) else repr(failure)
            self.announce(f"{group} did not start: {why}")
            return why
        self.announce(f"{group} all up after {time.monotonic() - began:.1f} s")
        return ""

    async def start_group(self, group: str, began: float) -> None:
        """Start the parts of a group, each as soon as what it needs is up; the first failure stops the others."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in self.parts:
                    if part.group == group:
                        tasks.create_task(self.bring_up(part, began))
        except* PartFailed as failures:
            raise PartFailed("\n".join(str(failure) for failure in failures.exceptions)) from failures

    async def bring_up(self, part: Part, began: float) -> None:
        """Start one part when its turn has come, and tell."""
        for need in part.needs:
            await self.up[need].wait()
        remark = await part.start()
        self.announce(f"{remark} up after {time.monotonic() - began:.1f} s")
        self.up[part.name].set()

    async def wait_for(self, group: str) -> None:
        """Return when a group is up; `PartFailed` when it will not be."""
        if group not in {CORE, *self.groups}:
            raise PartFailed(f"this stand-in was started without the group {group}")
        if group in self.groups and (why := await asyncio.shield(self.groups[group])):
            raise PartFailed(why)

    async def settle(self) -> None:
        """Return when nothing is on its way any more, up or not."""
        if self.groups:
            await asyncio.wait(self.groups.values())

    def states(self) -> dict[str, str]:
        """How far each group beside the core is: "starting", "up", or why it is not."""
        return {name: (task.result() or "up") if task.done() else "starting" for name, task in self.groups.items()}

    async def stop(self) -> None:
        """Stop everything at once; nothing here needs an orderly farewell."""
        for task in self.groups.values():
            task.cancel()
        await self.settle()
        results = await asyncio.gather(*(part.stop() for part in self.parts), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                self.announce(f"while stopping: {result}")
