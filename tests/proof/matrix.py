"""Runs the trials: one stand-in each for so many gates at once, a trial that went wrong once more, the twin at the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from environments.standin import client
from environments.standin.client import StandIn
from tests.proof import gates
from tests.proof.gates import Gate, Ran
from tests.proof.judging import Result, findings_in, reasons_in
from tests.proof.plan import Plan, Trial

LONGEST_SECONDS = 120.0
Tell = Callable[[Result], None]


@contextmanager
def kept_up(number: int, groups: Iterable[str]) -> Iterator[list[StandIn]]:
    """So many stand-ins, all up. The threads that started them are gone when they are."""
    with ExitStack() as stack:
        with ThreadPoolExecutor(number) as pool:
            started = [pool.submit(client.start, client.quietly, "staging", groups) for _ in range(number)]
        standins = [stack.enter_context(future.result()) for future in started]
        for standin in standins:
            settle(standin)
        yield standins


def settle(standin: StandIn) -> None:
    """Wait for the groups of a stand-in; why one does not come is told by its state."""
    for group in standin.groups():
        try:
            standin.wait_for(group)
        except client.StandInFailed:
            continue


@dataclass
class Lane:
    """A stand-in and the gate that is at it."""

    standin: StandIn
    folder: Path
    gate: Gate | None = None
    trial: Trial | None = None
    before: Result | None = None  # the same trial, which went wrong

    def begin(self, trial: Trial, before: Result | None = None) -> None:
        """Start the gate of a trial."""
        broken = [f"--fault={trial.fault.name}"] if trial.fault else []
        suites = [f"suites/{suite}" for suite in trial.suites]
        self.trial, self.before = trial, before
        self.gate = gates.start(
            folder_of(trial, self.folder), ["--env=local", f"--standin={self.standin.folder}", *broken, *suites]
        )

    def conclude(self, ran: Ran) -> Result:
        """What came of it."""
        assert self.trial
        verdict = ran.verdict
        found = tuple(findings_in(self.trial, verdict, ran.exit_status))
        at_first = self.before.findings if self.before else ()
        self.gate = None
        return Result(self.trial, ran.seconds, found, reasons_in(self.trial, verdict), at_first, ran.output if found else "")


def folder_of(trial: Trial, lane: Path) -> Path:
    """Where the reports of a trial are."""
    return lane / trial.name.replace(" ", "-")


def run(plan: Plan, standins: Sequence[StandIn], folder: Path, tell: Tell) -> list[Result]:
    """Every trial of the plan, and at the end, on each stand-in, that it is healthy again."""
    lanes = [Lane(standin, folder / str(number)) for number, standin in enumerate(standins)]
    try:
        results = list(taken([*plan.twins, *plan.faults], lanes, tell))
        for number, lane in enumerate(lanes):
            results += taken([Trial(f"healthy again {number}", plan.suites, {})], [lane], tell)
    finally:
        for lane in lanes:
            if lane.gate:
                gates.end(lane.gate)
    return results


def taken(trials: Iterable[Trial], lanes: Sequence[Lane], tell: Tell) -> Iterator[Result]:
    """The trials, each by the next free lane."""
    left = deque(trials)
    while left or any(lane.gate for lane in lanes):
        for lane in lanes:
            if left and not lane.gate:
                lane.begin(left.popleft())
        lane, result = next_end(lanes)
        if result.findings and not result.at_first:
            lane.begin(result.trial, result)  # the machine may have been busy; twice wrong is wrong
            continue
        tell(result)
        yield result


def next_end(lanes: Sequence[Lane]) -> tuple[Lane, Result]:
    """The next lane whose gate ends; one that does not in its time is ended."""
    under_way = {lane.gate.process: lane for lane in lanes if lane.gate}
    running = [lane.gate for lane in lanes if lane.gate]
    ended = gates.wait(running, LONGEST_SECONDS)
    gate, ran = ended or (running[0], gates.end(running[0]))
    lane = under_way[gate.process]
    return lane, lane.conclude(ran)
