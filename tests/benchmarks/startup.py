"""What a run costs before it asks anything, and what each check costs beyond its look."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import projects
from tests.benchmarks.contenders import GATE, PYTEST
from tests.benchmarks.load import Load
from tests.benchmarks.measure import Command, Cost, can_count_instructions, cost_of, instructions_of

REPORTS = ("--junitxml=junit.xml", "--alluredir=allure-results", "--clean-alluredir")

EMPTY = "pytest, one test that does nothing"
ASKS = "pytest, one test that asks once by httpx"
ASKS_AND_TELLS = "the same, with JUnit and Allure results"
GATE_ONE = "the gate, one check, without Allure results"
GATE_TELLS = "the gate, one check, as it is (JUnit, Allure, verdict, observations)"

COMPARED = (EMPTY, ASKS_AND_TELLS, GATE_TELLS)  # counting takes half a minute each

EMPTY_TEST = "def test_is_so():\n    assert len('a') == 1\n"


@dataclass(frozen=True)
class Start:
    """What starting up took. ``million_instructions`` is None where they were not counted."""

    cost: Cost
    million_instructions: float | None


def starts(url: str, folder: Path) -> dict[str, Command]:
    """The ways to run one test."""
    one = Load(1, 0)
    gate = projects.write_gate(folder / "gate", url, one)
    asks = projects.write_plain(folder / "asks", projects.plain(url, one))
    return {
        EMPTY: Command([*PYTEST, "."], projects.write_plain(folder / "empty", EMPTY_TEST)),
        ASKS: Command([*PYTEST, "."], asks),
        ASKS_AND_TELLS: Command([*PYTEST, ".", *REPORTS], asks),
        GATE_ONE: Command([*GATE, "--no-allure"], gate),
        GATE_TELLS: Command(list(GATE), gate),
    }


def trivial(url: str, folder: Path, number: int) -> dict[str, Command]:
    """The ways to run so many tests that do nothing; the gate's share one look."""
    gate = projects.write_gate(folder / "gate", url, Load(number, 0), projects.TRIVIAL_SUITE)
    plain = projects.write_plain(folder / "plain", projects.TRIVIAL_PLAIN.format(number=number))
    return {
        "pytest": Command([*PYTEST, "."], plain),
        "pytest, with JUnit and Allure results": Command([*PYTEST, ".", *REPORTS], plain),
        "the gate, without Allure results": Command([*GATE, "--no-allure"], gate),
        "the gate, as it is": Command(list(GATE), gate),
    }


def medians(commands: Mapping[str, Command], rounds: int, say: Callable[[str], object]) -> dict[str, Cost]:
    """The median cost of each command, run in rotation; the first run of each only warms the caches."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            cost = cost_of(command)
            if number:
                costs[name].append(cost)
                say(f"{name:70} {cost.wall_seconds:7.2f} s")
    return {name: median(several) for name, several in costs.items()}


def median(costs: list[Cost]) -> Cost:
    """The median of each figure by itself."""
    return Cost(
        statistics.median(cost.wall_seconds for cost in costs), statistics.median(cost.cpu_seconds for cost in costs)
    )


def started(commands: Mapping[str, Command], costs: Mapping[str, Cost], *, counted: bool) -> dict[str, Start]:
    """The costs with the instructions of the ways that are compared, where they can be counted."""
    can = counted and can_count_instructions()
    return {
        name: Start(costs[name], instructions_of(command) / 1e6 if can and name in COMPARED else None)
        for name, command in commands.items()
    }
