"""What has been seen red is believed when it is red; what has not, or has changed since, is not."""

import pytest

from fixtures.proof import LOCK, NoProof, Proof, definitions_in, doubts, lock_text, proven, source_in
from tests import stub
from tests.conftest import Gate, prove
from tests.judging import HEAD, check_that

SUITE = '''
from datetime import datetime
from fixtures.check import Severity, check

LIMIT = 3
SPARE = 4

def twice(number):
    """Two times a number."""
    return 2 * number

def ask(api):
    """One answer."""
    return api.get("/health")

@check("trial.fact", severity=Severity.NORMAL, claims=["api.health"], probe=ask)
def test_fact(seen):
    """It is so.

    If red: look.
    """
    # a remark
    assert twice(seen) < LIMIT, "too much"

def test_other(seen):
    assert seen
'''

# What is done to the suite, and whether the check is another one by it.
EDITS = {
    "comment": ("# a remark", "# another", False),
    "layout": ("twice(seen) < LIMIT", "(twice( seen )\n        < LIMIT)", False),
    "first-step": ("If red: look.", "If red: look at the log.", False),
    "docstring-of-the-probe": ("One answer.", "The answer.", False),
    "unused-constant": ("SPARE = 4", "SPARE = 5", False),
    "another-check": ("assert seen\n", "assert not seen\n", False),
    "unused-import": ("import datetime", "import date", False),
    "judgement": ("twice(seen) < LIMIT", "twice(seen) <= LIMIT", True),
    "message": ("too much", "too many", True),
    "severity": ("Severity.NORMAL", "Severity.MINOR", True),
    "probe": ('"/health"', '"/healthz"', True),
    "constant": ("LIMIT = 3", "LIMIT = 4", True),
    "function-that-it-calls": ("2 * number", "3 * number", True),
    "import": ("fixtures.check import", "fixtures.api import", True),
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_source_is_what_the_check_is(tmp_path, edit):
    """The source changes with what a check does or says, and with nothing else."""
    old, new, changes = EDITS[edit]
    assert old in SUITE
    before, after = tmp_path / "before.py", tmp_path / "after.py"
    before.write_text(SUITE)
    after.write_text(SUITE.replace(old, new))

    assert (source_in(before, "test_fact") != source_in(after, "test_fact")) == changes


def test_the_source_is_alike_in_every_python():
    """A hash that was written by one Python is that of another: fields that are empty do not count."""
    import ast

    from fixtures.proof import text_of

    assert text_of(ast.parse("f(x)[0]").body[0]) == (
        "Expr(value=Subscript(value=Call(func=Name(id='f' ctx=Load()) args=[Name(id='x' ctx=Load())]) "
        "slice=Constant(value=0) ctx=Load()))"
    )


def test_the_lock_comes_back(tmp_path):
    """What is written is what is read."""
    (tmp_path / "suites").mkdir()
    proofs = {"trial.fact": Proof("1f3a", ("a", "b")), "trial.other": Proof("77", ("c",))}
    (tmp_path / LOCK).write_text(lock_text({"trial": proofs}))

    assert proven(tmp_path) == proofs
    assert '"trial.fact" = { source = "1f3a", faults = ["a", "b"] }' in (tmp_path / LOCK).read_text()


BROKEN = {
    "missing": (None, "No such file or directory"),
    "conflict": ("<<<<<<< mine", "Invalid statement"),
    "no-faults": ('[t]\n"t.a" = { source = "1", faults = [] }', "an entry is not { source = …, faults = […] }"),
    "no-source": ('[t]\n"t.a" = { faults = ["a"] }', "an entry is not { source = …, faults = […] }"),
    "no-table": ('t = "a"', "an entry is not { source = …, faults = […] }"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_lock_that_cannot_be_read_is_told(tmp_path, broken):
    """A lock that is missing or broken is one sentence, with what to do."""
    content, reason = BROKEN[broken]
    (tmp_path / "suites").mkdir()
    if content is not None:
        (tmp_path / LOCK).write_text(content)

    with pytest.raises(NoProof, match="run `make proof`"):
        proven(tmp_path)
    assert reason in doubts(tmp_path)[0]


@pytest.fixture
def judged(project, tmp_path):
    """Judge the stub by a suite of one check; with another lock than the one that fits, if it is given."""

    def run(body, *arguments, lock=None):
        suite = project / "suites" / "trial" / "test_trial.py"
        suite.write_text(HEAD + check_that(body))
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
        prove(project, {"trial.fact": "test_fact"})
        if lock is not None:
            lock(project / LOCK, suite)
        with stub.serving() as url:
            folder = stub.environment(tmp_path / "stub", url)
            return Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *arguments)

    return run


def edited_since(_, suite):
    suite.write_text(suite.read_text().replace("'it is there'", "'it is there now'"))


def forgotten(lock, _):
    lock.write_text("")


def lost(lock, _):
    lock.unlink()


REFUTED = "assert seen.status == 404, 'it is there'"


@pytest.mark.parametrize("lock", [edited_since, forgotten])
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "a-worker"])
def test_red_while_unproven_is_inconclusive(judged, lock, workers):
    """A check that was edited since it was proven, or never was, is refuted and yet no NO-GO by itself."""
    ran = judged(REFUTED, *workers, lock=lock)

    assert (ran.having("refuted"), ran.exit_status) == ({"trial.fact"}, 10), ran.output
    assert "trial.fact is refuted while UNPROVEN" in " ".join(ran.output.split())


def test_green_while_unproven_is_counted(judged):
    """A check that was never seen red still holds; the GO line says how many there are, and the record which."""
    ran = judged("assert seen.status == 200", lock=forgotten)

    assert "1 held of 1, 1 UNPROVEN" in ran.output
    assert (ran.exit_status, ran.verdict["strength"], ran.check("trial.fact")["proven"]) == (0, {"proven": 0, "unproven": 1}, False)


@pytest.mark.parametrize("body", [REFUTED, "assert seen.status == 200"])
def test_without_a_lock_it_is_void(judged, body):
    """Where nobody knows what was seen red, neither red nor green is a verdict."""
    ran = judged(body, lock=lost)

    assert ran.exit_status == 11
    assert "suites/proof.lock cannot be read (No such file or directory)" in " ".join(ran.output.split())


def test_definitions_of_one_name_belong_together(tmp_path):
    """A name that is bound twice stands for both."""
    file = tmp_path / "twice.py"
    file.write_text("A = 1\nif A:\n    B = 2\nB = 3\n")

    assert definitions_in(file)["B"].text.count("Assign(") == 2
