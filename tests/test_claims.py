"""The ledger: every claim has its status in every verdict, and its place in docs/claims.md."""

import pytest

from fixtures.check import Severity
from fixtures.claims import Claim, ledger
from fixtures.outcome import Conclusion, Outcome
from reports.claims import entries, status_of
from reports.verdict import Judged, Planned
from tests.conftest import ROOT
from tests.proof.claims import PAGE, text_of


def judged(outcome, *, proven=True, claims=("api.health",)):
    """A check of these claims with that outcome."""
    planned = Planned("node", "trial.fact", "It is so.", claims, Severity.CRITICAL, "look", proven=proven)
    return Judged(planned, Conclusion(Outcome(outcome)))


ROWS = [
    (["held"], "held"), (["held", "refuted"], "refuted"), (["held", "waived"], "refuted"), (["held", "unknown"], "unknown"),
    (["held", "blocked"], "unknown"), (["absent"], "absent"), (["held", "absent"], "held"), ([], "UNPROVEN"),
]  # fmt: skip


@pytest.mark.parametrize(("outcomes", "status"), ROWS, ids=str)
def test_the_worst_of_its_checks_is_what_is_known(outcomes, status):
    """Refuted before unknown before held; what nothing tests is UNPROVEN."""
    assert status_of([judged(outcome) for outcome in outcomes]) == status


def test_an_unproven_check_proves_no_claim():
    """Held by a check that was never seen red, a claim is UNPROVEN; refuted by one, it is unknown."""
    assert status_of([judged("held", proven=False)]) == "UNPROVEN"
    assert status_of([judged("refuted", proven=False)]) == "unknown"


def test_every_claim_is_told():
    """A claim that no check of the run tests stands in the record all the same."""
    claims = (Claim("api.health", "1", "live", "It is computed."), Claim("a.b", "2", "drill", "It comes back.", 2))

    assert entries(claims, [judged("held")]) == {
        "api.health": {"status": "held", "wave": 1, "checks": ["trial.fact"]},
        "a.b": {"status": "UNPROVEN", "wave": 2, "checks": []},
    }


def test_a_verdict_has_the_whole_ledger(gate):
    """verdict.json tells of every claim; those that smoke tests are held on a healthy deployment."""
    told = gate("--env=local", "suites/smoke").verdict["claims"]

    assert set(told) == {claim.id for claim in ledger(ROOT)}
    assert {entry["status"] for entry in told.values() if entry["checks"]} == {"held"}


def test_the_page_is_current():
    """docs/claims.md is what the catalogue and the lock say."""
    assert (ROOT / PAGE).read_text("utf-8") == text_of(ROOT)
