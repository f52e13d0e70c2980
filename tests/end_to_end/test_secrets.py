"""No secret stands in any report or on the terminal, whatever breaks and however much is shown."""

import base64
import json
import re

import pytest

NOISY = ["-vv", "--showlocals", "--tb=long", "-rA"]


def secrets_of(standin):
    """Every secret that a gate at this stand-in knows of, and the forms it may be written in."""
    known = standin.references
    values = [known[key] for key in ("probe_password", "database_password", "cache_password")]
    return [*values, *(base64.b64encode(value.encode()).decode() for value in values)]


def everything_told(ran):
    """All that a run left behind, by file."""
    files = {str(file): file.read_text("utf-8", "replace") for file in ran.folder.rglob("*") if file.is_file()}
    return {"terminal": ran.output, **files}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_no_secret_is_told(gate, workers):
    """With everything shown and much of it broken, no password stands anywhere."""
    ran = gate("--env=local", "suites/smoke", "--fault=login-wrong-role,lines-invented,health-constant", *NOISY, *workers)

    assert ran.exit_status == 1
    told = everything_told(ran)
    assert len(told) > 20
    for where, text in told.items():
        assert not [secret for secret in secrets_of(gate.standin) if secret in text], where


def test_a_token_is_a_secret_too(gate):
    """A token that the target handed out is scrubbed like a password."""
    ran = gate("--env=local", "suites/smoke", "--fault=login-wrong-role", *NOISY)

    for where, text in everything_told(ran).items():
        assert "eyJhbGciOi" not in text, where  # what every HS256 token begins with
        for packed in re.findall(r'"bytes": "([^"]*)"', text):
            assert b"eyJhbGciOi" not in base64.b64decode(packed), where


def test_an_overridden_secret_is_told_nowhere(gate):
    """A password given by --set, and wrong, stands in no report either."""
    ran = gate("--env=local", "suites/smoke", "--set", "database.password=swordfish-4711", *NOISY)

    assert ran.exit_status == 1
    assert json.loads((ran.folder / "verdict.json").read_text())["overrides"] == {"database.password": "***"}
    for where, text in everything_told(ran).items():
        assert "swordfish-4711" not in text, where
