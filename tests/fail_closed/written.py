"""Ways that stand in the suite itself: what somebody wrote, renamed or marked."""

from tests.fail_closed.ways import Way

HOOKS = "import pytest\n"

WRITTEN = (
    Way("marked skip", 0, 10, "its setup failed: Skipped: unconditional skip", marks="@pytest.mark.skip"),
    Way("marked skipif", 0, 10, "its setup failed: Skipped: not today", marks="@pytest.mark.skipif(True, reason='not today')"),
    Way("skips itself", 0, 10, "it skipped itself: not today", body="pytest.skip('not today')"),
    Way("skips its module", 5, 5, "nothing collected", top="pytest.skip('x', allow_module_level=True)"),
    Way("imports what is not there, or skips", 5, 5, "nothing collected", top="pytest.importorskip('no_such_library')"),
    Way("marked xfail", 0, 10, "it is marked xfail", marks="@pytest.mark.xfail"),
    Way("marked xfail, strict", 0, 10, "it is marked xfail", marks="@pytest.mark.xfail(strict=True)"),
    Way("xfails itself", 0, 10, "known", body="pytest.xfail('known')"),
    Way("asserts nothing", 0, 11, "trial.fact held without evaluating an assertion", body="pass"),
    Way("returns early", 0, 11, "held without evaluating an assertion", body="return\n    assert seen.status == 404"),
    Way("loops over nothing", 0, 11, "held without evaluating an assertion", body="for entry in []:\n        assert entry"),
    Way("swallows its assertion", 0, 11, "held without evaluating an assertion", body="try:\n        assert seen.status == 404\n    except AssertionError:\n        pass"),
    Way("returns instead of asserting", 0, 10, "returned a value instead of asserting", body="return seen.status == 404"),
    Way("asserts a tuple", 0, 2, "assertion is always true", body="assert (seen.status == 404, 'it is there')"),
    Way("an empty set of parameters", 0, 2, "Empty parameter set in 'test_fact'", marks="@pytest.mark.parametrize('number', [])", arguments_of_test="seen, number"),
    Way("is no test any more", 0, 11, "trial.fact stands in suites/catalogue.lock and was not collected", name="fact"),
    Way("is not to be collected", 0, 11, "trial.fact stands in suites/catalogue.lock and was not collected", top="def forget(f):\n    f.__test__ = False\n    return f", marks="@forget"),
    Way("its file is renamed", 5, 5, "nothing collected", file="trial.py"),
    Way("its id is changed", 1, 11, "trial.fact stands in suites/catalogue.lock and was not collected", id="trial.renamed"),
    Way("a syntax error", 2, 2, "SyntaxError", top="def"),
    Way("leaves pytest with status 0", 0, 10, "", body="pytest.exit('done', returncode=0)"),
    Way("collect_ignore in a conftest.py", 5, 5, "nothing collected", files={"conftest.py": "collect_ignore = ['test_trial.py']"}),
    Way("a conftest.py that drops items", 0, 11, "trial.fact stands in suites/catalogue.lock and was not collected",
        files={"conftest.py": "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'other' in i.name]\n"}),
    Way("a conftest.py that deselects", 0, 11, "trial.fact stands in suites/catalogue.lock and was not collected",
        files={"conftest.py": "def pytest_collection_modifyitems(config, items):\n    config.hook.pytest_deselected(items=items[:1])\n    items[:] = items[1:]\n"}),
    Way("a conftest.py that turns reports green", 0, 1, "REFUTED trial.fact", files={"conftest.py": HOOKS + """
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport():
    report = yield
    report.outcome, report.longrepr = "passed", None
    return report
"""}),
    Way("a conftest.py that does not call the test", 0, 10, "it was planned and never concluded", files={"conftest.py": HOOKS + """
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol():
    return True
"""}),
    Way("a conftest.py that swallows what the test raises", 0, 1, "REFUTED trial.fact", files={"conftest.py": HOOKS + """
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    try:
        return (yield)
    except BaseException:
        return True
"""}),
    Way("a conftest.py that sets the status", 0, 1, "REFUTED trial.fact", files={"conftest.py": HOOKS + """
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    session.exitstatus = 0
"""}),
    Way("a conftest.py that exits at the end", 0, 3, "SystemExit", files={"conftest.py": "def pytest_sessionfinish():\n    raise SystemExit(0)\n"}),
    Way("a conftest.py that leaves at the start", 0, 11, "trial.fact stands in suites/catalogue.lock and was not collected", files={"conftest.py": HOOKS + "def pytest_sessionstart():\n    pytest.exit('done', returncode=0)\n"}),
)  # fmt: skip
