"""The exit status is the product: the user's own command lines, each in a process of its own, green and red."""

import json
import signal
import time
from xml.etree import ElementTree

import pytest

LOCAL = "--env=local"
SMOKE = "suites/smoke"


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_a_healthy_deployment_is_go(gate, workers):
    """A healthy deployment is GO, exit status 0, in every report."""
    ran = gate(LOCAL, SMOKE, *workers)

    assert ran.exit_status == 0, ran.output
    assert (ran.verdict["verdict"], ran.verdict["exit_status"]) == ("GO", 0)
    assert ran.verdict["suites"] == ["smoke"]
    assert "\nGO  local" in ran.output
    assert case(ran, "verdict").find("failure") is None
    assert allure_status(ran, "gate.verdict") == "passed"


def test_a_healthy_production_is_go(bare_gate):
    """The stand-in in the shape of a production is GO as well, started and removed by the gate itself."""
    ran = bare_gate(LOCAL, SMOKE, "--set", "standin.shape=production")

    assert ran.exit_status == 0, ran.output
    assert ran.verdict["overrides"] == {"standin.shape": "production"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_a_broken_deployment_is_no_go_and_says_why(gate, workers):
    """A fault is NO-GO, exit status 1, and the ending names the check, the reason and the first step."""
    ran = gate(LOCAL, SMOKE, "--fault=health-constant", *workers)

    assert ran.exit_status == 1, ran.output
    assert ran.having("refuted") == {"smoke.health-computed"}
    assert "REFUTED  smoke.health-computed (blocker)" in ran.output
    assert "two calls gave the timestamps" in ran.output
    assert "do  do not switch; the endpoint is a constant" in ran.output
    assert case(ran, "verdict").find("failure").get("message") == "NO-GO"
    assert allure_status(ran, "gate.verdict") == "failed"


def test_one_cause_and_what_it_blocks(gate):
    """A database that is down is one cause; what stands on it is blocked, and told by name below it."""
    ran = gate(LOCAL, SMOKE, "--fault=postgres-stopped")

    assert ran.exit_status == 1, ran.output
    cause = next(cause for cause in ran.verdict["causes"] if cause["id"] == "smoke.database")
    assert "smoke.migrations" in cause["blocks"]
    assert ran.check("smoke.migrations")["outcome"] == "blocked"
    assert "blocked by it: " in ran.output


def test_what_cannot_be_told_is_inconclusive(gate):
    """Looks without an answer are neither GO nor NO-GO: exit status 10."""
    ran = gate(LOCAL, SMOKE, "--set", "gate.look_seconds=0.0001")

    assert ran.exit_status in {1, 10}, ran.output
    assert ran.having("held") == set()


USAGE = [
    (["--env=nowhere", SMOKE], "--env=nowhere: no such environment: known are local, production, staging"),
    ([SMOKE], "suites/smoke needs a target, and there is no default one: add --env=NAME"),
    (["--env=staging", SMOKE], "needs the environment variable MS5_RELEASE, which is not set: export MS5_RELEASE=…"),
    ([LOCAL, "suites/smokey"], "suites/smokey: there is no such suite"),
    ([LOCAL, "tests"], "tests is no suite, and --env judges nothing else"),
    ([LOCAL, SMOKE, "--fault=helth-constant"], "no fault is named 'helth-constant'; near: health-constant"),
    ([LOCAL, SMOKE, "--set", "api.base_uri=x"], "[api] base_uri is not a key of this table: did you mean 'base_url'?"),
    ([LOCAL, SMOKE, "--slot=purple"], "--slot"),
]


@pytest.mark.parametrize(("arguments", "sentence"), USAGE, ids=[" ".join(row[0]) for row in USAGE])
def test_usage_is_four_and_one_sentence(gate, arguments, sentence):
    """What is asked wrongly ends with exit status 4 and a sentence with the remedy, and looks at nothing."""
    ran = gate(*arguments)

    assert ran.exit_status == 4, ran.output
    assert sentence in ran.output
    assert "Traceback" not in ran.output


PARTIAL = [
    [SMOKE, "-k", "login"],
    ["suites/smoke/test_access.py"],
    ["suites/smoke/test_access.py::test_reads_need_a_token"],
    [SMOKE, "-x"],
    [SMOKE, "--deselect", "suites/smoke/test_access.py::test_reads_need_a_token"],
    [SMOKE, "--collect-only", "-q"],
    [SMOKE, "--catalogue"],
    [SMOKE, "--check-config"],
    [SMOKE, "-k", "login", "-n", "2"],
]


@pytest.mark.parametrize("arguments", PARTIAL, ids=[" ".join(row) for row in PARTIAL])
def test_a_part_is_never_go(gate, arguments):
    """What judges only a part, or nothing, ends with exit status 12 even if all of it is green."""
    ran = gate(LOCAL, *arguments)

    assert ran.exit_status == 12, ran.output
    assert ran.verdict["verdict"] == "PARTIAL"
    assert ran.verdict["reasons"]


def test_a_part_that_is_refuted_is_still_no_go(gate):
    """Narrowing hides no refutation."""
    assert gate(LOCAL, SMOKE, "-k", "health", "--fault=health-constant").exit_status == 1


def test_nothing_selected_is_five(gate):
    """Nothing selected is pytest's own five, and no verdict."""
    ran = gate(LOCAL, SMOKE, "-k", "there-is-no-such-check")

    assert (ran.exit_status, ran.verdict["verdict"]) == (5, "NOTHING-COLLECTED")


def test_reports_that_cannot_be_written_are_void(gate):
    """A verdict that nobody can read is none: exit status 11 and the folder's name."""
    ran = gate(LOCAL, SMOKE, "--out=/proc/reports")

    assert ran.exit_status == 11, ran.output
    assert "VOID  a report cannot be written: /proc/reports" in ran.output


def test_two_gates_do_not_share_a_folder(gate):
    """A second gate on the same report folder is refused in a sentence."""
    first = gate.start(LOCAL, SMOKE)
    wait_for(gate.folder / "verdict.json")
    second = gate(LOCAL, SMOKE)
    first.communicate(timeout=60)

    assert second.exit_status == 4
    assert "another gate is writing to" in second.output
    assert first.returncode == 0


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_ctrl_c_is_two(gate, workers):
    """Ctrl-C ends with exit status 2 and a record that says so."""
    process = gate.start(LOCAL, SMOKE, *workers)
    wait_for(gate.folder / "allure-results")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 2, output
    assert json.loads((gate.folder / "verdict.json").read_text())["verdict"] == "INTERRUPTED"


def test_a_kill_leaves_void(gate):
    """A gate that is killed leaves a record that says VOID, whatever stood there before."""
    assert gate(LOCAL, SMOKE).exit_status == 0
    process = gate.start(LOCAL, SMOKE)
    while json.loads((gate.folder / "verdict.json").read_text())["verdict"] == "GO":
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=30)

    assert json.loads((gate.folder / "verdict.json").read_text())["verdict"] == "VOID"


