"""``python -m tests.benchmarks``: measure, and write the page. ``--quick`` and ``--only`` are for trying the harness."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import contenders, page, race, startup, stub
from tests.benchmarks.load import Load, loads
from tests.benchmarks.measure import Command, Cost, cost_of, peak_mib
from tests.benchmarks.projects import ROOT

PARTS = ("race", "memory", "startup", "trivial", "suites")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    requests: tuple[int, ...] = (200, 1000)
    rounds: int = 3
    starts: int = 9
    trivial: int = 1000
    counts_instructions: bool = True


QUICK = Size(requests=(20,), rounds=1, starts=1, trivial=20, counts_instructions=False)


def measure(parts: list[str], size: Size, url: stub.Stub, folder: Path) -> page.Findings:
    """What those parts find out."""
    found = page.Findings(size.rounds, trivial_number=size.trivial)
    everybody = contenders.present()
    if "race" in parts:
        wanted = [load for requests in size.requests for load in loads(requests)]
        found.cells = race.race(everybody, wanted, url, folder, rounds=size.rounds, say=tell)
    if "memory" in parts:
        commands = race.memory_commands(everybody, Load(min(200, size.requests[0]), 50), url, folder)
        found.memory_mib = {name: peak_mib(command) for name, command in commands.items()}
    if "startup" in parts:
        commands = startup.starts(url.url, folder / "starts")
        found.started = startup.started(commands, startup.medians(commands, size.starts, tell), counted=size.counts_instructions)
    if "trivial" in parts:
        found.trivial = startup.medians(startup.trivial(url.url, folder / "trivial", size.trivial), size.rounds, tell)
    if "suites" in parts:
        found.suites_seconds = all_suites(folder).wall_seconds
    return found


def all_suites(folder: Path) -> Cost:
    """Every suite of this repository against a stand-in of its own."""
    return cost_of(Command([*contenders.PYTEST, "--env=local", "suites", f"--out={folder / 'suites'}"], ROOT))


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="Tiny numbers: does the harness work?")
    parser.add_argument("--only", action="append", choices=PARTS, help="Measure this part alone; more than once for more.")
    parser.add_argument("--out", type=Path, metavar="FILE", help="Write the page here instead of to the terminal.")
    return parser.parse_args()


def main() -> None:
    """Measure and write."""
    given = arguments()
    folder = Path(tempfile.mkdtemp(prefix="gate-bench-"))
    try:
        with stub.waiting() as server:
            found = measure(given.only or list(PARTS), QUICK if given.quick else Size(), server, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    written = page.page(found)
    if given.out:
        given.out.write_text(written, "utf-8")
    else:
        print(written)
    if failed := [f"{cell.contender.name}, {cell.load.requests} at {cell.load.name}" for cell in found.cells if cell.failure]:
        sys.exit(f"failed, so not measured: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
