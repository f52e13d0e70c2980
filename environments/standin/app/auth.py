"""Log in, stay in, log out; who am I and what may I (contract section 3)."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated, Any

import bcrypt
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from environments.standin.app.errors import PROBLEMS, Refused
from environments.standin.app.guard import (
    Asking,
    Data,
    LoggedIn,
    PasswordCheck,
    PermissionTable,
    Told,
    User,
    owner,
)
from environments.standin.app.metrics import LOGIN_FAILED, SUSPICIOUS
from environments.standin.app.roles import PERMISSIONS
from environments.standin.app.settings import LOCK_SECONDS
from environments.standin.app.tokens import sign
from environments.standin.app.vocabulary import Secret, Text, Word

router = APIRouter(prefix="/api/v1/auth", tags=["auth"], responses=PROBLEMS)
BY_NAME = "select * from factory_telemetry.users where username = %s"
# The hash of no password: an unknown name costs as much time as a known one.
DECOY = "$2b$12$ac2cGp0jivC4wdxLt6jsROUyUgcnna0xP6mQR8v1.iIgNnNUr/BY2"
SHOWN = ("id", "username", "email", "role", "first_name", "last_name", "is_active")
BCRYPT_BYTES = 72


class Credentials(BaseModel):
    """What a person types."""

    username: Word
    password: Secret


class RefreshToken(BaseModel):
    """What a client kept."""

    refresh_token: Text


async def matches(password: str, password_hash: str) -> bool:
    """Whether a password is the one that was hashed; a quarter of a second of work, beside the event loop."""
    return await asyncio.to_thread(bcrypt.checkpw, password.encode()[:BCRYPT_BYTES], password_hash.encode())


def password_check() -> PasswordCheck:
    """How passwords are compared."""
    return matches


def typed(credentials: Credentials) -> Credentials:
    """The credentials of a request, read once for all who need them."""
    return credentials


Typed = Annotated[Credentials, Depends(typed)]


async def find_user(credentials: Typed, data: Data) -> User | None:
    """The user of this name."""
    return await data.row(BY_NAME, [credentials.username])


@router.post("/login")
async def login(  # noqa: PLR0917 - all are given by name
    request: Request,
    credentials: Typed,
    user: Annotated[User | None, Depends(find_user)],
    check: Annotated[PasswordCheck, Depends(password_check)],
    sessions: LoggedIn,
    told: Told,
) -> dict[str, Any]:
    """Two tokens for a name and its password. What was wrong with them is told to nobody."""
    if await sessions.is_locked(credentials.username):
        request.app.state.metrics.totals[SUSPICIOUS] += 1
        raise Refused(423, "Too many failed log-ins; try again later", {"Retry-After": str(LOCK_SECONDS)})
    right = await check(credentials.password, user["password_hash"] if user else DECOY)
    if user is None or not right or not user["is_active"]:
        request.app.state.metrics.totals[LOGIN_FAILED] += 1
        await sessions.count_failure(credentials.username)
        raise Refused.unauthorized("Invalid username or password")
    await sessions.forgive(credentials.username)
    session = uuid.uuid4().hex
    refresh_token = sign(told, "refresh", user, session)
    return access(told, user, session) | {"refresh_token": refresh_token, "user": shown(user)}


@router.post("/refresh")
async def refresh(request: Request, kept: RefreshToken, told: Told) -> dict[str, Any]:
    """A new access token for a live refresh token."""
    user = await owner(request, "refresh", kept.refresh_token)
    return access(told, user, user["session"])


@router.post("/logout")
async def logout(user: Asking, sessions: LoggedIn) -> dict[str, str]:
    """End the session: neither its access nor its refresh token is good any more."""
    await sessions.end(user["session"])
    return {"message": "Logged out"}


@router.get("/profile")
async def profile(user: Asking) -> dict[str, Any]:
    return shown(user)


@router.get("/permissions")
async def permissions(user: Asking, allowed: PermissionTable) -> dict[str, Any]:
    return {"user_id": user["id"], "role": user["role"], "permissions": sorted(allowed(user["role"]))}


@router.get("/roles")
async def roles() -> dict[str, Any]:
    """The roles there are; public."""
    return {"roles": [{"name": role, "permission_count": len(granted)} for role, granted in PERMISSIONS.items()]}


def access(told: Told, user: User, session: str) -> dict[str, Any]:
    """What is said about an access token."""
    token = sign(told, "access", user, session)
    return {"access_token": token, "token_type": "bearer", "expires_in": told.access_life_seconds}


def shown(user: User) -> dict[str, Any]:
    """What others may see of a user."""
    return {name: user[name] for name in SHOWN}
