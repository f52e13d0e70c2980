"""What is written for Allure: a file a check, or none where nobody wants them."""

import pytest

from tests import stub
from tests.conftest import Gate, prove
from tests.test_outcome import HEAD, check_that

FACT = check_that("assert seen.status == 200", "@trial()")


@pytest.fixture
def ran(project, tmp_path, request):
    """A suite of one check that holds, judged with the options of the test."""
    (project / "suites" / "trial" / "test_trial.py").write_text(HEAD + FACT)
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
    prove(project, {"trial.fact": "test_fact"})
    with stub.serving() as url:
        folder = stub.environment(tmp_path / "stub", url)
        return Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *request.param)


@pytest.mark.parametrize("ran", [()], indirect=True)
def test_a_check_is_one_file(ran):
    """Of one check there is its result, beside the verdict's: fixtures are not told of."""
    files = sorted(file.name.partition("-")[2][-11:] for file in (ran.folder / "allure-results").glob("*.json"))

    assert (files, ran.exit_status) == (["result.json", "result.json"], 0), ran.output


@pytest.mark.parametrize("ran", [("--no-allure",)], indirect=True)
def test_no_allure_is_no_less_of_a_verdict(ran):
    """Without Allure results the verdict and JUnit are as always, and the ending names no folder that is not there."""
    assert {file.name for file in ran.folder.iterdir()} >= {"verdict.json", "junit.xml"}
    assert (ran.folder / "allure-results").exists() is ("allure-results" in ran.output) is False
    assert ran.exit_status == 0
