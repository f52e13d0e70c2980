"""What the gate's process holds of a stand-in: start one, or attach to one that is kept up, and switch its faults."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from environments.standin.groups import with_what_they_stand_on
from environments.standin.references import references
from environments.standin.site import CACHE, REPOSITORY, placeholder

STOP_SECONDS = 15.0
SWITCH_SECONDS = 30.0
GROUP_SECONDS = 30.0


class StandInFailed(Exception):
    """The stand-in did not start, or could not do what it was told; the sentence names the part and its log."""


@dataclass
class StandIn:
    """A running stand-in. `references` is what a target file may name; `folder` is where others attach to it."""

    folder: Path
    references: Mapping[str, str]
    supervisor: subprocess.Popen[bytes] | None = None  # None: attached to another's

    def switch(self, faults: Sequence[str] = ()) -> None:
        """Put exactly these faults into force; none makes it healthy, and forgets failed log-ins."""
        self.order(faults=list(faults))

    def faults(self) -> list[str]:
        """The names of the faults in force."""
        in_force: list[str] = self.order(status=True)["faults"]
        return in_force

    def act(self, name: str) -> None:
        """Do a drill of `drills.py`, which is done when this returns. Raises `StandInFailed`."""
        self.order(act=name)

    def undo(self, name: str) -> None:
        """Undo a drill; nothing happens when it is not under way."""
        self.order(undo=name)

    def drills(self) -> list[str]:
        """The names of the drills under way, whoever began them."""
        under_way: list[str] = self.order(status=True)["drills"]
        return under_way

    def wait_for(self, group: str, seconds: float = GROUP_SECONDS) -> None:
        """Return when a group of `groups.py` is up. Raises `StandInFailed` when it is not, and says why."""
        self.order(seconds, wait=group)

    def groups(self) -> dict[str, str]:
        """How far each group beside the core is: "starting", "up", or why it is not."""
        states: dict[str, str] = self.order(status=True)["groups"]
        return states

    def order(self, patience_seconds: float = SWITCH_SECONDS, /, **order: Any) -> dict[str, Any]:
        """One order over the control socket; `StandInFailed` when it was not carried out."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(patience_seconds)
            line.connect(str(self.folder / "control.sock"))
            line.sendall(json.dumps(order).encode() + b"\n")
            try:
                answer: dict[str, Any] = json.loads(line.makefile("rb").readline() or '{"error": "it has ended"}')
            except TimeoutError:
                raise StandInFailed(f"{order} was not carried out within {patience_seconds:.0f} s") from None
        if "error" in answer:
            raise StandInFailed(answer["error"])
        return answer

    def stop(self) -> None:
        """End it and wait until nothing is left. An attached one is ended too."""
        if self.supervisor is None:
            with suppress(OSError):
                self.order(stop=True)
            return
        if self.supervisor.stdin is not None:
            self.supervisor.stdin.close()  # the lifeline
        end(self.supervisor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def quietly(step: str) -> None:
    """Tell nobody."""


def start(announce: Callable[[str], None] = quietly, shape: str = "staging", groups: Iterable[str] = ()) -> StandIn:
    """Start a stand-in and wait until its core is ready; `announce` gets each step as a sentence.

    `groups` of groups.py start beside the core: `StandIn.wait_for` them. Raises `StandInFailed`.
    """
    with supervisor_log() as log:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "environments.standin.supervisor", shape, ",".join(with_what_they_stand_on(groups))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=REPOSITORY,
            start_new_session=True,  # Ctrl-C in the terminal is for the gate, which then tears this down
        )
    try:
        return attach(until_ready(supervisor, announce), supervisor)
    except BaseException:
        with suppress(OSError):
            supervisor.stdin.close()  # type: ignore[union-attr]  # it was asked for
        end(supervisor)
        raise


def until_ready(supervisor: subprocess.Popen[bytes], announce: Callable[[str], None]) -> Path:
    """Listen to the supervisor's progress; the folder of what it started."""
    assert supervisor.stdout is not None
    for line in supervisor.stdout:
        message = json.loads(line)
        if "say" in message:
            announce(message["say"])
        elif "failed" in message:
            raise StandInFailed(message["failed"])
        else:
            return Path(message["ready"])
    raise StandInFailed(f"the supervisor ended at its start; see {CACHE / 'supervisor.log'}")


def attach(folder: Path, supervisor: subprocess.Popen[bytes] | None = None) -> StandIn:
    """The stand-in of a folder, which somebody keeps up. Raises `StandInFailed` when there is none."""
    try:
        return StandIn(folder, json.loads((folder / "references.json").read_text()), supervisor)
    except OSError as error:
        raise StandInFailed(f"no stand-in is up in {folder}") from error


def references_placeholder() -> dict[str, str]:
    """The keys of `references` with harmless values, for questions that must start nothing."""
    return references(placeholder())


def supervisor_log() -> IO[bytes]:
    """What the supervisor itself complains of; the servers have logs of their own."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return (CACHE / "supervisor.log").open("ab")


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was told to end; kill it when it does not."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
