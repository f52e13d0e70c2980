"""The lies a replica can be told to tell, by name: small ones, of the kind real deployments tell."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from fastapi import WebSocket
from starlette.requests import HTTPConnection

from environments.standin.app.api_lies import API_LIES
from environments.standin.app.auth import Typed, find_user, password_check
from environments.standin.app.database import database
from environments.standin.app.errors import Refused, envelope, now
from environments.standin.app.event_lies import EVENT_LIES
from environments.standin.app.floor_metrics import FAMILIES, Family, families
from environments.standin.app.guard import (
    Data,
    PasswordCheck,
    User,
    current_user,
    permission_table,
    socket_user,
)
from environments.standin.app.liar import Answer, Delay, Lie, Lose, Rewrite, Swap
from environments.standin.app.roles import permissions_of

BORN = now()  # when this module was imported, which is where the real fault had it from
OLD_RELEASE = "4.9.2"
ANY_HEALTH = r"/health(/detailed)?|/api/v1/monitoring/health"
LOGIN = r"/api/v1/auth/login"
LINES = r"/api/v1/production/lines"
ANY_USER = "select * from factory_telemetry.users where role = 'admin' and is_active order by username limit 1"


def is_constant(answer: Answer) -> None:
    answer.body["timestamp"] = BORN


def says_old_release(answer: Answer) -> None:
    answer.body.get("application", answer.body)["version"] = OLD_RELEASE


def says_other_environment(answer: Answer) -> None:
    answer.body["application"]["environment"] = "development"


def denies_database(answer: Answer) -> None:
    answer.status = 503
    answer.body["status"] = answer.body["components"]["database"]["status"] = "unhealthy"


def says_all_is_well(answer: Answer) -> None:
    answer.status = 200
    answer.body["status"] = "healthy"
    for component in answer.body["components"].values():
        component.pop("message", None)
        component["status"] = "healthy"


def breaks_logins(answer: Answer) -> None:
    if answer.status == 200:
        breaks(answer)


def breaks(answer: Answer) -> None:
    answer.status, answer.body = 500, envelope(500, "Internal server error", str(uuid.uuid4()))


def breaks_denials(answer: Answer) -> None:
    if answer.status == 403:
        breaks(answer)


def says_other_role(answer: Answer) -> None:
    if answer.status == 200:
        answer.body["user"]["role"] = "viewer"


def refuses_tokens(answer: Answer) -> None:
    answer.status, answer.body = 401, envelope(401, "Could not validate credentials", str(uuid.uuid4()))


def invents_line(answer: Answer) -> None:
    if answer.status == 200 and answer.body:
        invented = {"id": str(uuid.uuid4()), "line_code": "L-BAG2", "name": "Bagging line 2", "status": "running"}
        answer.body.append(answer.body[0] | invented)


def hides_lines(answer: Answer) -> None:
    if answer.status == 200:
        answer.body = []


async def find_user_or_tell(credentials: Typed, data: Data) -> User | None:
    user = await find_user(credentials, data)
    if user is None:
        raise Refused.unauthorized("Unknown user")
    return user


def no_password_check() -> PasswordCheck:
    async def accept(password: str, password_hash: str) -> bool:
        return True

    return accept


def operator_may_plan() -> Callable[[str], frozenset[str]]:
    return lambda role: permissions_of(role) | ({"schedule:read"} if role == "operator" else set())


async def anybody(connection: HTTPConnection) -> User:
    """Without a token: an administrator."""
    if "authorization" in connection.headers:
        return await current_user(connection)
    return await administrator(connection)


async def anybody_on_socket(websocket: WebSocket) -> User:
    if "authorization" in websocket.headers or "token" in websocket.query_params:
        return await socket_user(websocket)
    return await administrator(websocket)


async def administrator(connection: HTTPConnection) -> dict[str, Any]:
    user = await database(connection).row(ANY_USER)
    if user is None:
        raise Refused.unauthorized()
    return user | {"session": "none"}


def families_without_oee() -> tuple[Family, ...]:
    return tuple(family for family in FAMILIES if family.name != "ms5_oee_score")


LIES: dict[str, Lie] = {
    "health-constant": Rewrite(r"/health(/detailed)?", is_constant),
    "release-old": Rewrite(ANY_HEALTH, says_old_release),
    "environment-says-other": Rewrite(r"/api/v1/monitoring/health", says_other_environment),
    "health-denies-database": Rewrite(r"/health/detailed", denies_database),
    "health-says-all-is-well": Rewrite(r"/health/detailed", says_all_is_well),
    "login-broken": Rewrite(LOGIN, breaks_logins),
    "login-wrong-role": Rewrite(LOGIN, says_other_role),
    "login-reveals-unknown-user": Swap(find_user, find_user_or_tell),
    "login-accepts-any-password": Swap(password_check, no_password_check),
    "refresh-refused": Rewrite(r"/api/v1/auth/refresh", refuses_tokens),
    "lines-invented": Rewrite(LINES, invents_line),
    "lines-empty": Rewrite(LINES, hides_lines),
    "denial-masked": Rewrite(r"/api/.*", breaks_denials),
    "metric-missing": Swap(families, families_without_oee),
    "role-too-many": Swap(permission_table, operator_may_plan),
    "reads-without-token": Swap(current_user, anybody),
    "reads-slow": Delay(r"/health|/api/v1/(?!auth/).*", 0.4, one_in=4),
    "websocket-open": Swap(socket_user, anybody_on_socket),
    "websocket-deaf": Lose(frozenset({"ping", "heartbeat"})),
    "websocket-forgets-subscription": Lose(frozenset({"subscribe", "unsubscribe"})),
    **EVENT_LIES,
    **API_LIES,
}
