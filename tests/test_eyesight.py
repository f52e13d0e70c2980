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
from dataclasses import replace
from fixtures.api import Web
ask_truly = Web.ask
Web.ask = lambda *arguments, **options: replace(ask_truly(*arguments, **options), status=200)
'''


@pytest.fixture
def judged(project, tmp_path):
    """Run a check of HTTP against the stub."""

    def run(*arguments, blindfold=""):
        (project / "suites" / "trial" / "test_trial.py").write_text(SUITE + blindfold)
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
        with stub.serving() as url:
            folder = stub.environment(tmp_path / "stub", url)
            return Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *arguments)

    return run


def test_a_blind_gate_is_void(judged):
    """A gate whose client turns errors into 200 is VOID, with the reason and once, although its check holds."""
    ran = judged(blindfold=BLINDFOLD)

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
    """Nobody can leave the controls out: a run that started none is VOID."""
    ran = judged(blindfold="import fixtures.eyesight\nfixtures.eyesight.start = lambda *_: None\n")

    assert ran.exit_status in {3, 11}, ran.output
    assert ran.verdict["verdict"] != "GO"


def test_a_deployment_is_judged_with_every_control(gate):
    """Against the stand-in the smoke suite is GO, and has tried all that it uses."""
    ran = gate("--env=local", "suites/smoke")
    tried = {control["protocol"] for control in ran.verdict["controls"]}

    assert tried == {control.protocol for control in CONTROLS} - {"SQL over TLS", "Redis over TLS"}, ran.output
    assert ran.exit_status == 0
