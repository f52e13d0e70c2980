"""No secret stands in any report or on the terminal, whatever breaks and however much is shown."""

import base64
import json
import re
from dataclasses import replace

import pytest

from fixtures.forms import forms
from tests.judging import HEAD, check_that

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


# Characters that URLs, JSON, markup, Python and libpq write in a way of their own.
NASTY = ["it's-\"quoted\"-\\back\\slash", "100% sure & <safe> +/=~", "Käse-漢字-🔑-ende", "x" + "Ab3-_.!" * 40]

TELL = '''
import base64, json, logging
from urllib.parse import quote

def tell(api, target):
    secret = target.database.password.reveal()
    basic = base64.b64encode(f"probe:{secret}".encode()).decode()
    shown = [secret, repr(secret), json.dumps(secret), json.dumps(json.dumps({"a": secret})), secret.encode().hex(), quote(secret, safe=""), basic]
    logging.getLogger("probe").warning("log %s %r", secret, shown)
    api.get("/health?password=" + quote(secret, safe=""))
    return shown, secret.encode(), {secret: [secret, ValueError(secret)]}, basic

def raise_it(api, target):
    secret = target.database.password.reveal()
    headers = {"Authorization": "Basic " + base64.b64encode(f"probe:{secret}".encode()).decode(), "filler": "x" * 300, "end": secret}
    api.get("/health")
    raise RuntimeError(f"postgresql://probe:{quote(secret, safe='')}@db/x failed: {secret!r} {headers} {json.dumps(headers)}")

@trial("trial.raises", probe=raise_it)
def test_raises(seen):
    """It is so.

    If red: look.
    """
    assert seen
'''


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "a-worker"])
@pytest.mark.parametrize("secret", NASTY, ids=["quotes", "percent", "unicode", "long"])
def test_a_careless_probe_tells_nothing(gate, project, secret, workers):
    """Raised, logged, printed, compared, sent, encoded: a secret of any shape stands in no report and not on the terminal."""
    (project / "suites" / "trial" / "test_trial.py").write_text(HEAD + TELL + check_that("print(seen, target.database.password.reveal())\n    assert seen == target.database.password.reveal(), seen", "@trial(probe=tell)", "seen, target"))
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact", "trial.raises"]\n')
    ran = replace(gate, root=project)("--env=local", "suites/trial", "--set", f"database.password={secret}", "-o", "log_cli=true", "--log-cli-level=DEBUG", *NOISY, *workers)

    assert (ran.having("refuted"), ran.having("unknown")) == ({"trial.fact"}, {"trial.raises"}), ran.output
    for where, text in everything_told(ran).items():
        left = [form for form in set(forms(secret)) if len(form) >= 8 and form in text]
        assert left == [], (where, [text[max(0, text.index(form) - 200) : text.index(form) + 40] for form in left])
        assert secret[:12] not in text, where
