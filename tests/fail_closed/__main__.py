"""``python -m tests.fail_closed``: write docs/fail-closed.md; every status in it comes from a run made for it."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import ROOT
from tests.fail_closed.asked import ASKED
from tests.fail_closed.ended import ENDED
from tests.fail_closed.ways import STALE, Way, assert_it_means_what_it_says, in_plain_pytest, in_the_gate, repository
from tests.fail_closed.written import WRITTEN

CHAPTERS = {"Written in the suite": WRITTEN, "Asked on the command line": ASKED, "Ended by code": ENDED}
FILE = ROOT / "docs" / "fail-closed.md"
HEAD = """\
# Ways to be green for nothing

Each row is a suite of two tests, one of them false of the target, run by plain pytest and by the gate
(`tests/fail_closed/`). Exit status 0 lets traffic through. Written by `make fail-closed`; the statuses are those of the
runs that wrote it.

Beside these, `tests/fail_closed` removes every part of the gate in turn and those that notice two at a time (exit status
4), fills the disk (11), and hangs in every way it knows; `make kills` ends 300 gates by force.

Not closed, since pytest answers before it has loaded anything of ours: `--version` or `-V` typed on the command line ends
with 0 and judges nothing. Where no temporary file can be made, pytest ends with 1 before it knows of us. In both,
`verdict.json` is that of an earlier run: a pipeline must look at its `run` and `finished_at`, or remove it first.
"""


def main() -> int:
    """Run every way, and write the table."""
    with ThreadPoolExecutor(2) as pool:
        parts = [f"\n## {title}\n\n| way | plain pytest | the gate |\n|---|---|---|\n" + "".join(pool.map(row, ways)) for title, ways in CHAPTERS.items()]
    FILE.write_text(HEAD + "".join(parts), "utf-8")
    return 0


def row(way: Way) -> str:
    """One way, run twice."""
    with tempfile.TemporaryDirectory() as folder:
        plain = in_plain_pytest(way, made(Path(folder) / "plain"))
        ran = in_the_gate(way, repository(Path(folder) / "project"), Path(folder))
        assert_it_means_what_it_says(ran)
        fresh = ran.verdict["run"] != STALE
        return f"| {way.title} | {plain} | {ran.exit_status} {ran.verdict['verdict'] if fresh else 'USAGE'} |\n"


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
