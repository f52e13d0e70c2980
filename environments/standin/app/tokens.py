"""Access and refresh tokens: JWT, HS256 (contract section 3)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

import jwt

from environments.standin.app.errors import Refused
from environments.standin.app.settings import REFRESH_LIFE_SECONDS, Settings

Kind = Literal["access", "refresh"]
ALGORITHM = "HS256"
CLAIMS = ["sub", "exp", "iat", "type", "user_id", "role", "session"]


class Forged(Refused):
    """A token that was never ours: somebody made or changed it."""


@dataclass(frozen=True)
class Token:
    """What a verified token says; `session` joins the two tokens of one log-in."""

    user_id: str
    session: str


def sign(settings: Settings, kind: Kind, user: dict[str, Any], session: str) -> str:
    """A new token for a user."""
    now = int(time.time())
    life = settings.access_life_seconds if kind == "access" else REFRESH_LIFE_SECONDS
    claims = {"sub": user["username"], "iat": now, "exp": now + life, "type": kind, "session": session}
    return jwt.encode(claims | {"user_id": str(user["id"]), "role": user["role"]}, settings.jwt_secret, ALGORITHM)


def verify(settings: Settings, kind: Kind, token: str) -> Token:
    """Whom a token belongs to; `Refused` (401) unless it is ours, live, unaltered and of this kind."""
    try:
        claims = jwt.decode(token, settings.jwt_secret, [ALGORITHM], options={"require": CLAIMS})
    except jwt.ExpiredSignatureError:
        raise Refused.unauthorized("Could not validate credentials") from None
    except jwt.InvalidTokenError:
        raise Forged.unauthorized("Could not validate credentials") from None
    if claims["type"] != kind:
        raise Refused.unauthorized("Could not validate credentials")
    return Token(str(claims["user_id"]), str(claims["session"]))
