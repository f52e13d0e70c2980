"""The backend: a master that imports the application once, and replicas forked from it, each with its own address."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from environments.standin.app.settings import Settings
from environments.standin.groups import CORE
from environments.standin.parts.family import lives
from environments.standin.parts.process import PartFailed, Process, signal_group, tail
from environments.standin.site import API_HOST, APP_HOST, APPLICATION_ROLE, DATABASE_NAME, REPOSITORY, Site

PATIENCE_SECONDS = 15.0


@dataclass
class Master:
    """The process that others are forked from (app/forking.py); it serves nothing itself."""

    site: Site
    name: str = "backend"
    needs: tuple[str, ...] = ()
    group: str = CORE
    module: str = "environments.standin.app.master"
    process: Process = field(init=False)
    line: socket.socket | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        log = self.site.log(self.name)
        self.process = Process(f"{self.name} master", (), log, REPOSITORY, signal.SIGKILL, may_be_root=True)

    async def start(self) -> str:
        if not self.process.alive:
            await self.spawn()
        await asyncio.to_thread(self.hear)
        return f"{self.name} imported"

    async def spawn(self) -> None:
        """Let it begin to import."""
        self.line, theirs = socket.socketpair()
        self.line.settimeout(PATIENCE_SECONDS)
        with theirs:
            self.process.command = [sys.executable, "-m", self.module, str(theirs.fileno())]
            await self.process.spawn(pass_fds=(theirs.fileno(),))

    async def stop(self) -> None:
        if self.line is not None:
            self.line.close()
        await self.process.stop()

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    async def fork(self, order: Mapping[str, Any], *descriptors: int) -> int:
        """A new child that carries out `order` with these descriptors; its process id."""
        async with self.turn:
            return int((await asyncio.to_thread(self.ask, json.dumps(order).encode(), descriptors))["pid"])

    def ask(self, order: bytes, descriptors: Sequence[int]) -> dict[str, int]:
        assert self.line is not None
        socket.send_fds(self.line, [order], descriptors)
        return self.hear()

    def hear(self) -> dict[str, int]:
        """The master's next word."""
        assert self.line is not None
        try:
            word = self.line.recv(1024)
        except OSError:
            word = b""
        if not word:
            raise self.process.failed("said nothing")
        answer: dict[str, int] = json.loads(word)
        return answer


@dataclass
class Replica:
    """One backend process with an address of its own: `slot` blue is live, green is the candidate."""

    site: Site
    master: Master
    slot: str
    number: int
    needs: tuple[str, ...] = ("backend", "postgres", "cache")
    group: str = CORE
    pid: int | None = None

    @property
    def name(self) -> str:
        return f"{self.slot}-{self.number}"

    @property
    def port(self) -> int:
        return int(getattr(self.site.ports, f"{self.slot}_{self.number}"))

    async def start(self) -> str:
        with listen(self.port) as listener:
            order = {"settings": asdict(settings(self.site, self.name)), "log": str(self.site.log(self.name))}
            self.pid = await self.master.fork(order, listener.fileno())
        await asyncio.to_thread(self.answer)
        return f"replica {self.name}"

    async def stop(self) -> None:
        """End it at once, as a crash would: open requests and sockets are lost."""
        if self.pid is not None:
            signal_group(self.pid, signal.SIGKILL)
            await gone(self.pid)
            self.pid = None

    def signal(self, signal_number: int) -> None:
        if self.pid is not None:
            signal_group(self.pid, signal_number)

    def answer(self) -> None:
        """Wait for its first answer. The socket was ours before it was born, so nobody else can answer."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=PATIENCE_SECONDS).close()
        except OSError as error:
            log = self.site.log(self.name)
            raise PartFailed(f"replica {self.name} does not answer ({error}); {log} ends:\n{tail(log)}") from error


def listen(port: int) -> socket.socket:
    """A listening socket of a loopback port."""
    try:
        return socket.create_server(("127.0.0.1", port), backlog=256)
    except OSError as error:
        raise PartFailed(f"port {port} was taken by another program") from error


async def gone(pid: int, patience_seconds: float = 3.0) -> None:
    """Wait until a killed process that is not our child has left."""
    deadline = time.monotonic() + patience_seconds
    while lives(pid) and time.monotonic() < deadline:  # noqa: ASYNC110 - only a child's end is an event
        await asyncio.sleep(0.005)


def settings(site: Site, replica: str) -> Settings:
    """What one replica is told."""
    production = site.shape == "production"
    return Settings(
        replica=replica,
        release=site.release,
        environment=site.environment,
        documented=not production,
        hosts=(APP_HOST, API_HOST, "localhost", "127.0.0.1", "backend"),
        database_host="127.0.0.1",
        database_port=site.ports.database,
        database_name=DATABASE_NAME,
        database_user=APPLICATION_ROLE,
        database_password=site.secrets.application_password,
        database_ca_file=str(site.ca_file),
        cache_port=site.ports.cache,
        cache_password=site.secrets.cache_password,
        jwt_secret=site.secrets.jwt_secret,
        access_life_seconds=(30 if production else 60) * 60,
        lies_file=str(site.lies_file),
        backup_status_file=str(site.backup_status_file),
    )
