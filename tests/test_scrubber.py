"""No secret leaves the process, in whatever form it is written and wherever it is cut off."""

import base64
import html
import json
import logging
from random import Random
from types import SimpleNamespace
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fixtures.evidence import Exchange, Observation
from fixtures.frozen import record_of
from fixtures.guard import CUT, SCRUBBER, STARS, ScrubbedLines, Scrubber, cut, pytest_runtest_makereport

# Characters that are written in a way of their own by URLs, JSON, XML, Python, shells or libpq.
LETTERS = "abcXYZ0129'\"\\%+ /:@&<>=~_-.;é߀漢🔑\t\n{}$"


def secret_of(seed):
    """A secret of six to forty characters, or of some hundreds, of any of these letters."""
    random = Random(seed)
    return "".join(random.choices(LETTERS, k=random.choice([random.randint(6, 40), 400])))


def escaped_alike(text):
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1], repr(text.encode())[2:-1]


def test_the_longer_secret_goes_first():
    """A secret that holds another leaves nothing of itself."""
    assert Scrubber(["swordfish", "swordfish-and-chips"]).clean("swordfish-and-chips") == STARS


def test_a_short_secret_does_not_scrub_words():
    """Three letters are no secret that can be told from a word."""
    assert Scrubber(["abc"]).clean("abcdef") == "abcdef"


def test_each_line_of_a_key_is_found():
    """Of a secret of several lines, one alone is scrubbed; a short one may be ordinary text."""
    key = "-----BEGIN-----\nMIIEvQIBADANBgkq\nend\n"

    assert Scrubber([key]).clean("got MIIEvQIBADANBgkq at the end") == f"got {STARS} at the end"


@pytest.mark.parametrize("broken", ["'swordfi'\n'sh-4711'", "'swordfi'\nE  'sh-4711'", "b'swordfi'\n b'sh-4711'"])
def test_a_secret_that_goes_on_in_the_next_line_is_found(broken):
    """A literal that is broken into lines hides no secret."""
    assert "sh-4711" not in Scrubber(["swordfish-4711"]).clean(f"assert ({broken})")


def test_log_lines_are_scrubbed():
    """A formatter of log lines tells no secret, neither of the message nor of its arguments."""
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "log in as %s", ("swordfish-4711",), None)

    assert ScrubbedLines(logging.Formatter(), Scrubber(["swordfish-4711"])).format(record) == f"log in as {STARS}"


@pytest.mark.parametrize("told", ["it is swordfish-4711", ("file.py", 7, "it is swordfish-4711")], ids=["traceback", "skip"])
def test_a_report_is_scrubbed(told):
    """Whatever a report holds is scrubbed before a reporter sees it: output, properties, traceback, the reason of a skip."""
    report = SimpleNamespace(sections=[("out", "swordfish-4711")], user_properties=[("gate", "swordfish-4711")], longrepr=told)
    item = SimpleNamespace(config=SimpleNamespace(stash={SCRUBBER: Scrubber(["swordfish-4711"])}))
    hook = pytest_runtest_makereport(item)
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(report)

    assert "swordfish" not in str(vars(report))
    assert str(vars(report)).count(STARS) == 3


def test_a_text_that_is_cut_says_so():
    """A text is shortened so that the scrubber sees it."""
    assert Scrubber(["swordfish-4711"]).clean(cut("the word is swordfish-4711", 18)) == f"the word is {STARS}{CUT}"
    assert cut("short", 18) == "short"


def test_both_ends_of_what_was_shortened_are_found():
    """Before the dots stands the beginning of a secret, behind them its end: neither is left."""
    assert Scrubber(["swordfish-4711"]).clean(f"a swordf{CUT}h-4711 b") == f"a {STARS}{CUT}{STARS} b"


def test_a_secret_in_a_literal_in_a_literal_is_found():
    """However often its quotes and backslashes were escaped, nothing of it is left."""
    secret = 'sword"fish\\4711'

    assert "4711" not in Scrubber([secret]).clean(json.dumps(json.dumps(json.dumps({"password": secret}))))


