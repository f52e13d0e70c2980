"""Whole runs of a gate that sees, of one that is blind, and of one that does not try."""

import pytest

from fixtures.controls import CONTROLS
from tests import stub
from tests.conftest import Gate

SUITE = '''
from fixtures.check import Severity, check

def ask(api):
    return api.get("/health")

@check("trial.fact", severity=Severity.CRITICAL, claims=["api.health"], probe=ask)
def test_fact(seen):
    """It is so.

    If red: look.
    """
    assert seen.status == 200
'''

BLINDFOLD = '''
def pytest_configure():
    from dataclasses import replace
    from fixtures.api import Web
    ask = Web.ask
    Web.ask = lambda *arguments, **options: replace(ask(*arguments, **options), status=200)
'''


@pytest.fixture
def judged(project, tmp_path):
    """Run a check of HTTP against the stub."""

    def run(*arguments):
        (project / "blindfold.py").write_text(BLINDFOLD)
        (project / "suites" / "trial" / "test_trial.py").write_text(SUITE)
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
        with stub.serving() as url:
            folder = stub.environment(tmp_path / "stub", url)
            return Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *arguments)

    return run


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_blind_gate_is_void(judged, arguments):
    """A gate whose client turns errors into 200 is VOID, with the reason and once, although its check holds."""
    ran = judged("-p", "blindfold", *arguments)

    assert ran.exit_status == 11, ran.output
    assert ran.verdict["reasons"] == [
        "the control of HTTP looked healthy: api.reachable held on a gateway that answers everything with 502"
    ]


def test_a_gate_that_sees_is_go(judged):
    """With good eyes the run is GO; its record has what was controlled, and no exchange of it counts as the check's."""
    ran = judged("--sequential")

    assert [control["protocol"] for control in ran.verdict["controls"]] == ["HTTP"], ran.output
    assert (ran.exit_status, ran.check("trial.fact")["exchanges"]) == (0, 1)


def test_a_gate_that_does_not_try_its_eyes_is_void(judged):
    """Nobody can leave the controls out."""
    ran = judged("-p", "no:fixtures.eyesight")

    assert ran.exit_status == 11
    assert ran.verdict["reasons"] == ["the gate's eyes were never tried: no control was started"]


def test_a_deployment_is_judged_with_every_control(gate):
    """Against the stand-in the smoke suite is GO, and has tried all that it uses."""
    ran = gate("--env=local", "suites/smoke")
    tried = {control["protocol"] for control in ran.verdict["controls"]}

    assert tried == {control.protocol for control in CONTROLS} - {"SQL over TLS", "Redis over TLS"}, ran.output
    assert ran.exit_status == 0
