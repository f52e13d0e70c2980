"""May this verdict switch traffic? What a pipeline asks of a ``verdict.json`` before it does.

A record is believed only if it is whole, of this schema, about the right target and release, fresh, of all the suites
that a switch needs, and GO. A break-glass ticket that stands in a NO-GO or INCONCLUSIVE record is honoured where the
caller names the same ticket; a record that proves nothing (VOID, PARTIAL, a run that ended early) never is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reports.record import SCHEMA
from reports.verdict import EXIT_STATUS, Word

FILE = "verdict.json"
AHEAD = timedelta(seconds=60)  # what two machines' clocks may differ
ACCEPTABLE = frozenset({Word.NO_GO, Word.INCONCLUSIVE})


@dataclass(frozen=True)
class Wanted:
    """What the caller wants to switch. None and empty are not asked for."""

    environment: str | None = None
    slot: str | None = None
    release: str | None = None
    suites: tuple[str, ...] = ()
    max_age: timedelta | None = None
    accept: str | None = None


class Unbelievable(Exception):
    """The file is no verdict of this gate."""


def read(path: Path) -> Mapping[str, Any]:
    """The record of a report folder or of a file. Raises Unbelievable."""
    file = path / FILE if path.is_dir() else path
    try:
        content = json.loads(file.read_text("utf-8"))
    except OSError as problem:
        raise Unbelievable(f"{file} cannot be read ({problem.strerror}): run the gate, or name its report folder") from None
    except ValueError as problem:
        raise Unbelievable(f"{file} is no JSON ({problem}): it was cut off or edited") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise Unbelievable(f"{file} is no record of schema {SCHEMA}")
    if EXIT_STATUS.get(content.get("verdict")) != content.get("exit_status"):  # type: ignore[arg-type]
        raise Unbelievable(f"{file} contradicts itself: {content.get('verdict')} with exit status {content.get('exit_status')}")
    return content


def objections(record: Mapping[str, Any], wanted: Wanted, now: datetime) -> Iterator[str]:
    """Every reason why this record does not permit the switch, in a sentence each."""
    yield from about_another(record, wanted)
    yield from too_old(record, wanted, now)
    missing = sorted({*record["required_suites"], *wanted.suites} - set(record["suites"]))
    if missing:
        yield f"a switch needs the suites {', '.join(missing)}, and the verdict is not about them"
    if record["verdict"] != Word.GO and not accepted(record, wanted):
        yield f"the verdict is {record['verdict']}: {'; '.join(record['reasons']) or 'see its causes'}"


def about_another(record: Mapping[str, Any], wanted: Wanted) -> Iterator[str]:
    """What the record is about, where the caller asked for something else."""
    asked = {"environment": wanted.environment, "slot": wanted.slot, "release": wanted.release}
    for name, value in asked.items():
        if value is not None and record.get(name) != value:
            yield f"it is about {name} {record.get(name) or '(none)'}, and {value} is to be switched"


def too_old(record: Mapping[str, Any], wanted: Wanted, now: datetime) -> Iterator[str]:
    """Whether the run ended too long ago, or has not ended yet."""
    finished_at = datetime.fromisoformat(record["finished_at"])
    if finished_at > now + AHEAD:
        yield f"it ends in the future ({record['finished_at']}): one of the clocks is wrong"
    if wanted.max_age is not None and now - finished_at > wanted.max_age:
        yield f"it is {(now - finished_at).total_seconds():.0f} s old, and {wanted.max_age.total_seconds():.0f} s are allowed: run the gate again"


def accepted(record: Mapping[str, Any], wanted: Wanted) -> bool:
    """Whether the break-glass ticket of the record is the one that the caller accepts, and the verdict one to accept."""
    return bool(wanted.accept) and record["override_ticket"] == wanted.accept and record["verdict"] in ACCEPTABLE


def verify(path: Path, wanted: Wanted) -> list[str]:
    """Every objection to switching on this record; none if it permits the switch."""
    try:
        return list(objections(read(path), wanted, datetime.now(UTC)))
    except Unbelievable as problem:
        return [str(problem)]
    except (KeyError, TypeError, ValueError) as problem:
        return [f"{path} lacks what a record of schema {SCHEMA} has ({type(problem).__name__}: {problem}): it was edited"]
