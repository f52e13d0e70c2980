"""What is written for Allure: a file a check, or none where nobody wants them."""

from tests.judging import check_that

FACT = check_that("assert seen.status == 200")


def test_a_check_is_one_file(judged):
    """Of one check there is its result, beside the verdict's: fixtures are not told of."""
    ran = judged(FACT)
    files = [file.name for file in (ran.folder / "allure-results").glob("*.json")]

    assert [name.endswith("-result.json") for name in files] == [True, True], files
    assert ran.exit_status == 0, ran.output


def test_no_allure_is_no_less_of_a_verdict(judged):
    """Without Allure results the verdict and JUnit are as always, and the ending names no folder that is not there."""
    ran = judged(FACT, "--no-allure")

    assert {file.name for file in ran.folder.iterdir()} >= {"verdict.json", "junit.xml"}
    assert (ran.exit_status, "allure-results" in ran.output, (ran.folder / "allure-results").exists()) == (0, False, False)
