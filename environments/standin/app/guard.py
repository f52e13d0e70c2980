"""Who asks, and whether he may: what routes depend on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, WebSocket
from starlette.requests import HTTPConnection

from environments.standin.app.database import Database, database
from environments.standin.app.errors import Refused
from environments.standin.app.metrics import CONNECTION_ERRORS, SUSPICIOUS, UNAUTHORIZED
from environments.standin.app.roles import permissions_of
from environments.standin.app.sessions import Sessions, sessions
from environments.standin.app.settings import Settings
from environments.standin.app.tokens import Forged, Kind, verify

User = dict[str, Any]
BY_ID = "select * from factory_telemetry.users where id::text = %s and is_active"


def settings(connection: HTTPConnection) -> Settings:
    """What this replica was told."""
    found: Settings = connection.app.state.settings
    return found


async def owner(connection: HTTPConnection, kind: Kind, token: str) -> User:
    """The active user whom a live token belongs to, with its session; `Refused` (401) otherwise."""
    verified = verify(settings(connection), kind, token)
    if await sessions(connection).has_ended(verified.session):
        raise Refused.unauthorized("Could not validate credentials")
    user = await database(connection).row(BY_ID, [verified.user_id])
    if user is None:
        raise Refused.unauthorized("Could not validate credentials")
    return user | {"session": verified.session}


def bearer(connection: HTTPConnection) -> str:
    """The token of the Authorization header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused.unauthorized()
    return token


async def current_user(connection: HTTPConnection) -> User:
    """Who sent this request."""
    try:
        return await owner(connection, "access", bearer(connection))
    except Refused as refusal:
        totals = connection.app.state.metrics.totals
        totals.update([UNAUTHORIZED, SUSPICIOUS] if isinstance(refusal, Forged) else [UNAUTHORIZED])
        raise


async def socket_user(websocket: WebSocket) -> User:
    """Who opened this socket: browsers cannot send a header and put the token into the query."""
    try:
        return await owner(websocket, "access", websocket.query_params.get("token") or bearer(websocket))
    except Refused:
        websocket.app.state.metrics.totals[CONNECTION_ERRORS] += 1
        raise


def permission_table() -> Callable[[str], frozenset[str]]:
    """What each role may do."""
    return permissions_of


Asking = Annotated[User, Depends(current_user)]
OnSocket = Annotated[User, Depends(socket_user)]
PermissionTable = Annotated[Callable[[str], frozenset[str]], Depends(permission_table)]
Data = Annotated[Database, Depends(database)]
LoggedIn = Annotated[Sessions, Depends(sessions)]
Told = Annotated[Settings, Depends(settings)]


def needs(permission: str) -> Any:
    """A dependency of routes that need a permission: 401 without a user, 403 without the permission."""

    async def check(user: Asking, allowed: PermissionTable) -> None:
        if permission not in allowed(user["role"]):
            raise Refused.forbidden(permission)

    return Depends(check)


PasswordCheck = Callable[[str, str], Awaitable[bool]]
