"""A server of a Debian package as a part of the stack."""

from __future__ import annotations

import asyncio
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from environments.standin.parts import debian
from environments.standin.parts.monitoring.configuration import Configuration, Edit, fill_in, words
from environments.standin.parts.monitoring.programs import Program
from environments.standin.parts.privilege import give
from environments.standin.parts.process import PartFailed, Process
from environments.standin.parts.readiness import until_ready
from environments.standin.site import Site

QUESTION_SECONDS = 2.0


@dataclass
class Watcher:
    """One server that watches."""

    site: Site
    program: Program
    group: str = "monitoring"
    process: Process = field(init=False)
    configuration: Configuration = field(init=False)

    def __post_init__(self) -> None:
        self.configuration = Configuration(self.folder, self.program.sources, words(self.site))
        environment = {"GOMAXPROCS": "1"} | {
            name: self.fill_in(value) for name, value in self.program.environment.items()
        }
        log, stop_signal = self.site.log(self.name), self.program.stop_signal
        self.process = Process(self.name, (), log, self.folder, stop_signal, environment)

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def needs(self) -> tuple[str, ...]:
        return self.program.needs

    @property
    def folder(self) -> Path:
        return self.site.folder / self.name

    @property
    def port(self) -> int:
        return int(getattr(self.site.ports, self.program.port))

    async def start(self) -> str:
        self.configuration.write()
        (self.folder / "data").mkdir(exist_ok=True)
        give(self.folder)
        await self.prepare(await debian.program(self.program.package, self.program.package))
        await self.process.spawn()
        await until_ready(self.process, self.identify, OSError)
        return self.name

    async def prepare(self, binary: Path) -> None:
        """The command, and the folder it is run in."""
        known = await asyncio.to_thread(debian.known, binary, self.program.known) if self.program.known else []
        if self.program.built_in_folder:
            binary = debian.relocated(binary, self.program.built_in_folder)
            self.process.folder = binary.parents[2]
        self.process.command = [str(binary), *map(self.fill_in, self.program.options), *known]

    async def stop(self) -> None:
        await self.process.stop()

    def signal(self, signal_number: int) -> None:
        self.process.signal(signal_number)

    async def edit(self, edits: list[Edit]) -> None:
        """Put the configuration with exactly these edits into force."""
        self.configuration.edits = edits
        self.configuration.write()
        if self.process.alive and self.program.reloads:
            await asyncio.to_thread(self.ask, "/-/reload", b"")

    async def identify(self) -> None:
        """Raise `OSError` until it answers; another's answer is `PartFailed`."""
        answer = await asyncio.to_thread(self.ask, self.program.proof_path)
        if self.fill_in(self.program.proof) not in answer:
            raise PartFailed(f"port {self.port} belongs to another {self.name}")

    def ask(self, path: str, body: bytes | None = None) -> str:
        """The answer to a GET, or to a POST of `body`. Raises `OSError`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", body, QUESTION_SECONDS) as answer:
            return str(answer.read().decode())

    def fill_in(self, text: str) -> str:
        return fill_in(text, self.configuration.words)
