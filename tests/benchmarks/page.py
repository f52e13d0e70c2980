"""docs/benchmarks.md: every figure from one run, the machine by what matters and by no name."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from tests.benchmarks import contenders
from tests.benchmarks.load import CONCURRENCY, HANG_SECONDS
from tests.benchmarks.measure import Cost
from tests.benchmarks.race import TOO_LONG_SECONDS, Cell
from tests.benchmarks.startup import EMPTY, Start
from tests.benchmarks.table import TIMES, race_table, table
from tests.benchmarks.targets import targets

LIBRARIES = ("pytest", "pytest-xdist", "allure-pytest", "httpx", "httpcore")

HOW = f"""\
# Benchmarks

Written by `make bench`; do not edit. Every figure is of one run, and a median where a command ran more than once (up to
{{rounds}} times, all in rotation). Machines are shared and noisy: trust the ratios, not the seconds.

Every contender is a whole process from its start to its exit status, asks the same requests of one waiting server (a process
of its own on the same machine), keeps connections alive as it does by itself, and has at most {CONCURRENCY} requests under way
unless its name says otherwise. The server counts: a run in which it was not asked each request exactly once does not
count. (The gate asks a few questions of its own besides, such as who answers, and they take as long.) Of "5 % hang", one request in twenty never gets an answer, and each contender gives up on it after {HANG_SECONDS:g} s.
What cannot take less than {TOO_LONG_SECONDS:g} s, by arithmetic, is not run.
"""


@dataclass
class Findings:
    """What a run found out; what it did not look at is empty."""

    rounds: int
    cells: list[Cell] = field(default_factory=list)
    memory_mib: Mapping[str, float] = field(default_factory=dict)
    started: Mapping[str, Start] = field(default_factory=dict)
    trivial: Mapping[str, Cost] = field(default_factory=dict)
    trivial_number: int = 0
    suites_seconds: float | None = None


def page(found: Findings) -> str:
    """The whole page."""
    return "\n".join([HOW.format(rounds=found.rounds), machine(), *sections(found)])


def sections(found: Findings) -> Iterator[str]:
    """A section for each thing that was looked at."""
    kept = [target.row for target in targets(found.cells, found.started, found.suites_seconds)]
    if kept:
        yield "## Targets\n\n" + table(["target", "bound", "this run", ""], kept)
    for requests in dict.fromkeys(cell.load.requests for cell in found.cells):
        yield race_section([cell for cell in found.cells if cell.load.requests == requests], requests)
    if found.memory_mib:
        rows = [[name, f"{mib:.0f} MiB"] for name, mib in found.memory_mib.items()]
        yield "## Memory at the peak\n\nProportional set size of all processes, 200 requests at 50 ms.\n\n" + table(["", "peak"], rows)
    if found.started:
        yield "## Start-up\n\n" + start_table(found.started)
    if found.trivial:
        yield f"## {found.trivial_number:,} trivial checks\n\n" + trivial_table(found.trivial, found.trivial_number)


def race_section(cells: Sequence[Cell], requests: int) -> str:
    """The seconds and the processor seconds of one number of requests."""
    absent = "".join(f"\n{name}: not on this machine's path, so not measured.\n" for name in contenders.missing())
    against = "Wall clock, and how many times that of the raw loop."
    return f"## {requests:,} requests\n\n{against}\n\n{race_table(cells, contenders.RAW)}{absent}\n{cpu_table(cells)}"


def cpu_table(cells: Sequence[Cell]) -> str:
    """Processor seconds at no latency, where there is nothing but work."""
    rows = [[cell.contender.name, f"{cell.cpu_seconds:.2f} s"] for cell in cells if cell.load == cells[0].load and cell.costs and not cell.failure]
    return table([f"processor time at {cells[0].load.name}, all processes", ""], rows)


def start_table(started: Mapping[str, Start]) -> str:
    """Wall clock, processor time and instructions of each way to run one test, against the least."""
    least = started[EMPTY]
    rows = [
        [name, f"{start.cost.wall_seconds:.2f} s", f"{start.cost.cpu_seconds:.2f} s", instructions(start, least)]
        for name, start in started.items()
    ]
    return table(["one test or check", "wall clock", "processor time", "instructions (millions)"], rows)


def instructions(start: Start, least: Start) -> str:
    if start.million_instructions is None or least.million_instructions is None:
        return "not counted"
    return f"{start.million_instructions:,.0f} ({start.million_instructions / least.million_instructions:.2f}{TIMES})"


def trivial_table(costs: Mapping[str, Cost], number: int) -> str:
    """What a check costs when it asks nothing new."""
    rows = [
        [name, f"{cost.wall_seconds:.2f} s", f"{cost.cpu_seconds:.2f} s", f"{cost.wall_seconds / number * 1000:.2f} ms"]
        for name, cost in costs.items()
    ]
    return table(["", "wall clock", "processor time", "wall clock a check, start-up included"], rows)


# ---- the machine ---------------------------------------------------------------------------------------------


def machine() -> str:
    """What the figures depend on: cores, Python, libraries and programs, by version."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    programs = "; ".join(filter(None, map(program, ("curl", "k6"))))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"Measured on {os.cpu_count()} cores, {python}, {libraries}; {programs or 'neither curl nor k6'}.\n"


def program(name: str) -> str:
    """Name and version of a program, or nothing where there is none."""
    if not shutil.which(name):
        return ""
    told = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(told.split()[:2])
