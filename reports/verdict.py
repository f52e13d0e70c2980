"""The verdict: one pure function of one frozen record of the run.

Reporters render what stands here. None decides, and none can turn red to green.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from fixtures.check import Severity
from fixtures.outcome import Conclusion, Outcome
from fixtures.standing import Standing
from fixtures.waivers import Waiver


class Ending(Enum):
    """How pytest ended."""

    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    INTERNAL_ERROR = "internal error"
    USAGE = "usage"
    NOTHING_COLLECTED = "nothing collected"


class Word(StrEnum):
    """The nine words a run can end with. Only GO may switch traffic."""

    GO = "GO"
    NO_GO = "NO-GO"
    INTERRUPTED = "INTERRUPTED"
    INTERNAL_ERROR = "INTERNAL-ERROR"
    USAGE = "USAGE"
    NOTHING_COLLECTED = "NOTHING-COLLECTED"
    INCONCLUSIVE = "INCONCLUSIVE"
    VOID = "VOID"
    PARTIAL = "PARTIAL"

    @property
    def exit_status(self) -> int:
        """The exit status of the process (design, section 4)."""
        return EXIT_STATUS[self]


EXIT_STATUS = {
    Word.GO: 0,
    Word.NO_GO: 1,
    Word.INTERRUPTED: 2,
    Word.INTERNAL_ERROR: 3,
    Word.USAGE: 4,
    Word.NOTHING_COLLECTED: 5,
    Word.INCONCLUSIVE: 10,
    Word.VOID: 11,
    Word.PARTIAL: 12,
}

# pytest's own endings, the one that says least about the target first.
ENDINGS = {
    Ending.USAGE: Word.USAGE,
    Ending.INTERNAL_ERROR: Word.INTERNAL_ERROR,
    Ending.INTERRUPTED: Word.INTERRUPTED,
    Ending.NOTHING_COLLECTED: Word.NOTHING_COLLECTED,
}


@dataclass(frozen=True)
class Planned:
    """A check that was to be judged: one test item of the run."""

    node_id: str
    id: str
    claim: str
    claims: tuple[str, ...]
    severity: Severity
    first_step: str
    parameters: str = ""
    judges: str = ""
    proven: bool = True

    @property
    def name(self) -> str:
        """The id and, where one check holds for many, which of them."""
        return f"{self.id}[{self.parameters}]" if self.parameters else self.id


@dataclass(frozen=True)
class Run:
    """All that the verdict depends on. ``distrust`` holds the reasons why the gate cannot vouch for itself,
    ``unsettled`` what did not come in time, ``trouble`` what ended the run early.
    """

    ending: Ending
    blocks_from: Severity
    planned: tuple[Planned, ...] = ()
    conclusions: Mapping[str, Conclusion] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    narrowed: tuple[str, ...] = ()
    distrust: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cause:
    """One thing that is wrong, and the checks that could not look because of it."""

    id: str
    message: str
    first_step: str
    severity: Severity
    blocks: tuple[str, ...] = ()
    refutes: bool = True
    proven: bool = True


@dataclass(frozen=True)
class Judged:
    """A planned check with its conclusion."""

    check: Planned
    conclusion: Conclusion


@dataclass(frozen=True)
class Waived:
    """A waiver, and the refuted checks of this run that it covers; a stale one covers none of those it could."""

    waiver: Waiver
    covers: tuple[str, ...]
    stale: str


@dataclass(frozen=True)
class Verdict:
    """The answer, why, and everything it rests on. ``unproven`` are the checks that were never seen red as they are."""

    word: Word
    reasons: tuple[str, ...]
    causes: tuple[Cause, ...]
    waived: tuple[Waived, ...]
    checks: tuple[Judged, ...]
    counts: Mapping[Outcome, int]
    tolerated: int
    unproven: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """The exit status of the process."""
        return self.word.exit_status


NEVER_CONCLUDED = Conclusion(Outcome.UNKNOWN, "it was planned and never concluded: the run ended before it, or its worker died")


def judge(run: Run) -> Verdict:
    """The verdict of a run (design, section 4)."""
    checks = tuple(Judged(check, run.conclusions.get(check.node_id, NEVER_CONCLUDED)) for check in run.planned)
    counts = Counter(judged.conclusion.outcome for judged in checks)
    believed = [judged for judged in checks if refuted(judged) and judged.check.proven]
    blocking = [judged for judged in believed if judged.check.severity.at_least(run.blocks_from)]
    covered = tuple(waived(waiver, checks) for waiver in run.waivers)
    word, reasons = decide(run, checks, blocking, covered)
    return Verdict(
        word=word,
        reasons=reasons,
        causes=causes(checks, run.standings),
        waived=covered,
        checks=checks,
        counts={outcome: counts[outcome] for outcome in Outcome},
        tolerated=len(believed) - len(blocking),
        unproven=tuple(judged.check.name for judged in checks if not judged.check.proven),
    )


def refuted(judged: Judged) -> bool:
    return judged.conclusion.outcome is Outcome.REFUTED


def decide(
    run: Run, checks: tuple[Judged, ...], blocking: list[Judged], covered: tuple[Waived, ...]
) -> tuple[Word, tuple[str, ...]]:
    """The word and the reasons for it, by precedence."""
    if run.ending in ENDINGS:
        return ENDINGS[run.ending], run.trouble or (f"the run ended: {run.ending.value}",)
    if distrust := (*run.distrust, *cannot_vouch(run, checks)):
        return Word.VOID, distrust
    if blocking:
        return Word.NO_GO, (count(len(blocking), "check is refuted", "checks are refuted"),)
    stale = [one.stale for one in covered if one.stale]
    if unsettled := (*run.unsettled, *refuted_unproven(checks), *inconclusive(checks), *stale):
        return Word.INCONCLUSIVE, unsettled
    if run.narrowed:
        return Word.PARTIAL, run.narrowed
    return Word.GO, ()


def cannot_vouch(run: Run, checks: tuple[Judged, ...]) -> tuple[str, ...]:
    """What a run shows about itself that makes its green worth nothing."""
    reasons = []
    for judged in checks:
        if judged.conclusion.outcome is Outcome.HELD and judged.conclusion.exchanges == 0:
            reasons.append(f"{judged.check.name} held without having looked at anything")
        if judged.conclusion.outcome is Outcome.HELD and judged.conclusion.assertions == 0:
            reasons.append(f"{judged.check.name} held without evaluating an assertion")
    if all(judged.conclusion.outcome in {Outcome.ABSENT, Outcome.WAIVED} for judged in checks) and not run.narrowed:
        reasons.append("nothing held: every check is absent in writing or waived" if checks else "no check was planned")
    return tuple(reasons)


def refuted_unproven(checks: tuple[Judged, ...]) -> tuple[str, ...]:
    """Each check that is red and has not been seen red before for the reason that it gives."""
    return tuple(
        f"{judged.check.name} is refuted while UNPROVEN: no fault has shown that it turns red for its reason; run `make proof`"
        for judged in checks
        if refuted(judged) and not judged.check.proven
    )


def inconclusive(checks: tuple[Judged, ...]) -> tuple[str, ...]:
    """How many checks brought no answer, by outcome."""
    words = {
        Outcome.UNKNOWN: ("check could not be told", "checks could not be told"),
        Outcome.BLOCKED: ("check is blocked", "checks are blocked"),
    }
    numbers = Counter(judged.conclusion.outcome for judged in checks)
    return tuple(count(numbers[outcome], *word) for outcome, word in words.items() if numbers[outcome])


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"


def waived(waiver: Waiver, checks: tuple[Judged, ...]) -> Waived:
    """What a waiver covers; one that could have covered a check of this run and did not is stale."""
    named = [judged for judged in checks if judged.check.id == waiver.id]
    covers = tuple(j.check.name for j in named if j.conclusion.outcome is Outcome.WAIVED and j.conclusion.waiver == waiver.ticket)
    outcomes = {judged.conclusion.outcome for judged in named}
    stale = bool(named) and not covers and outcomes <= {Outcome.HELD, Outcome.ABSENT, Outcome.WAIVED}
    why = f"expired on {waiver.until}" if waiver.expired else "matches nothing that is refuted"
    return Waived(waiver, covers, f"the waiver {waiver.ticket} of {waiver.id} {why}: take it out of waivers.toml" if stale else "")


# ---- causes --------------------------------------------------------------------------------------------------


def causes(checks: tuple[Judged, ...], standings: Mapping[str, Standing]) -> tuple[Cause, ...]:
    """Each thing that is wrong, once: refutations most severe first, then grounds, then what could not be told.

    A check that judges a ground and is refuted by it is the cause of all that the ground blocks.
    """
    blocked = grounds_and_what_they_block(checks)
    by_check = [cause_of(judged, blocked) for judged in checks if refuted(judged)]
    told = {judged.check.judges for judged in checks if refuted(judged)}
    by_ground = [
        Cause(name, standings[name].message if name in standings else "", "", Severity.BLOCKER, tuple(names), refutes=False)
        for name, names in blocked.items()
        if name not in told
    ]
    unknown = [cause_of(judged, {}, refutes=False) for judged in checks if judged.conclusion.outcome is Outcome.UNKNOWN]
    order = list(Severity)
    return (*sorted(by_check, key=lambda cause: (order.index(cause.severity), -len(cause.blocks))), *by_ground, *unknown)


def grounds_and_what_they_block(checks: tuple[Judged, ...]) -> dict[str, list[str]]:
    blocked: dict[str, list[str]] = {}
    for judged in checks:
        if judged.conclusion.outcome is Outcome.BLOCKED:
            blocked.setdefault(judged.conclusion.cause, []).append(judged.check.name)
    return blocked


def cause_of(judged: Judged, blocked: Mapping[str, list[str]], *, refutes: bool = True) -> Cause:
    check = judged.check
    blocks = tuple(blocked.get(check.judges, ()))
    return Cause(check.name, judged.conclusion.message, check.first_step, check.severity, blocks, refutes=refutes, proven=check.proven)
