"""Whatever service of the stand-in stops or hangs, it is one cause, the right one, and everything else is blocked or holds."""

import pytest

# What stops or hangs, and the one check that is its cause.
CAUSES = {
    "nginx-stopped": "smoke.front-door",
    "nginx-hung": "smoke.front-door",
    "replica-stopped": "smoke.every-replica",
    "replica-hung": "smoke.every-replica",
    "replicas-stopped": "smoke.every-replica",
    "replicas-hung": "smoke.every-replica",
    "postgres-stopped": "smoke.database",
    "postgres-hung": "smoke.database",
    "redis-stopped": "smoke.cache",
    "redis-hung": "smoke.cache",
    "worker-stopped": "smoke.workers",
    "worker-hung": "smoke.workers",
    "prometheus-stopped": "smoke.prometheus",
    "prometheus-hung": "smoke.prometheus",
}

# Symptoms that look like causes of their own: a log-in that hangs with the database, a handshake with the front door.
SYMPTOMS = {
    "postgres-hung": {"smoke.login", "smoke.lines", "smoke.migrations", "smoke.websocket"},
    "nginx-hung": {"smoke.api", "smoke.certificate", "smoke.front-end", "smoke.redirect", "smoke.login", "smoke.websocket"},
    "replicas-hung": {"smoke.api", "smoke.login", "smoke.websocket"},
}
TWO_LOOKS_SECONDS = 20  # of a target whose `look_seconds` is 10


@pytest.mark.parametrize("fault", CAUSES)
def test_what_is_down_is_one_cause(gate, fault):
    """One cause, refuted for itself and in time; what it took along is blocked by it, and nothing is unknown."""
    ran = gate("--env=local", "suites/smoke", f"--fault={fault}")
    causes = ran.verdict["causes"]

    assert [cause["id"] for cause in causes] == [CAUSES[fault]], ran.output
    assert (ran.having("refuted"), ran.having("unknown")) == ({CAUSES[fault]}, set())
    assert SYMPTOMS.get(fault, set()) <= ran.having("blocked") == set(causes[0]["blocks"])
    assert ran.verdict["duration_seconds"] < TWO_LOOKS_SECONDS


def test_two_that_are_down_are_two_causes(gate):
    """Two services that have nothing to do with each other are two causes, and no third."""
    ran = gate("--env=local", "suites/smoke", "--fault=postgres-stopped,prometheus-stopped")

    assert {cause["id"] for cause in ran.verdict["causes"]} == {"smoke.database", "smoke.prometheus"}
    assert ran.having("unknown") == set()


def test_what_was_broken_by_a_release_is_its_own_cause(gate):
    """A log-in that is broken while every store is well is the cause itself, and blocks what needs a token."""
    ran = gate("--env=local", "suites/smoke", "--fault=login-broken")
    (cause,) = ran.verdict["causes"]

    assert (cause["id"], "smoke.lines" in cause["blocks"]) == ("smoke.login", True), ran.output
