"""``python -m tests.kills --number 300``: the kill campaign, and its figures by phase."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import stub
from tests.kills.campaign import PHASES, Lane, Left

ROUNDS_TO_A_WHOLE_RUN = 10


def main() -> int:
    """Run the campaign; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=300, help="how many gates are killed")
    parser.add_argument("--together", type=int, default=2, help="how many at once")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    asked = parser.parse_args()
    left = campaign(asked.number, asked.together, asked.seed)
    print(table(left))
    for one in left:
        if one.wrong:
            print(f"WRONG  {one.how} killed in phase {one.phase}, exit status {one.exit_status}: {'; '.join(one.wrong)}")
    return int(any(one.wrong for one in left))


def campaign(number: int, together: int, seed: int) -> list[Left]:
    """Kill so many gates, in lanes beside each other."""
    with tempfile.TemporaryDirectory() as folder, stub.serving() as url, ThreadPoolExecutor(together) as pool:
        shares = [number // together + (lane < number % together) for lane in range(together)]
        lanes = [pool.submit(rounds, Path(folder) / str(lane), url, seed + lane, share) for lane, share in enumerate(shares)]
        return [one for lane in lanes for one in lane.result()]


def rounds(folder: Path, url: str, seed: int, number: int) -> list[Left]:
    """One lane, with a run that nobody disturbs after every few kills and at the end."""
    folder.mkdir()
    lane, left = Lane(folder, url, seed), []
    for done in range(1, number + 1):
        left.append(lane.round())
        if done % ROUNDS_TO_A_WHOLE_RUN == 0 or done == number:
            lane.whole()
    return left


def table(left: list[Left]) -> str:
    """How many were killed in which phase, and by what."""
    numbers = Counter((one.phase, one.how) for one in left)
    lines = [f"{'phase':10}{'kill -9':>10}{'its child':>11}{'no memory':>11}{'wrong':>8}"]
    for phase in PHASES:
        wrong = sum(bool(one.wrong) for one in left if one.phase == phase)
        lines.append(f"{phase:10}{numbers[phase, 'warden']:10}{numbers[phase, 'gate']:11}{numbers[phase, 'memory']:11}{wrong:8}")
    return "\n".join([*lines, f"{len(left)} gates ended by force, {sum(bool(one.wrong) for one in left)} left something wrong"])


if __name__ == "__main__":
    sys.exit(main())
