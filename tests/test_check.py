"""What calls itself a check and is none is refused at collection, with a sentence."""

import pytest

from tests.conftest import Gate

GOOD = '''
from fixtures.check import Severity, check

def ask(api):
    return api.get("/health")

@check("trial.answers", severity=Severity.NORMAL, claims=["api.health"], probe=ask, needs=["api.reachable"])
def test_it_answers(seen):
    """It answers.

    If red: look.
    """
    assert seen.status == 200
'''

VIOLATIONS = {
    "ill-formed-id": ('"trial.answers"', '"Trial answers"', "its id 'Trial answers' is not of the form subject.fact"),
    "no-claims": ('claims=["api.health"]', "claims=[]", "it names no claim"),
    "unknown-claim": ('claims=["api.health"]', 'claims=["api.helth"]', "its claim 'api.helth' does not stand in environments/claims.toml"),
    "no-sentence": ("It answers.\n", "It answers\n", "its docstring does not open with the claim"),
    "no-docstring": ('"""It answers.\n\n    If red: look.\n    """\n    ', "", "its docstring does not open with the claim"),
    "no-first-step": ("If red: look.", "If it is red, look.", "its docstring has no 'If red:'"),
    "unknown-ground": ('needs=["api.reachable"]', 'needs=["api.reachible"]', "it needs the unknown ground 'api.reachible'; known are"),
    "unknown-weighed-ground": ('needs=["api.reachable"]', 'weighs=["db.up"]', "it needs the unknown ground 'db.up'; known are"),
    "unknown-client": ("def ask(api):", "def ask(apy):", "its probe takes 'apy', which is neither a client"),
    "nothing-seen": ("def test_it_answers(seen):", "def test_it_answers():", "its judgement does not take `seen`"),
    "no-check": ("@check(", "_ = (lambda *a, **k: (lambda f: f))(", "is no check: give it @check(…), or move it to tests/"),
}


def collected(project, text):
    (project / "suites" / "trial" / "test_trial.py").write_text(text)
    return Gate(project / "out", root=project)("--env=local", "suites/trial", "--catalogue")


@pytest.mark.parametrize("name", VIOLATIONS)
def test_each_violation_has_its_sentence(project, name):
    """A check that breaks a rule stops the run at collection and is told what to do."""
    old, new, sentence = VIOLATIONS[name]
    assert old in GOOD
    ran = collected(project, GOOD.replace(old, new))

    assert ran.exit_status == 2, ran.output
    assert sentence in " ".join(ran.output.split())


def test_an_id_is_given_once(project):
    """Two checks with one id stop the run."""
    twice = GOOD + GOOD.partition("@check")[1] + GOOD.partition("@check")[2].replace("test_it_answers", "test_it_answers_again")
    ran = collected(project, twice)

    assert ran.exit_status == 2, ran.output
    assert "its id stands already in suites/trial/test_trial.py: test_it_answers" in " ".join(ran.output.split())


def test_a_good_check_is_collected(project):
    """What breaks no rule is catalogued."""
    ran = collected(project, GOOD)

    assert ran.exit_status == 12, ran.output
    assert "trial.answers" in ran.output
