"""What may not be done is stopped before the wire; what may not be shown is scrubbed."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fixtures.errors import NotPermitted
from fixtures.guard import STARS, Scrubber, require_read, require_read_command, require_read_frame


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "PURGE"])
def test_methods_that_write_are_stopped(method):
    """Only reads go out."""
    with pytest.raises(NotPermitted, match="was not sent"):
        require_read(method, "/api/v1/production/lines")


@pytest.mark.parametrize(("method", "path"), [("GET", "/x"), ("HEAD", "/x"), ("OPTIONS", "/x"), ("POST", "/api/v1/auth/login")])
def test_reads_and_the_own_session_pass(method, path):
    """Reads pass, and so does logging the probe account in."""
    require_read(method, path)


@pytest.mark.parametrize("path", ["/api/v1/auth/login/", "/api/v1/auth/login/../users", "/api/v1/auth/users", "//api/v1/auth/login"])
def test_what_looks_like_a_session_is_stopped(path):
    """Only the session's own routes, to the letter."""
    with pytest.raises(NotPermitted):
        require_read("POST", path)


@pytest.mark.parametrize("words", [["FLUSHALL"], ["SET", "a", "1"], ["CONFIG", "SET", "a", "1"], ["EVAL", "x"], ["config", "rewrite"], []])
def test_commands_that_write_are_stopped(words):
    """Only commands that read go to Redis."""
    with pytest.raises(NotPermitted):
        require_read_command(words)


@pytest.mark.parametrize("words", [["PING"], ["ping"], ["CONFIG", "GET", "maxmemory"], ["LLEN", "celery"]])
def test_commands_that_read_pass(words):
    """Reads pass, however they are written."""
    require_read_command(words)


@pytest.mark.parametrize("kind", ["acknowledge", "andon_acknowledge", None, 7])
def test_frames_that_change_something_are_stopped(kind):
    """The gate never acknowledges anything."""
    with pytest.raises(NotPermitted):
        require_read_frame(kind)


@settings(deadline=None, max_examples=60)
@given(some.text(min_size=4, max_size=40))
def test_a_secret_is_found_in_every_form(secret):
    """Plain, in a URL, in JSON, in base64: none of it is left."""
    forms = [secret, quote(secret, safe=""), json.dumps(secret), base64.b64encode(secret.encode()).decode()]
    scrubber = Scrubber([secret])

    for form in forms:
        cleaned = scrubber.clean(f"before {form} after")
        assert STARS in cleaned
        assert form not in cleaned or form in f"before {STARS} after"


def test_the_longer_secret_goes_first():
    """A secret that holds another leaves nothing of itself."""
    assert Scrubber(["swordfish", "swordfish-and-chips"]).clean("swordfish-and-chips") == STARS


def test_a_short_secret_does_not_scrub_words():
    """Three letters are no secret that can be told from a word."""
    assert Scrubber(["abc"]).clean("abcdef") == "abcdef"
