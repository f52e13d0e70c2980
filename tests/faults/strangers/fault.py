"""A fault by a stranger: what its maker thought a gate should say, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from environments.standin.acts import Act, Lie
from environments.standin.faults import Fault

ONE_OF_TWO = ("blue-2",)
LIES = "tests.faults.strangers.lies"


@dataclass(frozen=True)
class StrangersFault(Fault):
    """`expects` is what a gate should say. `caught_by` are the ids it turns red; with none, `left_to` says whose it is."""

    expects: str
    caught_by: tuple[str, ...] = ()
    left_to: str = ""


def registry(module: str, *faults: StrangersFault) -> Mapping[str, StrangersFault]:
    """The faults of a module by their short names; elsewhere they are called `MODULE:NAME`."""
    return {fault.name: with_address(module, fault) for fault in faults}


def with_address(module: str, fault: StrangersFault) -> StrangersFault:
    return StrangersFault(**{**vars(fault), "name": f"{module}:{fault.name}"})


def stranger(
    name: str, what: str, expects: str, *acts: Act, caught_by: str = "", left_to: str = ""
) -> StrangersFault:
    """A row; ids are separated by spaces."""
    return StrangersFault(name, what, (), (), acts, expects, tuple(caught_by.split()), left_to)


def lie(name: str, replicas: tuple[str, ...] = ("blue-1", "blue-2", "green-1")) -> Lie:
    """A lie of lies.py."""
    return Lie(f"{LIES}:{name}", replicas)