def test_a_bare_pytest_runs_the_self_tests(bare_gate):
    """Without --env there is no target: pytest collects the self-tests and no check."""
    ran = bare_gate("--collect-only", "-q", "tests/test_verdict.py")

    assert ran.exit_status == 0, ran.output
    assert "tests/test_verdict.py" in ran.output


def test_the_catalogue_is_json(gate):
    """--catalogue --json prints what would run, for machines, and starts nothing."""
    output = gate("--env=local", SMOKE, "--catalogue", "--json", "-q").output
    catalogue = json.loads(output[output.index("[\n") : output.rindex("\n]") + 2])

    assert {entry["id"].partition(".")[0] for entry in catalogue} == {"smoke"}
    assert all(entry["first_step"] for entry in catalogue)


def test_a_slot_is_judged_by_itself(gate):
    """--slot aims at the slot's replicas: what is broken in the other slot is not its fault."""
    assert gate(LOCAL, SMOKE, "--slot=green", "--fault=one-replica-old").exit_status == 0


def case(ran, name):
    """A test case of junit.xml."""
    return ElementTree.parse(ran.folder / "junit.xml").find(f".//testcase[@name='{name}']")


def allure_status(ran, name):
    """The status of an Allure result by its full name."""
    results = [json.loads(file.read_text()) for file in (ran.folder / "allure-results").glob("*-result.json")]
    return next(result["status"] for result in results if result["fullName"] == name)


def wait_for(path, seconds=30):
    ends_at = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < ends_at, f"{path} never came"
        time.sleep(0.02)
