"""Tables in Markdown, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.benchmarks.race import Cell

TIMES = "\N{MULTIPLICATION SIGN}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures."""
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def race_table(cells: Sequence[Cell], against: str) -> str:
    """A row a contender, a column a load: seconds, and how many times those of ``against``."""
    loads, contenders = unique(cell.load for cell in cells), unique(cell.contender for cell in cells)
    at = {(cell.contender, cell.load): cell for cell in cells}
    limits = {load: next(cell for cell in cells if cell.load == load and cell.contender.name == against) for load in loads}
    rows = [[contender.name, *(figure(at[contender, load], limits[load]) for load in loads)] for contender in contenders]
    return table(["", *(load.name for load in loads)], rows)


def figure(cell: Cell, limit: Cell) -> str:
    """Seconds and ratio; of a cell that was not run, what it cannot be faster than; of one that failed, that it did."""
    if cell.failure:
        return "failed"
    if not cell.costs:
        return f"not run: ≥ {cell.at_least_seconds:.0f} s"
    if not limit.costs:
        return f"{cell.wall_seconds:.2f} s"
    return f"{cell.wall_seconds:.2f} s ({cell.wall_seconds / limit.wall_seconds:.1f}{TIMES})"


def unique(things: Iterable[Any]) -> list[Any]:
    """Each once, in order."""
    return list(dict.fromkeys(things))
