"""A server as a process: in a group of its own, ended with its parent, its output in a log file."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from environments.standin.parts.family import signal_family
from environments.standin.parts.privilege import unprivileged

PR_SET_PDEATHSIG = 1
# Loaded here, because nothing may be loaded between fork and exec.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
LOG_TAIL_LINES = 8


class PartFailed(Exception):
    """A part of the stand-in could not be started, or is not what it should be."""


def die_with_parent(signal_number: int) -> None:
    """Ask the kernel to send this process `signal_number` when its parent ends, however it ends (Linux only)."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal_number)


def signal_group(pid: int, signal_number: int) -> None:
    """Send a signal to a process group if it is still there."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal_number)


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:]) or "    (empty)"


@dataclass
class Process:
    """One server. `stop_signal` is what makes it end at once and leave no child behind.

    `may_be_root` is for our own Python, which may lie where nobody else can read.
    """

    name: str
    command: Sequence[str]
    log: Path
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    environment: Mapping[str, str] = field(default_factory=dict)
    may_be_root: bool = False
    running: asyncio.subprocess.Process | None = None

    async def spawn(self, **options: object) -> None:
        """Start it. Call from the thread that lives as long as the server may: the kernel counts that as the parent."""
        with self.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                *(() if self.may_be_root else unprivileged()),
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                process_group=0,
                preexec_fn=lambda: die_with_parent(self.stop_signal),
                **options,  # type: ignore[arg-type]  # passed on as given
            )

    @property
    def pid(self) -> int:
        if self.running is None:
            raise PartFailed(f"{self.name} is not running")
        return self.running.pid

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.returncode is None

    def signal(self, signal_number: int) -> None:
        """Send a signal to it and everything below it; nothing happens when it has ended."""
        if self.alive:
            signal_family(self.pid, signal_number)

    async def stop(self, patience_seconds: float = 3.0) -> None:
        """End it: kindly, then not."""
        if self.running is None:
            return
        self.signal(signal.SIGCONT)  # a hung one would not hear
        signal_group(self.running.pid, self.stop_signal)
        try:
            await asyncio.wait_for(self.running.wait(), patience_seconds)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self.running.wait()
        signal_group(self.running.pid, signal.SIGKILL)  # what it may have left behind
        self.running = None

    def failed(self, why: str) -> PartFailed:
        """The one sentence about a part that does not start, with the end of its log."""
        return PartFailed(f"{self.name} {why}; {self.log} ends:\n{tail(self.log)}")
