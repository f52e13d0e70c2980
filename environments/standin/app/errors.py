"""The one envelope of every error (contract section 2)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

import psycopg
import psycopg.errors
import redis.exceptions
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "validation_error",
    423: "account_locked",
    429: "too_many_requests",
    500: "internal_error",
    503: "service_unavailable",
}
# What the database has to say about values that passed everything else.
DISAGREES: dict[type[psycopg.Error], tuple[int, str]] = {
    psycopg.errors.UniqueViolation: (409, "There is one already"),
    psycopg.errors.ForeignKeyViolation: (409, "Something else refers to it, or it refers to nothing"),
    psycopg.errors.CheckViolation: (422, "The values do not go together"),
    psycopg.DataError: (422, "The values cannot be stored"),
}
STORES_AWAY = (psycopg.OperationalError, redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, TimeoutError)


class Refused(HTTPException):
    """A request that is answered with an error."""

    @classmethod
    def unauthorized(cls, message: str = "Not authenticated") -> Self:
        return cls(401, message, {"WWW-Authenticate": "Bearer"})

    @classmethod
    def forbidden(cls, permission: str) -> Refused:
        return cls(403, f"Permission {permission} is needed")

    @classmethod
    def not_found(cls, what: str) -> Refused:
        return cls(404, f"{what} was not found")


class Problem(BaseModel):
    """What is said about an error; `details` tell of a 422 which fields are wrong."""

    code: str
    message: str
    details: list[dict[str, str]] | None
    timestamp: datetime
    request_id: str


class Envelope(BaseModel):
    """The body of every error."""

    error: Problem


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Envelope, "description": CODES[status].replace("_", " ").capitalize()}
    for status in (401, 403, 404, 409, 422, 429, 500, 503)
}


def now() -> str:
    """This moment, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat()


def envelope(status: int, message: str, request_id: str, details: Any = None) -> dict[str, Any]:
    """The body of an error."""
    code = CODES.get(status, "error")
    return {
        "error": {"code": code, "message": message, "details": details, "timestamp": now(), "request_id": request_id}
    }


def answer(
    scope: Mapping[str, Any], status: int, message: str, details: Any = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error as a response to the request of `scope`."""
    return JSONResponse(envelope(status, message, scope.get("request_id", ""), details), status, headers)


def handle_errors(api: FastAPI) -> None:
    """Every way a request can go wrong leads to the envelope."""
    api.add_exception_handler(HTTPException, refused)
    api.add_exception_handler(RequestValidationError, invalid)
    for disagreement in DISAGREES:
        api.add_exception_handler(disagreement, disagrees)
    for error in STORES_AWAY:
        api.add_exception_handler(error, store_away)
    api.add_exception_handler(Exception, failed)


async def refused(request: HTTPConnection, error: Exception) -> JSONResponse:
    """On a socket that is not yet open, the answer is what the handshake gets."""
    assert isinstance(error, HTTPException)
    response = answer(request.scope, error.status_code, str(error.detail), headers=error.headers)
    if isinstance(request, WebSocket):
        await request.send_denial_response(response)
    return response


async def invalid(request: Request, error: Exception) -> JSONResponse:
    """Where it is wrong and why; never what was sent, which may be a secret."""
    assert isinstance(error, RequestValidationError)
    details = [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()]
    return answer(request.scope, 422, "The request is not valid", details)


async def disagrees(request: Request, error: Exception) -> JSONResponse:
    """A conflict or an impossible value; the database's own words stay inside."""
    status, message = next(said for kind, said in DISAGREES.items() if isinstance(error, kind))
    return answer(request.scope, status, message)


async def store_away(request: Request, error: Exception) -> JSONResponse:
    logging.getLogger("uvicorn.error").warning("a store is away: %s", error)
    return answer(request.scope, 503, "A store is not available")


async def failed(request: Request, error: Exception) -> JSONResponse:
    """The log has the traceback, the answer has nothing of it."""
    return answer(request.scope, 500, "Internal server error")
