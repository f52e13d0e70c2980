"""Small lies about what was seen: each mutation of an observation in its plain form (fixtures/frozen.py), one at a time.

A key or a row is lost, a status, a value or its type is another, a time is older, a list is empty, a header is missing.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fixtures.frozen import Plain, plain, thawed

# What the harness writes into an observation itself: not of the target, so no lie of its own.
OURS = frozenset({"url", "host", "https", "http", "name", "cause", "message", "absent"})
YEAR = timedelta(days=365)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@dataclass(frozen=True)
class Mutation:
    """An observation with one thing changed: ``where`` in it, and ``how``."""

    where: str
    how: str
    value: Plain

    def below(self, step: str, value: Plain) -> Mutation:
        """The same mutation, told from one level above."""
        return Mutation(step + self.where, self.how, value)


def some_of(value: Plain, most: int, seed: str) -> list[Mutation]:
    """The mutations of a value; where there are too many, the same choice of them each time."""
    every = [Mutation("", "nothing at all", None), *mutations_of(value)]
    if len(every) <= most:
        return every
    chosen = sorted(random.Random(seed).sample(range(len(every)), most))
    return [every[number] for number in chosen]


def mutations_of(value: Plain) -> Iterator[Mutation]:
    """Each mutation of a plain value."""
    match value:
        case {"type": _, "fields": fields}:
            yield from of_fields(value, fields)
        case {"dict": pairs}:
            yield from of_pairs(pairs)
        case {"list": rows}:
            yield from of_rows(rows)
        case {"tuple": entries}:
            yield from of_entries(entries)
        case {"utf8": text}:
            yield from of_body(text)
        case {"bytes": _}:
            yield Mutation("", "emptied", {"utf8": ""})
        case {"datetime": text}:
            yield Mutation("", "a year older", {"datetime": (datetime.fromisoformat(text) - YEAR).isoformat()})
            yield Mutation("", "a year later", {"datetime": (datetime.fromisoformat(text) + YEAR).isoformat()})
        case _:
            yield from of_scalar(value)


def of_fields(value: Plain, fields: Mapping[str, Plain]) -> Iterator[Mutation]:
    """Of a data class of the harness: each of its fields that the target filled."""
    for name, content in fields.items():
        if name in OURS:
            continue
        for mutation in of_field(name, content):
            yield mutation.below(f".{name}", {**value, "fields": {**fields, name: mutation.value}})


def of_field(name: str, content: Plain) -> Iterator[Mutation]:
    match name, content:
        case "status", int():
            other = 500 if content < 400 else 200
            yield Mutation("", f"is {other}", other)
        case "headers", {"tuple": headers}:
            yield from of_headers(headers)
        case "elapsed_seconds", _:
            yield Mutation("", "is a minute", 60.0)
        case _:
            yield from mutations_of(content)


def of_headers(headers: Sequence[Plain]) -> Iterator[Mutation]:
    """A header is missing, sent twice, or another."""
    for number, header in enumerate(headers):
        name, value = header["tuple"]
        changed = {"tuple": [name, f"not-{value}"]}
        for how, instead in (("dropped", []), ("sent twice", [header, header]), ("changed", [changed])):
            yield Mutation(f".{name}", how, {"tuple": [*headers[:number], *instead, *headers[number + 1 :]]})


def of_pairs(pairs: Sequence[Any]) -> Iterator[Mutation]:
    """A key is lost, or what it leads to is another."""
    for number, (key, content) in enumerate(pairs):
        before, after = pairs[:number], pairs[number + 1 :]
        yield Mutation(f".{key}", "dropped", {"dict": [*before, *after]})
        for mutation in mutations_of(content):
            yield mutation.below(f".{key}", {"dict": [*before, [key, mutation.value], *after]})


def of_rows(rows: Sequence[Plain]) -> Iterator[Mutation]:
    """A list is empty, a row is lost or there twice, or is another."""
    if rows:
        yield Mutation("", "emptied", {"list": []})
    for number, row in enumerate(rows):
        before, after = rows[:number], rows[number + 1 :]
        yield Mutation(f"[{number}]", "dropped", {"list": [*before, *after]})
        yield Mutation(f"[{number}]", "there twice", {"list": [*before, row, row, *after]})
        for mutation in mutations_of(row):
            yield mutation.below(f"[{number}]", {"list": [*before, mutation.value, *after]})


def of_entries(entries: Sequence[Plain]) -> Iterator[Mutation]:
    """Of a tuple, whose length is the probe's own: each entry."""
    for number, entry in enumerate(entries):
        for mutation in mutations_of(entry):
            yield mutation.below(f"({number})", {"tuple": [*entries[:number], mutation.value, *entries[number + 1 :]]})


def of_body(text: str) -> Iterator[Mutation]:
    """A body is empty or cut off; one of JSON is another JSON."""
    yield Mutation("", "emptied", {"utf8": ""})
    try:
        content = plain(json.loads(text))
    except ValueError:
        yield Mutation("", "cut off", {"utf8": text[: len(text) // 2]})
        return
    for mutation in mutations_of(content):
        yield mutation.below("", {"utf8": json.dumps(thawed(mutation.value))})


def of_scalar(value: Plain) -> Iterator[Mutation]:
    """Another value, and a value of another type."""
    match value:
        case bool():
            yield Mutation("", "flipped", not value)
        case int() | float():
            yield Mutation("", "changed", value + 1)
            yield Mutation("", "zero", 0) if value else Mutation("", "negative", -1)
            yield Mutation("", "null", None)
        case str():
            yield Mutation("", "changed", f"not {value}")
            yield Mutation("", "null", None)
            if MOMENT.match(value):
                yield Mutation("", "a year older", f"{int(value[:4]) - 1}{value[4:]}")
        case None:
            yield Mutation("", "filled", "something")
