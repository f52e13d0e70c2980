"""Writes as data: a statement that changes something and returns the row as it is afterwards.

What happened is told to the WebSocket by who watches the database: a row is the event, whoever wrote it.
No `from __future__ import annotations` here: FastAPI reads what a table's row says out of the annotations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from environments.standin.app.errors import PROBLEMS, Refused
from environments.standin.app.guard import Asking, Data, needs
from environments.standin.app.reads import Values, nothing


@dataclass(frozen=True)
class Write:
    """One route that writes. The statement's placeholders are the values of path and body, and `asking`.

    `body` is a model, or a function that reads the values out of a request. `exists` is asked first: no row is 404. A
    statement that then returns no row is 409: what is there is not in a state to do that with.
    """

    method: str
    path: str
    permission: str
    shape: Any
    statement: str
    body: type[BaseModel] | Callable[..., Any] = nothing
    given: Callable[..., Values] = nothing
    exists: str = ""
    missing: str = "It"
    status: int = 200


class Removed(BaseModel):
    """What is no more."""

    id: UUID


def accept(router: APIRouter, *writes: Write) -> None:
    """Make the writes routes of a router, in their order."""
    for write in writes:
        router.add_api_route(
            write.path,
            acting(write),
            methods=[write.method],
            name=f"{write.method.lower()} {router.prefix.rpartition('/')[2]}{write.path}".strip("/"),
            response_model=write.shape,
            status_code=write.status,
            responses=PROBLEMS,
            dependencies=[needs(write.permission)],
        )


def acting(write: Write) -> Callable[..., Any]:
    """The function of a route."""

    async def act(
        data: Data,
        user: Asking,
        given: Annotated[Values, Depends(write.given)],
        sent: Annotated[Values, Depends(contents(write.body))],
    ) -> Any:
        values = sent | given | {"asking": user["id"]}
        if write.exists and await data.row(write.exists, values) is None:
            raise Refused.not_found(write.missing)
        row = await data.row(write.statement, values)
        if row is None:
            raise Refused(409, f"{write.missing} is not in a state to do that with")
        return row

    return act


def contents(body: type[BaseModel] | Callable[..., Any]) -> Callable[..., Any]:
    """A dependency that reads a request's body into values."""
    if not (isinstance(body, type) and issubclass(body, BaseModel)):
        return body

    async def read(sent: body) -> Values:  # type: ignore[valid-type]  # that is the point of it
        values: Values = sent.model_dump()  # type: ignore[attr-defined]
        return values

    return read
