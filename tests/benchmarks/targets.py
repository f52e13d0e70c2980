"""The targets of the design, as ratios inside one run, each met or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.contenders import GATE_ALLURE, GATE_BARE, RAW
from tests.benchmarks.race import Cell
from tests.benchmarks.startup import ASKS_AND_TELLS, GATE_TELLS, Start
from tests.benchmarks.table import TIMES

AT_MS = 50
SUITES_SECONDS = 20.0


@dataclass(frozen=True)
class Target:
    """A promise about speed: what was measured must not be more than the bound."""

    promise: str
    bound: float
    measured: float
    unit: str = TIMES

    @property
    def met(self) -> bool:
        """Whether the run keeps it."""
        return self.measured <= self.bound

    @property
    def row(self) -> list[str]:
        """As a row of a table."""
        return [self.promise, f"≤ {self.bound:g}{self.unit}", f"{self.measured:.2f}{self.unit}", "met" if self.met else "**not met**"]


def targets(cells: Sequence[Cell], started: Mapping[str, Start], suites_seconds: float | None) -> Iterator[Target]:
    """Those that this run can tell of."""
    for requests in dict.fromkeys(cell.load.requests for cell in cells):
        yield from concurrency_targets([cell for cell in cells if cell.load.requests == requests], requests)
    if started:
        yield from start_targets(started)
    if suites_seconds is not None:
        yield Target("every suite against the stand-in, its start included", SUITES_SECONDS, suites_seconds, " s")


def concurrency_targets(cells: Sequence[Cell], requests: int) -> Iterator[Target]:
    at = {cell.contender.name: cell for cell in cells if cell.load.latency_ms == AT_MS and cell.costs and not cell.failure}
    if {RAW, GATE_BARE, GATE_ALLURE} <= set(at):
        limit = at[RAW].wall_seconds
        yield Target(f"{requests} checks at {AT_MS} ms against the raw loop", 1.6, at[GATE_BARE].wall_seconds / limit)
        yield Target("the same, with Allure results", 2.4, at[GATE_ALLURE].wall_seconds / limit)


def start_targets(started: Mapping[str, Start]) -> Iterator[Target]:
    gate, bare = started[GATE_TELLS], started[ASKS_AND_TELLS]
    promise = "a one-check gate against pytest that asks and tells the same"
    yield Target(f"{promise}, wall clock", 1.3, gate.cost.wall_seconds / bare.cost.wall_seconds)
    if gate.million_instructions and bare.million_instructions:
        yield Target(f"{promise}, instructions", 1.3, gate.million_instructions / bare.million_instructions)
