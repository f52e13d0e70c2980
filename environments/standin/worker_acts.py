"""What a fault does to the workers, and how it is undone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the gate's process reads the registry of faults and needs no server's libraries for it
    from environments.standin.parts.workers import Role
    from environments.standin.stack import Stack

ANSWER_SECONDS = 5.0
PROCESSES = 2  # of the worker
MANY = 20  # jobs: twice what may wait, and some


@dataclass(frozen=True)
class CancelConsumer:
    """The worker takes nothing from a queue any more."""

    queue: str

    async def on(self, stack: Stack) -> None:
        await asyncio.to_thread(tell_worker, stack, "cancel_consumer", self.queue)

    async def off(self, stack: Stack) -> None:
        await asyncio.to_thread(tell_worker, stack, "add_consumer", self.queue)


@dataclass
class Crowd:
    """A job without end occupies each process of the worker, and behind them a queue grows."""

    queue: str
    endless: list[str] = field(default_factory=list)

    async def on(self, stack: Stack) -> None:
        await asyncio.to_thread(self.occupy, stack)

    async def off(self, stack: Stack) -> None:
        async with stack.cache.connect() as connection:
            await connection.delete(self.queue)
        await asyncio.to_thread(tell_worker, stack, "revoke", self.endless, terminate=True, signal="SIGKILL")
        await asyncio.to_thread(hear_echo, stack, self.queue)

    def occupy(self, stack: Stack) -> None:
        with celery(stack) as app:
            limits = {"queue": self.queue, "time_limit": 3600, "soft_time_limit": 3600}
            self.endless = [app.send_task("ms5.probe.wait", [3600], **limits).id for _ in range(PROCESSES)]
            for _ in range(MANY):
                app.send_task("ms5.probe.echo", ["in the crowd"], queue=self.queue)


@dataclass(frozen=True)
class Reconnect:
    """Once the broker is back, worker and beat start anew: by themselves they try again ever more seldom."""

    async def on(self, stack: Stack) -> None:
        """They notice by themselves."""

    async def off(self, stack: Stack) -> None:
        for name in ("worker", "beat") if "workers" in stack.groups else ():
            await stack[name].stop()
            await stack[name].start()


@dataclass(frozen=True)
class ScheduleLie:
    """Worker and beat share a schedule with a lie of `app/worker/lies.py`."""

    name: str

    async def on(self, stack: Stack) -> None:
        lies = (*require(stack, "worker").settings.lies, self.name)
        await restart((stack.worker, stack.beat), lies=lies)

    async def off(self, stack: Stack) -> None:
        lies = tuple(lie for lie in stack.worker.settings.lies if lie != self.name)
        await restart((stack.worker, stack.beat), lies=lies)


@dataclass(frozen=True)
class OpenFlower:
    """Flower lets everybody in."""

    async def on(self, stack: Stack) -> None:
        await restart((require(stack, "flower"),), flower_open=True)

    async def off(self, stack: Stack) -> None:
        await restart((stack.flower,), flower_open=False)


def require(stack: Stack, name: str) -> Role:
    """One of the workers' processes; `PartFailed` where the stand-in was started without them."""
    found: Role = stack[name]  # type: ignore[assignment]  # the parts of these names are roles
    return found


async def restart(roles: Sequence[Role], **changes: Any) -> None:
    """Start them again, told otherwise."""
    for role in roles:
        role.settings = replace(role.settings, **changes)
        await role.stop()
        await role.start()


def tell_worker(stack: Stack, command: str, *words: Any, **options: Any) -> None:
    """A remote control command, which has been carried out when this returns."""
    from environments.standin.parts.process import PartFailed

    destination = [require(stack, "worker").settings.worker_name]
    with celery(stack) as app:
        order = getattr(app.control, command)
        if not order(*words, destination=destination, reply=True, timeout=ANSWER_SECONDS, **options):
            raise PartFailed(f"the worker did not answer to {command}")


def hear_echo(stack: Stack, queue: str) -> None:
    """Return when a job went through a queue."""
    with celery(stack) as app:
        app.send_task("ms5.probe.echo", ["free again?"], queue=queue).get(timeout=ANSWER_SECONDS)


@contextmanager
def celery(stack: Stack) -> Iterator[Any]:
    """The workers' application, in this process. Its connections are not kept: the next fault may break them."""
    from kombu import pools

    from environments.standin.app.worker.application import application

    with closing(application(require(stack, "worker").settings)) as app:
        yield app
    pools.reset()  # type: ignore[no-untyped-call]
