"""The lies that worker and beat can be told to tell, by name: a schedule that is not what it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from environments.standin.app.worker.schedule import Entry

Schedule = tuple[Entry, ...]


def lied_about(schedule: Schedule, lies: Iterable[str]) -> Schedule:
    """The schedule after these lies."""
    for lie in lies:
        schedule = LIES[lie](schedule)
    return schedule


def misspells(schedule: Iterable[Entry]) -> Schedule:
    """One entry names a task that nobody registered: it was renamed on one side only."""
    renamed = {"summarise_quality": "summarize_quality"}
    return tuple(replace(entry, name=renamed.get(entry.name, entry.name)) for entry in schedule)


def forgets(schedule: Iterable[Entry]) -> Schedule:
    """One entry was left out."""
    return tuple(entry for entry in schedule if entry.name != "refresh_materialized_views")


LIES: dict[str, Callable[[Schedule], Schedule]] = {"task-unregistered": misspells, "entry-missing": forgets}
