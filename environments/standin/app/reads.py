"""Reads as data: a path, who may ask, a question to the database, and the shape of the answer.

No `from __future__ import annotations` here: FastAPI reads what a table's row says out of the annotations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_origin

from fastapi import APIRouter, Depends, Query

from environments.standin.app.database import Row
from environments.standin.app.errors import PROBLEMS, Refused
from environments.standin.app.guard import Asking, Data, needs
from environments.standin.app.vocabulary import Word

Values = dict[str, Any]
Limit = Annotated[int, Query(ge=1, le=1000)]
Hours = Annotated[int, Query(ge=1, le=24 * 90)]


def nothing() -> Values:
    """A read without parameters."""
    return {}


def page(limit: Limit = 100) -> Values:
    """A list of limited length."""
    return {"limit": limit}


def line(line_id: Word) -> Values:
    """One line. What is no identity at all is as unknown as any other."""
    return {"line_id": line_id}


@dataclass(frozen=True)
class Read:
    """One GET route. The question's placeholders are the values that `given` takes out of the request, and `asking`.

    `shape` is a list for all rows, or a model for the one row: 404 says that `missing` was not found when there is none.
    `exists` is asked first where an empty list would be no answer: no row is 404 too.
    """

    path: str
    permission: str
    shape: Any
    question: str
    given: Callable[..., Values] = nothing
    missing: str = "It"
    exists: str = ""


def offer(router: APIRouter, *reads: Read) -> None:
    """Make the reads routes of a router, in their order."""
    for read in reads:
        router.add_api_route(
            read.path,
            answering(read),
            name=f"read {router.prefix.rpartition('/')[2]}{read.path}".strip("/"),
            response_model=read.shape,
            responses=PROBLEMS,
            dependencies=[needs(read.permission)] if read.permission else [],
        )


def answering(read: Read) -> Callable[..., Any]:
    """The function of a route."""

    async def answer(data: Data, user: Asking, given: Annotated[Values, Depends(read.given)]) -> Any:
        values = given | {"asking": user["id"]}
        if read.exists and await data.row(read.exists, values) is None:
            raise Refused.not_found(read.missing)
        return shaped(read, await data.rows(read.question, values))

    return answer


def shaped(read: Read, rows: list[Row]) -> Any:
    """All rows, or the one row."""
    if get_origin(read.shape) is list:
        return rows
    if not rows:
        raise Refused.not_found(read.missing)
    return rows[0]
