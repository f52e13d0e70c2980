"""What a run says of each claim of the ledger: held, refuted, unknown, UNPROVEN or absent, with its checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from fixtures.claims import Claim
from fixtures.outcome import Outcome
from reports.verdict import Judged


class Status(StrEnum):
    """What is known of a claim."""

    HELD = "held"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    UNPROVEN = "UNPROVEN"
    ABSENT = "absent"


NO_ANSWER = frozenset({Outcome.UNKNOWN, Outcome.BLOCKED})
FALSE = frozenset({Outcome.REFUTED, Outcome.WAIVED})  # a waiver takes a refutation upon somebody; it makes nothing true


def status_of(checks: Sequence[Judged]) -> Status:
    """The status of a claim that these checks test, worst first; what no proven check holds up is UNPROVEN."""
    outcomes = {judged.conclusion.outcome for judged in checks}
    proven = {judged.conclusion.outcome for judged in checks if judged.check.proven}
    if proven & FALSE:
        return Status.REFUTED
    if outcomes & (NO_ANSWER | FALSE):
        return Status.UNKNOWN
    if Outcome.HELD in proven:
        return Status.HELD
    return Status.ABSENT if outcomes == {Outcome.ABSENT} else Status.UNPROVEN


def entries(ledger: Iterable[Claim], checks: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Every claim of the ledger for ``verdict.json``, by its id."""
    return {claim.id: entry(claim, [judged for judged in checks if claim.id in judged.check.claims]) for claim in ledger}


def entry(claim: Claim, checks: Sequence[Judged]) -> dict[str, Any]:
    """One claim with the checks of this run that test it."""
    return {"status": status_of(checks).value, "wave": claim.wave, "checks": [judged.check.name for judged in checks]}
