"""--wait-for-release lets a rollout settle before the first look, and a rollout that does not settle is no GO."""

import time

SMOKE = ("--env=local", "suites/smoke")


def test_a_settled_release_is_judged_at_once(gate):
    """The release that is waited for is the one that is judged, and the override is recorded."""
    ran = gate(*SMOKE, "--wait-for-release", "5.0.0", "--within", "20")

    assert ran.exit_status == 0, ran.output
    assert "release 5.0.0 answers everywhere" in ran.output
    assert ran.verdict["overrides"]["release.version"] == "5.0.0"


def test_a_rollout_under_way_is_waited_for(gate):
    """A replica that still runs the old release is waited for, by name, and then judged with the new one."""
    with gate.start(*SMOKE, "--fault=one-replica-old", "--wait-for-release", "5.0.0", "--within", "60") as process:
        seen = next(line for line in process.stdout if "waiting for release 5.0.0" in line)
        time.sleep(0.6)
        gate.standin.switch([])
        output = process.stdout.read()

    assert process.returncode == 0, output
    assert "runs " in seen
    assert "release 5.0.0 answers everywhere" in output


def test_a_rollout_that_does_not_come_is_no_go(gate):
    """What is not there when the time is up is judged as it is."""
    ran = gate(*SMOKE, "--wait-for-release", "9.9.9", "--within", "1")

    assert ran.exit_status == 1
    assert "smoke.release" in ran.having("refuted")


def test_an_unsettled_rollout_is_never_green(gate):
    """Even where nothing selected would notice, a rollout that did not settle is inconclusive."""
    ran = gate(*SMOKE, "--wait-for-release", "9.9.9", "--within", "1", "-k", "headers or header")

    assert ran.exit_status == 10, ran.output
    assert "release 9.9.9 was not everywhere within 1 s" in ran.output
