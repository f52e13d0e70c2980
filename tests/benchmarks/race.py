"""A race: every contender asks every load, in rotation, so that what the machine does meanwhile hits all alike."""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.contenders import Contender
from tests.benchmarks.load import Load
from tests.benchmarks.measure import Command, Cost, Failed, cost_of
from tests.benchmarks.stub import Stub

Say = Callable[[str], object]

ENOUGH_SECONDS = 6.0  # a cell that took as long is not run again
TOO_LONG_SECONDS = 21.0  # a cell that cannot take less, by arithmetic, is not run


@dataclass
class Cell:
    """One contender with one load, and what each of its runs took."""

    contender: Contender
    load: Load
    costs: list[Cost] = field(default_factory=list)
    failure: str = ""

    @property
    def at_least_seconds(self) -> float:
        """What it cannot be faster than."""
        return self.contender.at_least_seconds(self.load)

    @property
    def wall_seconds(self) -> float:
        """The median of its runs."""
        return statistics.median(cost.wall_seconds for cost in self.costs)

    @property
    def cpu_seconds(self) -> float:
        """The median of its runs, all processes together."""
        return statistics.median(cost.cpu_seconds for cost in self.costs)

    @property
    def told(self) -> str:
        """Its last run in a few words."""
        return self.failure or f"{self.costs[-1].wall_seconds:7.2f} s"

    @property
    def wants_another(self) -> bool:
        """Whether one more run is worth its time."""
        return not self.failure and sum(cost.wall_seconds for cost in self.costs) < ENOUGH_SECONDS and self.at_least_seconds < TOO_LONG_SECONDS


def race(
    contenders: Iterable[Contender], loads: Iterable[Load], stub: Stub, folder: Path, *, rounds: int, say: Say
) -> list[Cell]:
    """Every cell, measured up to so many rounds."""
    cells = [Cell(contender, load) for load in loads for contender in contenders]
    for number in range(rounds):
        for place, cell in enumerate(cells):
            if cell.wants_another:
                run_once(cell, stub, folder / f"{cell.load.requests}-{number}-{place}")
                say(f"{cell.load.requests} {cell.load.name:9} {cell.contender.name:32} {cell.told}")
    return cells


def run_once(cell: Cell, stub: Stub, folder: Path) -> None:
    """One more run of a cell. A contender that fails is told of, and does not end the race."""
    try:
        cell.costs.append(measured(cell, stub, folder))
    except (Failed, subprocess.TimeoutExpired) as problem:
        cell.failure = str(problem)


def measured(cell: Cell, stub: Stub, folder: Path) -> Cost:
    """One run, which counts only if the server was asked each request once and answered all but the hanging."""
    command = cell.contender.prepare(folder, stub.url, cell.load)
    stub.count(cell.load.latency_ms)
    cost = cost_of(command)
    require_all_asked(cell, stub)
    return cost


def require_all_asked(cell: Cell, stub: Stub) -> None:
    """Raise Failed for a contender that asked something else than its load."""
    count, wanted = stub.count(), cell.load.requests
    if (count.asked, count.distinct, count.answered) != (wanted, wanted, wanted - cell.load.hanging):
        raise Failed(f"{cell.contender.name} was to ask {wanted} requests, of which {cell.load.hanging} hang; the server saw {count}")


def memory_commands(contenders: Iterable[Contender], load: Load, stub: Stub, folder: Path) -> dict[str, Command]:
    """For each contender, the command whose memory is looked at."""
    return {
        contender.name: contender.prepare(folder / f"memory-{place}", stub.url, load)
        for place, contender in enumerate(contenders)
    }
