"""What the lies about data show: how many of its own each check notices, and which nobody notices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# A spot's place in the list, by the first that fits: what a user would be hurt by most, first.
RANKS = (
    ("a status", re.compile(r"\.status is ")),
    ("a value, key or row", re.compile(r"^(?!.*\.headers\.)(?!.*\.elapsed_seconds )")),
    ("a time that the gate measured", re.compile(r"\.elapsed_seconds ")),
    ("a header", re.compile(r"\.headers\.")),
)
INDEX = re.compile(r"\[\d+\]")
PASSING_KEY = re.compile(r"\.[^.\[( ]*(?:@|\d{4})[^\[( ]*")  # names a host, a port, a migration: another one in the next run

LOST = frozenset({"dropped", "emptied"})


@dataclass(frozen=True)
class Sight:
    """How many mutations of its own observation a check was refuted by, broke on (unknown), and did not notice."""

    id: str
    refuted: int
    unknown: int
    unnoticed: int


@dataclass(frozen=True)
class Spot:
    """A mutation that no check notices, wherever in a list it is made. ``rank`` is the place in RANKS."""

    rank: int
    look: str
    checks: tuple[str, ...]
    where: str
    hows: tuple[str, ...]


Looks = Mapping[str, Mapping[str, Any]]


def sights(looks: Looks) -> Iterator[Sight]:
    """What each check notices of its own observation, by id."""
    for look in looks.values():
        for id in sorted(set(look["checks"])):
            refuted, unknown = (sum(id in noticed[how] for noticed in look["mutations"].values()) for how in ("refuted", "unknown"))
            yield Sight(id, refuted, unknown, len(look["mutations"]) - refuted - unknown)


def vacuous(looks: Looks) -> list[str]:
    """The checks that no mutation of their own observation refutes."""
    return sorted({sight.id for sight in sights(looks)} - {sight.id for sight in sights(looks) if sight.refuted})


def blind_spots(looks: Looks) -> list[Spot]:
    """What nobody notices, most telling first; of a part that may be lost as a whole, not each piece."""
    spots = [
        Spot(rank_of(f"{where} {hows[0]}"), name_of(key), tuple(sorted(set(look["checks"]))), where, hows)
        for key, look in looks.items()
        for where, hows in unnoticed(look["mutations"])
    ]
    spots = [spot for spot in spots if spot.rank == 0 or not within(spot, spots)]  # a status is always told
    return sorted(spots, key=lambda spot: (spot.rank, spot.look, spot.where))


def within(spot: Spot, spots: Iterable[Spot]) -> bool:
    """Whether something around the spot may be lost and nobody notices."""
    return any(
        LOST & set(other.hows) and spot.look == other.look and re.match(r"[.(\[]", spot.where.removeprefix(other.where))
        for other in spots
        if other is not spot and spot.where.startswith(other.where) and other.where
    )


def unnoticed(mutations: Mapping[str, Mapping[str, list[str]]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each place with the ways to change it that nobody notices at any index."""
    seen: dict[str, dict[str, bool]] = {}
    for told, noticed in mutations.items():
        where, _, how = PASSING_KEY.sub(".…", INDEX.sub("[]", told)).partition(" ")
        hows = seen.setdefault(where, {})
        hows[how] = hows.get(how, False) or any(noticed.values())
    for where, hows in seen.items():
        if blind := tuple(how for how, anybody in hows.items() if not anybody):
            yield where, blind


def rank_of(told: str) -> int:
    return next(rank for rank, (_, pattern) in enumerate(RANKS) if pattern.search(told))


def name_of(key: str) -> str:
    """The probe of a look: file and function."""
    return key.partition("(")[0]
