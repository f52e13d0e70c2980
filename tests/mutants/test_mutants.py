"""The mutations are what they say, and a few of them tried; ``make mutants`` tries all."""

import ast
from collections import Counter

import pytest

from tests.conftest import ROOT
from tests.mutants.__main__ import campaign, line
from tests.mutants.mutations import MUTATIONS, Mutation
from tests.mutants.trial import Tried, mutated

FEWEST = 36
SAMPLE = ("verdict.narrowed-is-dropped", "engine.blocked-looks-anyway", "guard.sessions-take-any-method")
HARMLESS = Mutation("harmless", "reports/verdict.py", "How pytest ended.", "How it ended.", ("tests/test_verdict.py",))


def test_each_mutation_stands_for_itself():
    """There are enough of them, and no name and no change is there twice."""
    changes = Counter((mutation.file, mutation.old, mutation.new) for mutation in MUTATIONS)

    assert len(changes) == len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= FEWEST


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_each_mutation_changes_one_place(mutation):
    """Its old text stands exactly once in its file, and what it becomes is still Python, and another program."""
    before, after = (ROOT / mutation.file).read_text("utf-8"), mutated(mutation)

    assert ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))
    assert all((ROOT / test).is_file() for test in mutation.tests)


def test_a_text_that_is_not_there_once_is_refused():
    """A mutation whose place has gone says so: it would be killed by nothing, or change nothing."""
    with pytest.raises(ValueError, match=r"its old text stands 0 times in reports/verdict\.py"):
        mutated(Mutation("gone", "reports/verdict.py", "no such text", "", ()))


def test_a_sample_is_killed(capsys):
    """A mutation of the verdict, of the engine and of the guard are each noticed by the tests of that module."""
    sample = [mutation for mutation in MUTATIONS if mutation.name in SAMPLE]

    assert (len(sample), campaign(sample, jobs=2, most_seconds=120)) == (len(SAMPLE), False), capsys.readouterr().out


def test_what_changes_nothing_survives(capsys):
    """A change that makes no lie is not said to be killed: the campaign can fail."""
    assert campaign([HARMLESS], jobs=1, most_seconds=120)
    assert "SURVIVED  harmless\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "told"), [(1, "killed    harmless"), (0, "SURVIVED  harmless"), (None, "harmless  its tests hung"), (4, "harmless  exit status 4")]
)
def test_only_a_failing_test_kills(status, told):
    """Tests that hang, or that never began, have noticed nothing."""
    assert line(HARMLESS, Tried(status, 1.0, ""), 10).endswith(told)
