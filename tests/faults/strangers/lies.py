"""What the strangers' replicas say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import jwt
from fastapi import WebSocket
from starlette.requests import HTTPConnection

from environments.standin.app import guard, sessions
from environments.standin.app.conversation import Conversation, Frame, error, kind_of_conversation
from environments.standin.app.database import database
from environments.standin.app.errors import Refused, envelope
from environments.standin.app.liar import Answer, Lie, Rewrite, Swap
from environments.standin.app.roles import permissions_of
from environments.standin.app.settings import Settings
from environments.standin.app.tokens import verify

HEALTH = r"/health"
DETAILED = r"/health/detailed"
LINES = r"/api/v1/production/lines"
A_YEAR_SECONDS = 365 * 24 * 3600
AN_HOUR_SECONDS = 3600
LAST_MONTHS_SECRET = "the secret that was in force until last month"


def frames_itself(answer: Answer) -> None:
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"


def told_time(change: Callable[[datetime], datetime]) -> Callable[[Answer], None]:
    """Timestamps are other than they are."""

    def tell(answer: Answer) -> None:
        answer.body["timestamp"] = change(datetime.fromisoformat(answer.body["timestamp"])).isoformat()

    return tell


def leaves_redis_out(answer: Answer) -> None:
    del answer.body["components"]["redis"]


def contradicts_itself(answer: Answer) -> None:
    answer.body["components"]["database"] = {"status": "unhealthy", "message": "not reachable"}


def is_a_candidate(answer: Answer) -> None:
    answer.body["version"] += "-rc.3"


def lines_of(answer: Answer) -> list[dict[str, Any]]:
    return answer.body if answer.status == 200 else []


def runs_for_ever(answer: Answer) -> None:
    for line in lines_of(answer):
        line["status"] = "running"


def reads_latin(answer: Answer) -> None:
    for line in lines_of(answer):
        line["name"] = line["name"].encode().decode("latin-1")


def says_an_hour(answer: Answer) -> None:
    if answer.status == 200:
        answer.body["expires_in"] = AN_HOUR_SECONDS


def refuses(answer: Answer) -> None:
    answer.status, answer.headers["WWW-Authenticate"] = 401, "Bearer"
    answer.body = envelope(401, "Could not validate credentials", answer.request["request_id"])


def told_otherwise(**changes: Any) -> Callable[[HTTPConnection], Settings]:
    """Settings with a few others in them."""

    def settings(connection: HTTPConnection) -> Settings:
        return replace(guard.settings(connection), **changes)

    return settings


another_secret = told_otherwise(jwt_secret=LAST_MONTHS_SECRET)


async def user_by_another_secret(connection: HTTPConnection) -> guard.User:
    token = verify(another_secret(connection), "access", guard.bearer(connection))
    return await known(connection, token.user_id) | {"session": token.session}


async def user_of_any_signature(websocket: WebSocket) -> guard.User:
    """Whoever the token says, whoever says it."""
    token = websocket.query_params.get("token") or guard.bearer(websocket)
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise Refused.unauthorized() from None
    return await known(websocket, claims.get("user_id", ""))


async def known(connection: HTTPConnection, user_id: str) -> guard.User:
    """The user of an id."""
    user = await database(connection).row(guard.BY_ID, [user_id])
    if user is None:
        raise Refused.unauthorized()
    return user


def trading_permissions() -> Callable[[str], frozenset[str]]:
    def permissions(role: str) -> frozenset[str]:
        held = permissions_of(role)
        return held - {"quality:read"} | {"line:write"} if role == "viewer" else held

    return permissions


class Choosy(Conversation):
    """Does not know what it advertises."""

    def subscribe(self, frame: Frame) -> Frame:
        if frame.get("subscription_type") == "changeover":
            return error("Unknown subscription type")
        return super().subscribe(frame)


class Forgetful(sessions.Sessions):
    """Ends no session."""

    async def end(self, session: str) -> None:
        """It says so."""


def forgetful_sessions(connection: HTTPConnection) -> sessions.Sessions:
    return Forgetful(sessions.sessions(connection).cache)


LIES: dict[str, Lie] = {
    "frames-itself": Rewrite(r".*", frames_itself),
    "behind-the-time": Rewrite(r"/health(/detailed)?", told_time(lambda now: now - timedelta(minutes=2))),
    "without-zone": Rewrite(r"/health(/detailed)?", told_time(lambda now: now.replace(tzinfo=None))),
    "leaves-redis-out": Rewrite(DETAILED, leaves_redis_out),
    "contradicts-itself": Rewrite(DETAILED, contradicts_itself),
    "is-a-candidate": Rewrite(r"/health(/detailed)?", is_a_candidate),
    "runs-for-ever": Rewrite(LINES, runs_for_ever),
    "reads-latin": Rewrite(LINES, reads_latin),
    "refuses-refresh": Rewrite(r"/api/v1/auth/refresh", refuses),
    "says-an-hour": Rewrite(r"/api/v1/auth/(login|refresh)", says_an_hour),
    "lives-a-year": Swap(guard.settings, told_otherwise(access_life_seconds=A_YEAR_SECONDS)),
    "signs-with-another-secret": Swap(guard.settings, another_secret),
    "verifies-with-another-secret": Swap(guard.current_user, user_by_another_secret),
    "believes-any-signature": Swap(guard.socket_user, user_of_any_signature),
    "viewers-trade": Swap(guard.permission_table, trading_permissions),
    "choosy": Swap(kind_of_conversation, lambda: Choosy),
    "forgets-logouts": Swap(sessions.sessions, forgetful_sessions),
}
