"""A part of the gate that is taken out (`-p no:NAME`) ends the run, whichever it is, and whichever two."""

import itertools
import subprocess
import sys

import pytest

import conftest
from fixtures.wholeness import FOREIGN
from tests import stub
from tests.fail_closed.ways import STALE, Way, assert_it_means_what_it_says, in_the_gate

# Those that notice, and those that map, guard and keep the ending: two of them at once.
NOTICING = ("fixtures.guard", "fixtures.environment", "fixtures.trial", "reports.gate", "reports.warden")
PAIRS = list(itertools.combinations(NOTICING, 2))


def without(*names):
    arguments = tuple(word for name in names for word in ("-p", f"no:{name}"))
    return Way("a part removed", 1, 4, body="assert seen.status == 200", arguments=arguments)


@pytest.mark.parametrize("part", [*conftest.pytest_plugins, *FOREIGN])
def test_no_part_can_be_removed(part, project, tmp_path):
    """Without any one of its parts the gate ends with exit status 4, though all would hold."""
    ran = in_the_gate(without(part), project, tmp_path)

    assert ran.exit_status == 4, ran.output
    assert f"the gate is not whole: {part} was removed" in ran.output or "unrecognized arguments" in ran.output
    assert_it_means_what_it_says(ran)


@pytest.mark.parametrize("parts", PAIRS, ids="+".join)
def test_no_two_that_notice_can_be_removed(parts, project, tmp_path):
    """Without two of those that would notice, a third one does."""
    ran = in_the_gate(without(*parts), project, tmp_path)

    assert ran.exit_status == 4, ran.output
    assert_it_means_what_it_says(ran)


def test_without_the_gate_itself_somebody_else_says_so(project, tmp_path):
    """Where no option gives it away that nobody would map the ending, another module says what is missing."""
    target = stub.environment(tmp_path / "stub", "http://127.0.0.1:1")
    command = [sys.executable, "-m", "pytest", f"--env={target}", "suites/trial", "-p", "no:reports.gate"]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)

    assert ran.returncode == 4, ran.stdout
    assert "the gate is not whole: reports.gate was removed" in ran.stderr


def test_a_stale_go_is_not_mistaken(project, tmp_path):
    """The GO of an earlier run is replaced as soon as the gate has its folder."""
    ran = in_the_gate(without("fixtures.frontend"), project, tmp_path)

    assert ran.verdict["run"] != STALE
    assert ran.verdict["verdict"] == "USAGE"
