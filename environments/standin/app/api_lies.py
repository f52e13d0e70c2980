"""The lies of the API's routes and of who may use them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import jwt
from fastapi import FastAPI
from starlette.requests import HTTPConnection

from environments.standin.app.csrf import EXEMPT, READS
from environments.standin.app.csrf import HEADER as CSRF_HEADER
from environments.standin.app.csrf import require as require_csrf
from environments.standin.app.database import database
from environments.standin.app.errors import Refused, envelope, now
from environments.standin.app.guard import BY_ID, User, bearer, current_user, owner, permission_table, settings
from environments.standin.app.liar import Alias, Answer, Invent, Lie, Rewrite, Swap
from environments.standin.app.roles import permissions_of
from environments.standin.app.tokens import ALGORITHM
from environments.standin.app.uploads import BEGINNINGS, beginnings, largest_file_bytes

BORN = now()
ANYTHING = r"/api/.*|/security/.*"
PUBLISHED_SECRET = "your-secret-key-change-in-production"  # the one of the example settings
BY_ID_ANY = "select * from factory_telemetry.users where id::text = %s"
NO_LIMIT = 2**62
TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600


# ---- what routes answer ----------------------------------------------------------------------------------------


def invents_running(answer: Answer) -> None:
    """An unknown machine runs."""
    if answer.status == 404:
        code = answer.request["path"].split("/")[-2]
        answer.status, answer.body = (
            200,
            {"equipment_code": code, "name": code, "status": "running", "last_updated": now()},
        )


def invents_zeros(answer: Answer) -> None:
    """What cannot be counted is nothing."""
    if answer.status == 503:
        answer.status, answer.body = 200, {"total_lines": 0, "total_jobs": 0, "parts_made": 0, "last_updated": now()}


def is_stale(answer: Answer) -> None:
    for item in answer.body if isinstance(answer.body, list) else [answer.body]:
        if "last_updated" in item:
            item["last_updated"] = BORN


def exceeds_one(answer: Answer) -> None:
    if answer.status == 200:
        answer.body["oee"] = 1.7


def invents_oee(answer: Answer) -> None:
    """Nothing was measured, and OEE is a comfortable constant."""
    if answer.status == 200 and answer.body["oee"] is None:
        answer.body |= {"availability": 0.9, "performance": 0.95, "quality": 0.99, "oee": 0.846}


def says_urgent(answer: Answer) -> None:
    """A word that the contract does not know."""
    if answer.status == 200 and answer.body:
        answer.body[0]["priority"] = "urgent"


def adds_one(answer: Answer) -> None:
    if answer.status == 200 and answer.body:
        answer.body.append(answer.body[0])


def forgets_one(answer: Answer) -> None:
    if answer.status == 200:
        answer.body = answer.body[1:]


def counts_too_many(answer: Answer) -> None:
    if answer.status == 200:
        answer.body["total_events"] += 3


def is_hidden(answer: Answer) -> None:
    """The route with a parameter was declared first and took the word for an id."""
    answer.status, answer.body = 404, envelope(404, "Job was not found", answer.headers.get("x-request-id", ""))


# ---- how errors are told ---------------------------------------------------------------------------------------


def breaks_with_internals(answer: Answer) -> None:
    """What is no identity ends in an error of the database, told to everybody."""
    if answer.status == 404:
        text = "".join(traceback.format_stack()) + "InvalidTextRepresentation: invalid input syntax for type uuid"
        answer.status, answer.body = 500, {"detail": text, "query": "select * from factory_telemetry.production_lines"}


def echoes(answer: Answer) -> None:
    """The validation's own answer, which repeats what was sent."""
    if answer.status == 422:
        answer.body["error"]["details"][0]["input"] = answer.sent.decode(errors="replace")


def is_plain(answer: Answer) -> None:
    """The framework's own error, not the envelope."""
    if answer.status == 404:
        answer.body = {"detail": "Not Found"}


def forgets_request_id(answer: Answer) -> None:
    if "error" in answer.body:
        answer.body["error"].pop("request_id", None)


def forgets_wait(answer: Answer) -> None:
    if answer.status == 429:
        del answer.headers["retry-after"]


def forgets_challenge(answer: Answer) -> None:
    if answer.status == 401:
        del answer.headers["www-authenticate"]


def breaks_denials_of_viewers(answer: Answer) -> None:
    if answer.status == 403 and role_told(answer.asked("authorization")) == "viewer":
        answer.status, answer.body = 500, envelope(500, "Internal server error", "")


def refuses_afterwards(answer: Answer) -> None:
    """The check came after the act: the answer is no, and it was done."""
    guarded = answer.method not in READS and answer.request["path"] not in EXEMPT
    if guarded and answer.status < 300 and not answer.asked(CSRF_HEADER):
        answer.status, answer.body = 403, envelope(403, "CSRF token missing", "")


