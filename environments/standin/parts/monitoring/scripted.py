"""A small server of ours (a Python module) as a part of the stack: the sinks, and what stands in for real products."""

from __future__ import annotations

import asyncio
import signal
import sys
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from environments.standin.parts.backend import listen
from environments.standin.parts.monitoring.configuration import DECLARED, HERE, Configuration, Edit, words
from environments.standin.parts.monitoring.programs import CORE_PARTS
from environments.standin.parts.process import Process
from environments.standin.parts.readiness import until_ready
from environments.standin.site import REPOSITORY, Site

QUESTION_SECONDS = 2.0


@dataclass(frozen=True)
class Script:
    """One server: `ports` are where it listens, HTTP on the first; `sources` are its files, `settings.json` its settings."""

    name: str
    module: str
    ports: tuple[str, ...]
    sources: dict[str, Path]
    says: str


SCRIPTS = "environments.standin.monitoring"
SINKS = Script("sinks", f"{SCRIPTS}.sinks", ("sinks", "mail"), {}, "mail and webhook sinks")
EXPORTER_STANDIN = Script(
    "exporter-standin",
    f"{SCRIPTS}.exporter",
    ("exporter_standin",),
    {"settings.json": HERE / "exporter.json.in"},
    "stand-in for the exporters of nginx, MinIO, Celery, cAdvisor",
)
GRAFANA = Script(
    "grafana",
    f"{SCRIPTS}.grafana",
    ("grafana",),
    {"settings.json": HERE / "grafana.json.in", "dashboards": DECLARED / "dashboards"},
    "stand-in for Grafana",
)


@dataclass
class Scripted:
    """The sockets are ours before it is born, so nobody else can answer. Its files are read when it needs them."""

    site: Site
    script: Script
    needs: tuple[str, ...] = CORE_PARTS
    group: str = "monitoring"
    process: Process = field(init=False)
    configuration: Configuration = field(init=False)

    def __post_init__(self) -> None:
        folder = self.site.folder / self.name
        self.configuration = Configuration(folder, self.script.sources, words(self.site))
        self.process = Process(self.name, (), self.site.log(self.name), REPOSITORY, signal.SIGKILL)

    @property
    def name(self) -> str:
        return self.script.name

    async def start(self) -> str:
        self.configuration.write()
        with ExitStack() as opened:
            sockets = [opened.enter_context(listen(getattr(self.site.ports, port))) for port in self.script.ports]
            handles = [one.fileno() for one in sockets]
            self.process.command = [
                sys.executable, "-m", self.script.module, str(self.configuration.folder), *map(str, handles)
            ]  # fmt: skip
            await self.process.spawn(pass_fds=handles)
        await until_ready(self.process, self.answers, OSError)
        return self.script.says

    async def stop(self) -> None:
        await self.process.stop()

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    async def edit(self, edits: list[Edit]) -> None:
        """Put the files with exactly these edits into force."""
        self.configuration.edits = edits
        self.configuration.write()

    async def answers(self) -> None:
        """Raise `OSError` until it does."""
        port = getattr(self.site.ports, self.script.ports[0])
        await asyncio.to_thread(
            lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=QUESTION_SECONDS).close()
        )
