"""Celery's processes: a worker that takes from every queue, beat, which starts what the clock asks for, and Flower.

All three are forked from one master, which has imported Celery for them.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo

from environments.standin.app.worker.settings import Settings
from environments.standin.parts.backend import Master, gone, listen
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, signal_group, tail
from environments.standin.site import APPLICATION_ROLE, DATABASE_NAME, FLOWER_USERNAME, Site

GROUP = "workers"
PATIENCE_SECONDS = 15.0


def workers_master(site: Site) -> Master:
    return Master(site, "workers", group=GROUP, module="environments.standin.app.worker.master")


@dataclass
class Role:
    """One process of Celery. `settings` are what it is told at its next start; `port` is where it listens, if it does."""

    site: Site
    master: Master
    name: str
    settings: Settings
    needs: tuple[str, ...]
    port: int | None = None
    group: str = GROUP
    pid: int | None = None

    async def start(self) -> str:
        folder = clock_file(self.site).parent
        folder.mkdir(exist_ok=True)
        give(folder)
        ours, theirs = socket.socketpair()
        with ours, ExitStack() as passed_on:
            descriptors = [passed_on.enter_context(theirs).fileno()]
            if self.port is not None:
                descriptors.append(passed_on.enter_context(listen(self.port)).fileno())
            order = {"role": self.name, "log": str(self.site.log(self.name)), "settings": asdict(self.settings)}
            self.pid = await self.master.fork(order, *descriptors)
            passed_on.close()  # now only the child holds its end: when it ends, we hear of it
            await self.until_up(ours)
        return f"Celery {self.name}"

    async def stop(self) -> None:
        """End it at once, as a crash would: a job under way is lost."""
        if self.pid is not None:
            signal_group(self.pid, signal.SIGKILL)
            await gone(self.pid)
            self.pid = None

    def signal(self, signal_number: int) -> None:
        if self.pid is not None:
            signal_group(self.pid, signal_number)

    async def until_up(self, line: socket.socket) -> None:
        """Wait for its word. Only what we forked holds the other end, so nobody else can be meant."""
        line.setblocking(False)
        try:
            word = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(line, 16), PATIENCE_SECONDS)
        except (TimeoutError, OSError):
            word = b""
        if not word:
            log = self.site.log(self.name)
            raise PartFailed(f"Celery {self.name} did not come up; {log} ends:\n{tail(log)}")


def worker(site: Site, master: Master) -> Role:
    """Takes jobs from all nine queues."""
    return Role(site, master, "worker", settings(site), (master.name, "cache", "postgres"))


def beat(site: Site, master: Master) -> Role:
    """Puts the jobs of the schedule into the queues."""
    return Role(site, master, "beat", settings(site), (master.name, "cache"))


def flower(site: Site, master: Master) -> Role:
    """Shows the workers to whoever knows its password."""
    return Role(site, master, "flower", settings(site), (master.name, "cache", "worker"), site.ports.flower)


def settings(site: Site) -> Settings:
    """What each of them is told."""
    return Settings(
        broker=site.broker_url,
        database=database(site),
        worker_name=f"worker@{site.folder.name}",
        clock_file=str(clock_file(site)),
        flower_username=FLOWER_USERNAME,
        flower_password=site.secrets.flower_password,
    )


def clock_file(site: Site) -> Path:
    """Where beat notes what it started when."""
    return site.folder / "workers" / "clock"


def database(site: Site) -> str:
    """The application's way to the database, as libpq writes it."""
    return make_conninfo(
        host="127.0.0.1",
        port=site.ports.database,
        dbname=DATABASE_NAME,
        user=APPLICATION_ROLE,
        password=site.secrets.application_password,
        sslmode="verify-full",
        sslrootcert=str(site.ca_file),
        application_name="ms5-worker",
        connect_timeout=5,
    )
