"""``python -m tests.mutants [NAME…]``: does a test notice each way in which the gate could be made to lie?"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.mutations import MUTATIONS, Mutation
from tests.mutants.trial import Tried, lay_out, tests_in, trial


def main() -> int:
    """Try the mutations; 1 if one survives or takes too long, or if the tests fail without any."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="the mutations whose names begin so; all by default")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--seconds", type=float, default=10, help="the most that one may take on this machine")
    asked = parser.parse_args()
    if not (chosen := named(asked.names)):
        parser.error(f"no mutation's name begins with {' or '.join(asked.names)}: known are {', '.join(one.name for one in MUTATIONS)}")
    return int(not sound(chosen) or campaign(chosen, asked.jobs, asked.seconds))


def named(names: Iterable[str]) -> list[Mutation]:
    """The mutations whose names begin with one of these; all where there is none."""
    beginnings = tuple(names) or ("",)
    return [mutation for mutation in MUTATIONS if mutation.name.startswith(beginnings)]


def sound(mutations: Iterable[Mutation]) -> bool:
    """Whether the tests pass in such a copy without any mutation: else their failing would prove nothing."""
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), "fixtures")
        tried = tests_in(Path(folder), tests)
    print(f"{tried.seconds:6.1f} s  {'passes' if tried.exit_status == 0 else 'FAILS '}   the gate as it is", flush=True)
    if tried.exit_status != 0:
        print(tried.output)
    return tried.exit_status == 0


def campaign(mutations: list[Mutation], jobs: int, most_seconds: float) -> bool:
    """Try each, with a line for each; whether anything was wrong."""
    wrong = []
    with ThreadPoolExecutor(jobs) as pool:
        for mutation, tried in zip(mutations, pool.map(one_trial, mutations), strict=True):
            print(line(mutation, tried, most_seconds), flush=True)
            wrong += [mutation.name] if not tried.killed or tried.seconds > most_seconds else []
    print(f"{len(mutations)} mutations, {len(mutations) - len(wrong)} killed in time{': not ' if wrong else ''}{', '.join(wrong)}")
    return bool(wrong)


def one_trial(mutation: Mutation) -> Tried:
    """Try one in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return trial(mutation, Path(folder))


def line(mutation: Mutation, tried: Tried, most_seconds: float) -> str:
    """Name, seconds, and how it ended."""
    late = f"  over {most_seconds:g} s" if tried.seconds > most_seconds else ""
    how = "killed  " if tried.killed else "SURVIVED"
    why = "" if tried.killed or tried.exit_status == 0 else "  its tests hung" if tried.exit_status is None else f"  exit status {tried.exit_status}"
    return f"{tried.seconds:6.1f} s  {how}  {mutation.name}{late}{why}"


if __name__ == "__main__":
    sys.exit(main())
