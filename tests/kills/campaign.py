"""Kills at random moments: what a gate leaves that was ended by force.

Every round starts a gate on a stub, in a folder where an earlier run left a GO, ends it by force at a random moment of
its life, and reads what it left.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests import stub
from tests.conftest import AMBIENT, Gate, prove
from tests.fail_closed.ways import STALE, repository
from tests.judging import DOCSTRING, HEAD

PATIENCE_SECONDS = 60
PHASES = ("start", "aim", "collect", "look", "judge", "report", "told", "ended")
LATER_SECONDS = 0.1  # at most, after a phase has been seen to begin
BEFORE_REPORTS = PHASES[:5]
MEBIBYTE = 1 << 20
CHECKS = 8

SUITE = f"""{HEAD}
import time
from pathlib import Path
TRACE = Path(__file__).parent.parent.parent / "trace"
TRACE.write_text("collect")

def look(api, number):
    time.sleep(0.05)
    TRACE.write_text("look")
    return api.get("/health")

@pytest.mark.parametrize("number", range({CHECKS}))
@trial(probe=look)
def test_fact(seen, number):{DOCSTRING}    TRACE.write_text("judge")
    time.sleep(0.02)
    assert seen.status == 200
"""


@dataclass(frozen=True)
class Left:
    """What one round left: how it was ended, in which phase, its exit status, and what is wrong with what it left."""

    how: str
    phase: str
    exit_status: int
    wrong: tuple[str, ...] = ()


class Lane:
    """One project and one report folder, in which round follows upon round."""

    def __init__(self, folder: Path, url: str, seed: int) -> None:
        self.project, self.out = lay(folder / "project"), folder / "out"
        self.out.mkdir()
        self.command = Gate(self.out).command(f"--env={stub.environment(folder / 'stub', url)}", "suites/trial")
        self.random = random.Random(seed)
        self.whole_seconds = max(self.whole() for _ in range(2))

    def whole(self) -> float:
        """Run to the end, which must be GO; the seconds it took."""
        started = time.monotonic()
        output, _ = (process := self.start()).communicate(timeout=PATIENCE_SECONDS)
        wrong = [*torn(self.out), *([] if record(self.out)["verdict"] == "GO" else ["no GO"])]
        if process.returncode or wrong:
            raise AssertionError(f"a run that nobody disturbed: exit status {process.returncode}, {wrong}\n{output}")
        return time.monotonic() - started

    def start(self) -> subprocess.Popen[str]:
        """Start a gate."""
        surroundings = {key: value for key, value in os.environ.items() if key not in AMBIENT}
        return subprocess.Popen(
            self.command, cwd=self.project, env=surroundings, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def round(self) -> Left:
        """End one gate by force."""
        (self.out / "verdict.json").write_text(json.dumps({"verdict": "GO", "exit_status": 0, "run": STALE}))
        (self.project / "trace").unlink(missing_ok=True)
        how = self.random.choices(["warden", "gate", "memory"], weights=[6, 2, 2])[0]
        process = self.start()
        if how == "memory":
            self.shorten_memory(process.pid)
        else:
            self.wait_for_a_moment(process)
            kill(process.pid if how == "warden" else next(children(process.pid), process.pid))
        process.communicate(timeout=PATIENCE_SECONDS)
        wait_until_free(self.out)
        return Left(how, self.phase(process.returncode), process.returncode, tuple(self.wrong(process.returncode)))

    def wait_for_a_moment(self, process: subprocess.Popen[str]) -> None:
        """A random moment after a random phase has begun: each phase has its share, however short it is."""
        phase = self.random.choice(PHASES[:-2])
        while process.poll() is None and PHASES.index(self.phase(-1)) < PHASES.index(phase):
            time.sleep(0.002)
        time.sleep(self.random.uniform(0, self.whole_seconds / 2 if phase == "start" else LATER_SECONDS))

    def shorten_memory(self, pid: int) -> None:
        """An address space that ends somewhere between the start and the verdict."""
        limit = self.random.randrange(60, 900) * MEBIBYTE
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))

    def phase(self, exit_status: int) -> str:
        """How far the gate had come; ``told`` has its verdict and was killed in spite of it, ``ended`` was not killed."""
        left = record(self.out)
        trace = self.project / "trace"
        if left["run"] == STALE:
            return "start"
        if left["verdict"] != "VOID" or left["reasons"] != ["the run has not come to an end"]:
            return "ended" if exit_status == 0 else "told"
        if not trace.exists():
            return "aim"
        finished = len(list((self.out / "allure-results").glob("*-result.json"))) == CHECKS
        told = trace.read_text()  # by a look and a judgement at once, perhaps
        return "report" if finished else told if told in PHASES else "look"

    def wrong(self, exit_status: int) -> Iterator[str]:
        """What must not be."""
        left = record(self.out)
        fresh = left["run"] != STALE
        if fresh and left["verdict"] == "GO" and exit_status != 0 and not all_held(left):
            yield "a GO of a run that had not judged everything"
        if exit_status == 0 and not (fresh and left["verdict"] == "GO"):
            yield "exit status 0 without a GO of this run"
        if fresh and exit_status == 1 and left["verdict"] != "NO-GO":
            yield "exit status 1 without a NO-GO"
        if fresh and left["verdict"] != "GO" and self.phase(exit_status) in BEFORE_REPORTS and tells_of_go(self.out):
            yield "a green gate.verdict of an earlier run"
        yield from torn(self.out)


def lay(root: Path) -> Path:
    """A project with a suite of a second."""
    repository(root)
    (root / "suites" / "trial" / "test_trial.py").write_text(SUITE)
    (root / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
    prove(root, {"trial.fact": "test_fact"})
    return root


def record(out: Path) -> dict[str, object]:
    """verdict.json, which must be there and whole at any time."""
    return json.loads((out / "verdict.json").read_text("utf-8"))


def all_held(left: dict[str, object]) -> bool:
    """Whether a record tells of every check that it held."""
    return left["counts"]["held"] == CHECKS and len(left["checks"]) == CHECKS


def torn(out: Path) -> Iterator[str]:
    """Every report that does not parse. Of the observations only a last line may be cut off."""
    for file in out.glob("allure-results/*.json"):
        if not parses(json.loads, file.read_text("utf-8")):
            yield f"{file.name} is torn"
    if (out / "junit.xml").exists() and not parses(ElementTree.fromstring, (out / "junit.xml").read_text("utf-8")):
        yield "junit.xml is torn"
    lines = (out / "observations.jsonl").read_text("utf-8").split("\n")[:-1] if (out / "observations.jsonl").exists() else []
    if not all(parses(json.loads, line) for line in lines):
        yield "observations.jsonl has a torn line"


def tells_of_go(out: Path) -> bool:
    """Whether a report for people says GO."""
    results = (json.loads(file.read_text("utf-8")) for file in out.glob("allure-results/*-result.json"))
    junit = out / "junit.xml"
    return any(result["name"] == "gate.verdict: GO" for result in results) or (junit.exists() and 'name="verdict"' in junit.read_text())


def parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except (ValueError, ElementTree.ParseError):
        return False
    return True


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # it had ended by itself
        return


def children(pid: int) -> Iterator[int]:
    """The processes that a process has started."""
    try:
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:
        return


def wait_until_free(out: Path) -> None:
    """Return when no process holds the folder any more."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    with (out / ".lock").open("w") as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < ends_at, "a gate outlives its warden"
            time.sleep(0.01)
