"""The doctor says in one line each what is in place and what is missing, and judges nothing."""


def test_a_target_in_order_is_all_ok(gate):
    """Names, proxy, trust, grounds, grants and clock are looked at, and nothing is missing."""
    ran = gate("--env=local", "--doctor")

    assert ran.exit_status == 12, ran.output
    assert "MISSING" not in ran.output
    for subject in ("proxy", "CA", "database.reachable", "grant pg_monitor", "grant no superuser", "clock", "api.logged-in"):
        assert f"ok       {subject}" in ran.output, subject


def test_every_unset_secret_is_named_at_once(bare_gate):
    """All that is unset is listed, not only the first."""
    ran = bare_gate("--env=staging", "--doctor")

    assert ran.exit_status == 4
    for name in ("MS5_RELEASE", "MS5_STAGING_PROBE_PASSWORD", "MS5_STAGING_DB_PASSWORD", "MS5_STAGING_REDIS_PASSWORD"):
        assert f"MISSING  ${{{name}}}" in ran.output
        assert f"export {name}=…" in ran.output


def test_what_cannot_be_reached_has_a_remedy(gate):
    """A store that is down is named with what to look at; the rest is looked at all the same."""
    ran = gate("--env=local", "--doctor", "--fault=redis-stopped")

    assert ran.exit_status == 4
    assert "MISSING  cache.reachable" in ran.output
    assert "-> is the password right, and may the gate connect from here?" in ran.output
    assert "ok       database.reachable" in ran.output


def test_a_name_that_does_not_resolve_is_said(bare_gate):
    """Names that lead nowhere are found before any check is."""
    secrets = dict.fromkeys(("MS5_STAGING_PROBE_PASSWORD", "MS5_STAGING_DB_PASSWORD", "MS5_STAGING_REDIS_PASSWORD"), "x-value")
    ran = bare_gate("--env=staging", "--doctor", "--set", "gate.look_seconds=2", MS5_RELEASE="5.0.0", **secrets)

    assert ran.exit_status == 4
    assert "MISSING  app.staging.ms5.example  does not resolve" in ran.output
    assert "give it an address in [network.resolve]" in ran.output