FORMS = {
    "plain": lambda secret: secret,
    "url": lambda secret: quote(secret, safe=""),
    "path": quote,
    "small-url": lambda secret: "".join(c if c.isascii() and c.isalnum() else "".join(f"%{b:02x}" for b in c.encode()) if quote(c, safe="") != c else c for c in secret),
    "form": quote_plus,
    "userinfo": lambda secret: f"https://user:{quote(secret, safe='')}@db.example/x",
    "json": json.dumps,
    "json-in-json": lambda secret: json.dumps(json.dumps({"password": secret})),
    "json-unicode": lambda secret: json.dumps(json.dumps(secret, ensure_ascii=False), ensure_ascii=False),
    "repr": repr,
    "bytes": lambda secret: repr(secret.encode()),
    "repr-in-json": lambda secret: json.dumps(repr({"a": secret})),
    "xml": html.escape,
    "hex": lambda secret: secret.encode().hex(),
    "HEX": lambda secret: secret.encode().hex().upper(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64-url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "basic": lambda secret: "Basic " + base64.b64encode(f"probe:{secret}".encode()).decode(),
    "basic-1": lambda secret: base64.b64encode(f"ab:{secret}".encode()).decode(),
    "basic-2": lambda secret: base64.b64encode(f"a:{secret} and more".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=25, database=None)
@given(seed=some.integers(0, 2**40))
def test_a_secret_is_found_in_every_form(form, seed):
    """Plain, in a URL, in JSON, in a literal, in markup, in hexadecimal, in base64 and inside it: none of it is left."""
    secret = secret_of(seed)
    written = FORMS[form](secret)
    cleaned = Scrubber([secret]).clean(f"before {written} after")

    assert STARS in cleaned
    assert len(cleaned) < len(f"before {written} after") - len(secret) / 2 or len(secret) < 8


@settings(deadline=None, max_examples=60, database=None)
@given(some.integers(0, 2**40))
def test_a_secret_behind_base64_cannot_be_read_back(seed):
    """What is left of a Basic header does not tell the secret: at most the letters at its borders."""
    secret = secret_of(seed)
    cleaned = Scrubber([secret]).clean(base64.b64encode(f"probe:{secret}".encode()).decode())
    pieces = [piece.rstrip("=") for piece in cleaned.split(STARS)]
    left = b"".join(base64.b64decode(piece + "=" * (-len(piece) % 4)) for piece in pieces if len(piece) % 4 != 1)

    assert not any(secret.encode()[at : at + 3] in left.removeprefix(b"probe:") for at in range(len(secret.encode()) - 2))


@settings(deadline=None, max_examples=60, database=None)
@given(some.integers(0, 2**40), some.integers(0, 60))
def test_a_secret_that_is_cut_off_is_found(seed, behind):
    """Neither the beginning nor the end of a secret is left where a text was shortened with dots."""
    secret = "Kennwort" + secret_of(seed)
    middle = f"{{'token': {secret}"[: 10 + 4 + behind] + CUT + f"{secret}}}"[-(4 + behind) - 1 :]
    cleaned = Scrubber([secret]).clean(middle)

    assert "Kenn" not in cleaned
    assert secret[-5:] not in cleaned


@settings(deadline=None, max_examples=40, database=None)
@given(some.integers(0, 2**40))
def test_an_observation_is_kept_without_secrets(seed):
    """A line of observations.jsonl holds no secret, wherever the look has met it, and is still JSON."""
    secret = secret_of(seed)
    answer = json.dumps({"token": secret, "echo": f"user:{secret}@host"}).encode()
    exchanges = (Exchange("http", f"GET http://probe:{quote(secret, safe='')}@x/", repr(secret), 0.1),)
    seen = Observation((answer, b"\xff" + secret.encode(), {"a": [secret]}), ValueError(f"no {secret!r}"), exchanges, 0.1, (f"INFO x: {secret}",))
    line = Scrubber([secret]).clean(json.dumps(record_of("look", seen), ensure_ascii=False))

    assert json.loads(line)["look"] == "look"
    assert not [form for form in (secret, *escaped_alike(secret), quote(secret, safe="")) if form in line]


@settings(deadline=None, max_examples=40, database=None)
@given(some.integers(0, 2**40))
def test_the_password_of_an_address_is_a_secret_too(seed):
    """Of a broker's address, the password alone is scrubbed as well: as it is written, and as it is meant."""
    password = secret_of(seed)
    scrubber = Scrubber([f"redis://:{quote(password, safe='')}@redis.example:6379/0"])

    assert password not in scrubber.clean(f"AUTH {password} failed")
    assert quote(password, safe="") not in scrubber.clean(f"AUTH {quote(password, safe='')} failed")


def test_many_secrets_cost_little():
    """Twenty secrets in a megabyte are scrubbed without a pass for each letter: the text is searched, not parsed."""
    scrubber = Scrubber([secret_of(seed) for seed in range(20)])
    text = ("nothing secret here, only words and more words ... " * 20_000)[:1_000_000]

    assert scrubber.clean(text) == text
