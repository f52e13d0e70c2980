"""A server and the processes below it: PostgreSQL's leave its process group, so a signal to the group misses them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")


def signal_family(pid: int, signal_number: int) -> None:
    """Send a signal to a process and everything below it, as far as it is still there."""
    for member in family(pid):
        with suppress(ProcessLookupError):
            os.kill(member, signal_number)


def family(pid: int) -> set[int]:
    """A process and everything below it; where there is no /proc, only itself."""
    members, tree = {pid}, parents()
    while more := {child for child, parent in tree.items() if parent in members} - members:
        members |= more
    return members


def lives(pid: int) -> bool:
    """Whether a process is there and has not ended: one that only waits to be reaped is gone.

    Its first thread may have ended while another still holds its sockets.
    """
    try:
        os.kill(pid, 0)
        return state(pid) != "Z" or len(list((PROCESSES / str(pid) / "task").iterdir())) > 1
    except OSError:
        return False


def state(pid: int) -> str:
    """The letter that tells what a process does; where there is no /proc, nobody can tell."""
    if not PROCESSES.is_dir():
        return "?"
    return (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]


def parents() -> dict[int, int]:
    """The parent of every process of this machine."""
    found = {}
    for status in PROCESSES.glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            found[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    return found
