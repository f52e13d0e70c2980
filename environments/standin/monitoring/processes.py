"""The stand-in's processes as if they were containers: what each server and everything below it uses, from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Fields of /proc/<pid>/stat, counted from after the name.
PARENT, USER_TICKS, SYSTEM_TICKS, STARTED_TICKS = 1, 11, 12, 19
# Fields of /proc/<pid>/statm.
RESIDENT, SHARED = 1, 2
# What stands in a server's command line, and the name its container would have. What a master forks is one each.
MASTERS = {"standin.app.master": "backend", "standin.app.worker.master": "celery"}
SERVERS = {
    "bin/nginx": "nginx", "nginx:": "nginx", "bin/postgres": "postgres", "valkey-server": "redis", "/weed": "minio",
    "bin/prometheus-node": "node_exporter", "bin/prometheus-postgres": "postgres_exporter",
    "bin/prometheus-redis": "redis_exporter", "bin/prometheus-alertmanager": "alertmanager", "bin/prometheus": "prometheus",
    "monitoring.grafana": "grafana", "monitoring.exporter": "exporter_standin", "monitoring.sinks": "sinks",
}  # fmt: skip


@dataclass(frozen=True)
class Process:
    """One process as /proc tells of it; `started` counts from the machine's start."""

    parent: int
    cpu_seconds: float
    started_seconds: float


@dataclass(frozen=True)
class Container:
    """What one server and everything below it uses."""

    name: str
    cpu_seconds: float
    started_seconds: float
    memory_bytes: int


def processes() -> dict[int, Process]:
    """Every process of this machine."""
    found = {}
    for file in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            facts = file.read_text(errors="replace").rpartition(")")[2].split()
            ticks = int(facts[USER_TICKS]) + int(facts[SYSTEM_TICKS])
            found[int(file.parent.name)] = Process(
                int(facts[PARENT]),
                ticks / TICKS_PER_SECOND,
                int(facts[STARTED_TICKS]) / TICKS_PER_SECOND,
            )
    return found


def own_memory_bytes(pid: int) -> int:
    """What a process alone holds: what is shared with others would be counted again for each of them."""
    with suppress(OSError):
        pages = (PROC / str(pid) / "statm").read_text("ascii").split()
        return (int(pages[RESIDENT]) - int(pages[SHARED])) * PAGE_BYTES
    return 0


def command(pid: int) -> str:
    with suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_text(errors="replace").replace("\0", " ")
    return ""


def named(text: str, names: Mapping[str, str]) -> str | None:
    return next((name for sign, name in names.items() if sign in text), None)


def containers(supervisor: int) -> Iterator[Container]:
    """One for each server below a supervisor, in the order of their names."""
    everything = processes()
    members = defaultdict[tuple[str, int], list[int]](list)
    for pid in everything:
        if (owner := server_of(pid, supervisor, everything)) is not None:
            members[owner].append(pid)
    counts = defaultdict[str, int](int)
    for (name, _), below in sorted(members.items()):
        counts[name] += 1
        cpu_seconds = sum(everything[pid].cpu_seconds for pid in below)
        started_seconds = min(everything[pid].started_seconds for pid in below)
        memory_bytes = sum(map(own_memory_bytes, below))
        yield Container(f"ms5_{name}_{counts[name]}", cpu_seconds, started_seconds, memory_bytes)


def server_of(pid: int, supervisor: int, everything: Mapping[int, Process]) -> tuple[str, int] | None:
    """The name and id of the server that a process belongs to: what the supervisor started, or what a master forked."""
    line = [pid]
    while (parent := everything[line[-1]].parent) != supervisor:
        if parent not in everything:
            return None
        line.append(parent)
    name = named(command(line[-1]), MASTERS)
    if name is None:
        known = named(command(line[-1]), SERVERS)
        return None if known is None else (known, line[-1])
    return (name, line[-2]) if len(line) > 1 else None
