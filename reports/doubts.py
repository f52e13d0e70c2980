"""Why a run cannot vouch for itself, gathered from those who would know."""

from __future__ import annotations

import pytest

from fixtures.identity import IDENTITY
from fixtures.observations import KEEPER
from reports.ledger import Ledger


def identified(config: pytest.Config) -> list[str]:
    """Why the target is not what the run was about, or was not all the time."""
    return list(config.stash[IDENTITY].distrust()) if IDENTITY in config.stash else []


def unpinned(config: pytest.Config) -> str:
    """Why nobody knows that it was the same target all the time, if so."""
    return config.stash[IDENTITY].unsettled() if IDENTITY in config.stash else ""


def unkept(config: pytest.Config) -> list[str]:
    """Why the observations of this run could not be kept, if so."""
    return [config.stash[KEEPER].trouble] if KEEPER in config.stash and config.stash[KEEPER].trouble else []


def distrust(ledger: Ledger, status: int | None, *, idle: bool) -> list[str]:
    """What does not add up between pytest's own ending and the books."""
    reasons = [f"{node_id} was announced by a worker and its plan never arrived" for node_id in ledger.unplanned()]
    worst = {conclusion.outcome.value for conclusion in ledger.conclusions.values()}
    if not idle and status == pytest.ExitCode.TESTS_FAILED and not worst & {"refuted", "unknown"}:
        concluded = set(ledger.conclusions) >= set(ledger.planned)
        if concluded:
            reasons.append("pytest counts a failure that no check accounts for")
    return reasons
