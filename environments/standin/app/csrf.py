"""A write needs a token that only a page which may read can have (contract section 3: CSRF)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from fastapi import Depends, Request, Response

from environments.standin.app.errors import Refused
from environments.standin.app.guard import Told

HEADER = "X-CSRF-Token"
LIFE_SECONDS = 3600
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# Whoever logs in has read nothing yet; the other two carry a token that no page sends by itself.
EXEMPT = frozenset({"/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/logout"})


def new_token(secret: str) -> str:
    """A token that every replica knows again: until when it is good, a number used once, and the seal on both."""
    open_part = f"{int(time.time()) + LIFE_SECONDS}.{secrets.token_hex(8)}"
    return f"{open_part}.{seal(secret, open_part)}"


def is_good(secret: str, token: str) -> bool:
    """Whether a token is one of ours, and still good."""
    open_part, _, sealed = token.rpartition(".")
    until = open_part.partition(".")[0]
    ours = hmac.compare_digest(sealed.encode(), seal(secret, open_part).encode())
    return ours and int(until) > time.time()


def seal(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), b"csrf " + text.encode(), hashlib.sha256).hexdigest()


async def hand_out(request: Request, response: Response, told: Told) -> None:
    """Every read of the API brings a token along."""
    if request.method == "GET":
        response.headers[HEADER] = new_token(told.jwt_secret)


async def require(request: Request, told: Told) -> None:
    """`Refused` (403) for a write without a good token, before anything else is looked at."""
    if request.method in READS or request.url.path in EXEMPT:
        return
    if not is_good(told.jwt_secret, request.headers.get(HEADER, "")):
        raise Refused(403, f"A write needs the header {HEADER}, which every GET of the API hands out")


GUARDED = [Depends(require), Depends(hand_out)]