def role_told(authorization: str) -> str:
    """The role that a token tells, unverified."""
    try:
        claims = jwt.decode(authorization.partition(" ")[2], options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return ""
    return str(claims.get("role"))


# ---- who is let in ---------------------------------------------------------------------------------------------


async def user_of(connection: HTTPConnection, user_id: str, session: str, question: str = BY_ID) -> User:
    """A user without any question about the session."""
    user = await database(connection).row(question, [user_id])
    if user is None:
        raise Refused.unauthorized("Could not validate credentials")
    return user | {"session": session}


def reader(key: Callable[[HTTPConnection], str], question: str = BY_ID) -> Callable[..., Any]:
    """A `current_user` that first reads a token its own way, and then the honest way."""

    async def read(connection: HTTPConnection) -> User:
        try:
            claims = jwt.decode(bearer(connection), key(connection), [ALGORITHM])
        except jwt.InvalidTokenError:
            return await current_user(connection)
        if claims.get("type") != "access":
            return await current_user(connection)
        return await user_of(connection, claims["user_id"], claims["session"], question)

    return read


def own_secret(connection: HTTPConnection) -> str:
    return settings(connection).jwt_secret


def published_secret(connection: HTTPConnection) -> str:
    return PUBLISHED_SECRET


async def unsigned_too(connection: HTTPConnection) -> User:
    """Whoever says that his token needs no signature is believed."""
    token = bearer(connection)
    try:
        unsigned = str(jwt.get_unverified_header(token).get("alg")).lower() == "none"
    except jwt.InvalidTokenError:
        unsigned = False
    if not unsigned:
        return await current_user(connection)
    claims = jwt.decode(token, options={"verify_signature": False})
    return await user_of(connection, str(claims.get("user_id")), str(claims.get("session")))


async def refresh_too(connection: HTTPConnection) -> User:
    """The type of a token is not looked at."""
    try:
        return await current_user(connection)
    except Refused:
        return await owner(connection, "refresh", bearer(connection))


def viewer_reads_downtime() -> Callable[[str], frozenset[str]]:
    return lambda role: permissions_of(role) | ({"downtime:read"} if role == "viewer" else set())


def engineer_lost_reports() -> Callable[[str], frozenset[str]]:
    return lambda role: permissions_of(role) - ({"reports:read"} if role == "engineer" else set())


def everybody_audits() -> Callable[[str], frozenset[str]]:
    return lambda role: permissions_of(role) | {"security:audit"}


async def no_check() -> None:
    """What was to be checked is not."""


def no_limit() -> int:
    return NO_LIMIT


def every_type() -> dict[str, bytes]:
    """Any file passes, a program too."""
    return dict.fromkeys([*BEGINNINGS, "text/html", "application/x-msdownload", "application/octet-stream"], b"")


def tells_seconds_wrong(answer: Answer) -> None:
    """A token is said to live longer than it does."""
    if answer.status == 200:
        answer.body["expires_in"] = 24 * 3600


def lives_for_years(answer: Answer) -> None:
    """A token that ends when nobody remembers it."""
    if answer.status == 200:
        secret = answer.request["app"].state.settings.jwt_secret
        claims = jwt.decode(answer.body["access_token"], secret, [ALGORITHM])
        answer.body["access_token"] = jwt.encode(claims | {"exp": claims["exp"] + TEN_YEARS_SECONDS}, secret, ALGORITHM)


def documentation(api: FastAPI) -> dict[str, Any]:
    return api.openapi()


API_LIES: dict[str, Lie] = {
    "equipment-invented": Rewrite(r"/api/v1/equipment/[^/]+/status", invents_running),
    "statistics-zero": Rewrite(r"/api/v1/production/statistics", invents_zeros),
    "status-stale": Rewrite(r"/api/v1/(equipment/.*status|dashboard/.*)", is_stale),
    "oee-above-one": Rewrite(r"/api/v1/oee/lines/[^/]+/current", exceeds_one),
    "oee-invented": Rewrite(r"/api/v1/oee/(lines|equipment)/[^/]+", invents_oee),
    "priority-unknown": Rewrite(r"/api/v1/andon/events", says_urgent),
    "dashboard-line-too-many": Rewrite(r"/api/v1/dashboard/lines", adds_one),
    "equipment-forgotten": Rewrite(r"/api/v1/equipment/status", forgets_one),
    "andon-counted-wrong": Rewrite(r"/api/v1/andon/statistics", counts_too_many),
    "jobs-hidden": Rewrite(r"/api/v1/jobs/my-jobs", is_hidden),
    "prefix-doubled": Alias(r"/api/v1/api/v1/(.*)", r"/api/v1/\1"),
    "documentation-open": Invent(r"/openapi\.json", documentation),
    "error-with-internals": Rewrite(r"/api/v1/production/lines/[^/]+", breaks_with_internals),
    "error-echoes-password": Rewrite(r"/api/v1/auth/login", echoes),
    "error-without-envelope": Rewrite(ANYTHING, is_plain),
    "error-without-request-id": Rewrite(ANYTHING, forgets_request_id),
    "error-without-wait": Rewrite(ANYTHING, forgets_wait),
    "challenge-missing": Rewrite(ANYTHING, forgets_challenge),
    "denial-masked-for-viewers": Rewrite(ANYTHING, breaks_denials_of_viewers),
    "csrf-unchecked": Swap(require_csrf, no_check),
    "csrf-refused-afterwards": Rewrite(ANYTHING, refuses_afterwards),
    "upload-unlimited": Swap(largest_file_bytes, no_limit),
    "upload-any-type": Swap(beginnings, every_type),
    "viewer-reads-downtime": Swap(permission_table, viewer_reads_downtime),
    "engineer-lost-reports": Swap(permission_table, engineer_lost_reports),
    "everybody-audits": Swap(permission_table, everybody_audits),
    "logout-forgotten": Swap(current_user, reader(own_secret)),
    "deactivated-let-in": Swap(current_user, reader(own_secret, BY_ID_ANY)),
    "tokens-endless": Rewrite(r"/api/v1/auth/(login|refresh)", lives_for_years),
    "secret-published": Swap(current_user, reader(published_secret)),
    "unsigned-let-in": Swap(current_user, unsigned_too),
    "refresh-as-access": Swap(current_user, refresh_too),
    "expiry-told-wrong": Rewrite(r"/api/v1/auth/(login|refresh)", tells_seconds_wrong),
}
