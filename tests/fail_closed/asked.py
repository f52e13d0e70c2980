"""Ways of the command line, of its environment variables, and of what is loaded by them."""

import json

from tests.fail_closed.ways import Way

FACT = "suites/trial/test_trial.py::test_fact"
OTHER = "suites/trial/test_trial.py::test_other"
SWALLOWS = """
import pytest
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport():
    report = yield
    report.outcome, report.longrepr = "passed", None
    return report
"""
LEAVES = "def pytest_sessionfinish():\n    raise SystemExit(0)\n"
LEAVES_LATE = "import atexit, os\natexit.register(os._exit, 0)\n"
ONLY_OTHER = "[pytest]\npython_functions = test_other\n"
CACHE = "../../.cache/pytest/v/cache/"  # of an earlier run, in which `other` failed
LAST_FAILED = {CACHE + "lastfailed": json.dumps({OTHER: True})}
LAST_STEP = {CACHE + "stepwise": json.dumps({"last_failed": OTHER, "last_test_count": 2, "last_cache_date_str": "2026-01-01T00:00:00"})}


def with_addopts(options: str, status: int, sentence: str, plain: int = 0) -> Way:
    """The same option, hidden in PYTEST_ADDOPTS."""
    return Way(f"PYTEST_ADDOPTS={options!r}", plain, status, sentence, variables={"PYTEST_ADDOPTS": options})


ASKED = (
    Way("-k other", 0, 12, "-k was given, so only a part was judged", arguments=("-k", "other")),
    Way("-k nothing", 5, 5, "nothing collected", arguments=("-k", "no_such_name")),
    Way("-m not slow", 0, 12, "-m was given", marks="@pytest.mark.usefixtures()", arguments=("-m", "not usefixtures")),
    Way("--deselect", 0, 12, "--deselect was given", arguments=("--deselect", FACT)),
    Way("--ignore", 5, 5, "nothing collected", arguments=("--ignore", "suites/trial/test_trial.py")),
    Way("--ignore-glob", 5, 5, "nothing collected", arguments=("--ignore-glob", "*trial.py")),
    Way("a node id", 0, 12, "is only a part of its suite", arguments=(OTHER, "--deselect", FACT)),
    Way("--collect-only", 0, 12, "--collect-only executes no check", arguments=("--collect-only",)),
    Way("--setup-only", 0, 12, "--setup-only executes no check", arguments=("--setup-only",)),
    Way("--setup-plan", 0, 12, "--setup-plan executes no check", arguments=("--setup-plan",)),
    Way("--fixtures", 0, 12, "--fixtures executes no check", arguments=("--fixtures",)),
    Way("--markers", 0, 12, "--markers executes no check", arguments=("--markers",)),
    Way("--help", 0, 12, "--help executes no check", arguments=("--help",)),
    Way("--version twice", 0, 11, "was not collected", arguments=("--version", "--version")),
    Way("-x", 1, 1, "trial.fact", arguments=("-x",)),
    Way("-o python_functions", 0, 4, "-o python_functions=test_other changes its configuration", arguments=("-o", "python_functions=test_other")),
    Way("-o python_files", 5, 4, "changes its configuration", arguments=("-o", "python_files=other_*.py")),
    Way("-o empty_parameter_set_mark=skip", 0, 4, "changes its configuration", marks="@pytest.mark.parametrize('number', [])",
        arguments_of_test="seen, number", arguments=("-o", "empty_parameter_set_mark=skip")),
    Way("-o xfail_strict", 0, 4, "changes its configuration", marks="@pytest.mark.xfail", arguments=("-o", "xfail_strict=false")),
    Way("-o addopts", 0, 4, "changes its configuration", arguments=("-o", "addopts=-k other -p no:anyio")),
    Way("-o enable_assertion_pass_hook=false", 0, 4, "changes its configuration", body="pass", arguments=("-o", "enable_assertion_pass_hook=false")),
    Way("-o testpaths", 1, 4, "changes its configuration", arguments=("-o", "testpaths=elsewhere")),
    Way("-c other.ini", 0, 4, "", files={"other.ini": ONLY_OTHER}, arguments=("-c", "suites/trial/other.ini")),
    Way("--rootdir", 1, 4, "", arguments=("--rootdir", "suites")),
    Way("--noconftest", 0, 4, "", body="assert seen.status == 200", files={"conftest.py": "import pytest\n@pytest.fixture(autouse=True)\ndef look():\n    assert 0\n"},
        arguments=("--noconftest",)),
    Way("--confcutdir", 1, 4, "", arguments=("--confcutdir", "suites/trial")),
    Way("--assert=plain", 1, 11, "", arguments=("--assert=plain",)),
    Way("--assert=plain and PYTHONOPTIMIZE=1", 0, 11, "held without evaluating an assertion", arguments=("--assert=plain",), variables={"PYTHONOPTIMIZE": "1"}),
    Way("PYTHONOPTIMIZE=1", 1, 1, "REFUTED trial.fact", variables={"PYTHONOPTIMIZE": "1"}),
    Way("PYTHONOPTIMIZE=2", 1, 2, "its docstring does not open with the claim", variables={"PYTHONOPTIMIZE": "2"}),
    Way("--lf with an old cache", 0, 12, "--lf was given", files=LAST_FAILED, arguments=("--lf",)),
    Way("--sw with an old cache", 0, 12, "--stepwise was given", files=LAST_STEP, arguments=("--sw",)),
    Way("--maxfail", 1, 1, "trial.fact", arguments=("--maxfail=5",)),
    Way("--runxfail", 1, 10, "it is marked xfail", marks="@pytest.mark.xfail", arguments=("--runxfail",)),
    with_addopts("-k other", 12, "-k was given"),
    with_addopts("--co", 12, "--collect-only executes no check"),
    with_addopts("-o python_functions=test_other", 4, "changes its configuration"),
    with_addopts("--noconftest", 4, "", plain=1),
    with_addopts("-x", 1, "trial.fact", plain=1),
    with_addopts("--exitfirst --deselect " + FACT, 12, "--deselect was given"),
    with_addopts("-p no:reports.gate", 4, "unrecognized arguments: --out", plain=1),
    Way("PYTEST_DISABLE_PLUGIN_AUTOLOAD", 1, 4, "allure_pytest was removed (unset PYTEST_DISABLE_PLUGIN_AUTOLOAD)", variables={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
    Way("PYTEST_PLUGINS that turns reports green", 0, 4, "PYTEST_PLUGINS adds added: unset it", files={"added.py": SWALLOWS}, variables={"PYTEST_PLUGINS": "added"}),
    Way("PYTEST_PLUGINS that exits at the end", 0, 4, "PYTEST_PLUGINS adds added", files={"added.py": LEAVES}, variables={"PYTEST_PLUGINS": "added"}),
    Way("PYTEST_PLUGINS that leaves at exit", 0, 4, "PYTEST_PLUGINS adds added", files={"added.py": LEAVES_LATE}, variables={"PYTEST_PLUGINS": "added"}),
    Way("-p that turns reports green", 0, 4, "-p added adds a plugin", files={"added.py": SWALLOWS}, arguments=("-p", "added")),
)  # fmt: skip
