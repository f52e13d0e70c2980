"""A fault by a stranger: what its maker thought a gate should say, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from environments.standin.acts import REPLICAS, Act, Lie
from environments.standin.faults import Fault

ONE_OF_TWO = ("blue-2",)
LIES = "tests.faults.strangers.lies"


@dataclass(frozen=True)
class StrangersFault(Fault):
    """`expects` is what a gate should say, and its fate one of two.

    `caught_by` are the ids it turns red, and `by_chance` those that depend on which replica answers; or `left_to` names
    the suite that is to catch it, and why smoke does not.
    """

    expects: str
    caught_by: frozenset[str]
    by_chance: frozenset[str]
    left_to: str


def registry(module: str, *faults: StrangersFault) -> Mapping[str, StrangersFault]:
    """The faults of a module by their short names; everywhere else they are called `MODULE:NAME`."""
    return {fault.name: replace(fault, name=f"{module}:{fault.name}") for fault in faults}


def stranger(
    name: str, what: str, expects: str, *acts: Act, caught_by: str = "", by_chance: str = "", left_to: str = ""
) -> StrangersFault:
    """A row; ids are separated by spaces."""
    ids = {"caught_by": frozenset(caught_by.split()), "by_chance": frozenset(by_chance.split())}
    return StrangersFault(name, what, (), (), acts, expects=expects, left_to=left_to, **ids)


def lie(name: str, replicas: tuple[str, ...] = REPLICAS) -> Lie:
    """A lie of lies.py."""
    return Lie(f"{LIES}:{name}", replicas)
