"""Accounts: made, switched off and on by administrators (contract section 3: user:*)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import bcrypt
from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, StringConstraints

from environments.standin.app.reads import Read, Values, offer, page
from environments.standin.app.vocabulary import Role, Word, printable
from environments.standin.app.writes import Removed, Write, accept

router = APIRouter(prefix="/api/v1/users", tags=["users"])
COST = 12
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD_BYTES = 72  # bcrypt reads no further
Email = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), AfterValidator(printable)
]


def short_enough(password: str) -> str:
    if len(password.encode()) > LONGEST_PASSWORD_BYTES:
        raise ValueError(f"The password is longer than {LONGEST_PASSWORD_BYTES} bytes")
    return password


NewPassword = Annotated[
    str, StringConstraints(min_length=SHORTEST_PASSWORD), AfterValidator(printable), AfterValidator(short_enough)
]


class Person(BaseModel):
    """An account, without what opens it."""

    id: UUID
    username: str
    email: str
    role: Role
    first_name: str | None
    last_name: str | None
    is_active: bool
    created_at: datetime


class NewPerson(BaseModel):
    """An account to be."""

    username: Word
    email: Email
    password: NewPassword
    role: Role
    first_name: Word | None = None
    last_name: Word | None = None


async def hashed(person: NewPerson) -> Values:
    """The account with a hash in the place of its password; a quarter of a second of work, beside the event loop."""
    hash_of_it = await asyncio.to_thread(bcrypt.hashpw, person.password.encode(), bcrypt.gensalt(COST))
    return person.model_dump(exclude={"password"}) | {"password_hash": hash_of_it.decode()}


def shown(source: str) -> str:
    """Accounts as they are shown."""
    columns = ", ".join(Person.model_fields)
    return f"select {columns} from {source} person"


PEOPLE = shown("factory_telemetry.users")
ADD = f"""
with added as (
    insert into factory_telemetry.users (username, email, password_hash, role, first_name, last_name)
    values (%(username)s, %(email)s, %(password_hash)s, %(role)s, %(first_name)s, %(last_name)s)
    returning *)
{shown("added")}"""
SWITCH = """
with changed as (
    update factory_telemetry.users set is_active = {to}, updated_at = now()
     where id::text = lower(%(user_id)s)
    returning *)
"""
THIS = "where id::text = lower(%(user_id)s)"
EXISTS = f"select from factory_telemetry.users {THIS}"


def person(user_id: Word) -> Values:
    return {"user_id": user_id}


offer(
    router,
    Read("/", "user:read", list[Person], PEOPLE + " order by username limit %(limit)s", page),
    Read("/{user_id}", "user:read", Person, f"{PEOPLE} {THIS}", person, "User"),
)

accept(
    router,
    Write("POST", "/", "user:write", Person, ADD, hashed, status=201),
    Write("POST", "/{user_id}/deactivate", "user:write", Person, SWITCH.format(to="false") + shown("changed"),
          given=person, exists=EXISTS, missing="User"),
    Write("POST", "/{user_id}/activate", "user:write", Person, SWITCH.format(to="true") + shown("changed"),
          given=person, exists=EXISTS, missing="User"),
    Write("DELETE", "/{user_id}", "user:delete", Removed, f"delete from factory_telemetry.users {THIS} returning id",
          given=person, exists=EXISTS, missing="User"),
)  # fmt: skip
