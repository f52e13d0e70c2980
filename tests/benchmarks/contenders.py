"""Who is measured: each a name and the command that asks one load of the waiting server."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import projects
from tests.benchmarks.load import CONCURRENCY, Load
from tests.benchmarks.measure import Command

PYTEST = (sys.executable, "-m", "pytest", "-q")
GATE = (*PYTEST, "--env=environments/stub", "suites/trial")

Prepare = Callable[[Path, str, Load], Command]


@dataclass(frozen=True)
class Contender:
    """A way to ask a load. ``at_once`` is how many requests it has under way."""

    name: str
    prepare: Prepare
    at_once: int

    def at_least_seconds(self, load: Load) -> float:
        """What this cannot be faster than, by arithmetic: the waiting, shared by those that wait together."""
        return load.waiting_seconds / self.at_once


def gate(folder: Path, url: str, load: Load, *options: str) -> Command:
    """The gate as its users start it."""
    return Command([*GATE, *options], projects.write_gate(folder, url, load), ends_with=10 if load.hanging else 0)


def gate_without_allure(folder: Path, url: str, load: Load) -> Command:
    """The gate without Allure results."""
    return gate(folder, url, load, "--no-allure")


def plain_pytest(*options: str) -> Prepare:
    """Pytest as most suites use it: one httpx client, a test a request."""

    def prepare(folder: Path, url: str, load: Load) -> Command:
        written = projects.write_plain(folder, projects.plain(url, load))
        return Command([*PYTEST, *options, "."], written, ends_with=1 if load.hanging else 0)

    return prepare


def raw_threads(folder: Path, url: str, load: Load) -> Command:
    """Httpx in a pool of threads: nothing is judged, nothing is told."""
    file = folder / "paths.txt"
    folder.mkdir(parents=True)
    file.write_text("\n".join(load.paths), "utf-8")
    return Command([sys.executable, "-m", "tests.benchmarks.raw", url, str(file), str(load.patience_seconds)], projects.ROOT, ends_with=1 if load.hanging else 0)


def curl(folder: Path, url: str, load: Load) -> Command:
    """What a good shell script does."""
    folder.mkdir(parents=True)
    options = ["-sS", "-Z", "--parallel-max", str(CONCURRENCY), "--parallel-immediate", "--max-time", str(load.patience_seconds)]
    file = projects.write_list(folder, url, load)
    return Command(["curl", *options, "--config", str(file)], folder, ends_with=28 if load.hanging else 0)


def k6(folder: Path, url: str, load: Load) -> Command:
    """The load tester, as a checker of as many requests."""
    folder.mkdir(parents=True)
    script = projects.write_script(folder, url, load)
    return Command(["k6", "run", "--quiet", "--no-usage-report", str(script)], folder, ends_with=99 if load.hanging else 0)


GATE_BARE, GATE_ALLURE, RAW = "the gate", "the gate, with Allure results", "raw threads and httpx (the limit)"

EVERYBODY = (
    Contender(RAW, raw_threads, CONCURRENCY),
    Contender(GATE_BARE, gate_without_allure, CONCURRENCY),
    Contender(GATE_ALLURE, gate, CONCURRENCY),
    Contender("pytest, one after the other", plain_pytest(), 1),
    Contender("pytest -n 4", plain_pytest("-n", "4"), 4),
    Contender("pytest -n 8", plain_pytest("-n", "8"), 8),
    Contender("curl --parallel", curl, CONCURRENCY),
    Contender("k6", k6, CONCURRENCY),
)

# The names of the programs that a machine may not have.
PROGRAMS = {"curl --parallel": "curl", "k6": "k6"}


def present() -> list[Contender]:
    """Those that this machine has."""
    return [contender for contender in EVERYBODY if shutil.which(PROGRAMS.get(contender.name, sys.executable))]


def missing() -> list[str]:
    """The names of those that it has not."""
    return [contender.name for contender in EVERYBODY if contender not in present()]
