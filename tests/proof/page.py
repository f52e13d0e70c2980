"""``docs/proof.md``: what was proven and by what, what nobody would notice, what waits. Every figure is of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.proof import Proof
from tests.proof.judging import Result
from tests.proof.plan import Catalogue, Plan
from tests.proof.spots import RANKS, Looks, Spot, blind_spots, sights

PAGE = Path("docs") / "proof.md"
SHOWN_SLOWEST = 5
SHOWN_SPOTS = 60

HEAD = """\
# Proof

Why a green of this gate is worth something, and how much. Written by `make proof`; do not edit.

**By faults.** Each fault of `environments/standin` breaks a running stand-in, and a real gate judges it. A check is proven
by a fault when it was refuted, its own sentence had the words below, no other check was refuted or could not tell, and all
that was blocked was blocked by it. The stand-in was GO before the faults, and after them. `suites/proof.lock` keeps the
source of each check with its faults; a check that was edited since is UNPROVEN until the next `make proof`.

**By lies about data.** What a healthy run saw is judged again with one small change in it: a key, a row, a header lost; a
status, a value, a type another; a time older; a list empty. A check that no change of its own observation refutes is
vacuous, and an error. A change that nobody notices is a blind spot.
"""


@dataclass(frozen=True)
class Told:
    """All that the page tells of."""

    plan: Plan
    results: Sequence[Result]
    elsewhere: Mapping[str, str]
    proofs: Mapping[str, Proof]
    catalogue: Catalogue
    looks: Looks
    seconds: float


def text_of(told: Told) -> str:
    """The page."""
    parts = (HEAD, totals(told), checks(told), slowest(told), lies(told), spots(blind_spots(told.looks)), waiting(told))
    return "\n".join(parts)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def totals(told: Told) -> str:
    ids = [id for ids in told.catalogue.values() for id in ids]
    faults = [result for result in told.results if result.trial.fault]
    wrong, repeated = ([result.trial.name for result in told.results if having(result)] for having in (lambda r: r.findings, lambda r: r.at_first))
    mutations = sum(len(look["mutations"]) for look in told.looks.values())
    rows = [
        ("checks of the catalogue", len(ids)),
        ("of these proven by at least one fault", sum(id in told.proofs for id in ids)),
        ("faults that were run", len(faults)),
        ("of these wrong", ", ".join(wrong) or 0),
        ("trials that were right only the second time", ", ".join(repeated) or 0),
        ("faults that wait for their check", len(told.plan.waiting)),
        ("faults whose part this machine cannot have", len(told.elsewhere)),
        ("lies about data", mutations),
        ("of these noticed by nobody", sum(not any(map(any, seen.values())) for look in told.looks.values() for seen in look["mutations"].values())),
        ("seconds in all", f"{told.seconds:.0f}"),
    ]
    return table(("", "number"), rows)


def checks(told: Told) -> str:
    words = {result.trial.name: result.trial.expected for result in told.results}
    rows = [
        (f"`{id}`", f"`{name}`", words.get(name, {}).get(id, "(proven earlier)"))
        for ids in told.catalogue.values()
        for id in ids
        for name in (told.proofs[id].faults if id in told.proofs else ("**none**",))
    ]
    return "## Checks, and what turns them red\n\n" + table(("check", "fault", "words of the refutation"), rows)


def slowest(told: Told) -> str:
    faults = sorted((result for result in told.results if result.trial.fault), key=lambda result: -result.seconds)
    rows = [(f"`{result.trial.name}`", f"{result.seconds:.1f}") for result in faults[:SHOWN_SLOWEST]]
    return "## Slowest faults\n\n" + table(("fault", "seconds"), rows)


def lies(told: Told) -> str:
    rows = [
        (f"`{sight.id}`", sight.refuted, sight.unknown, sight.unnoticed)
        for sight in sorted(sights(told.looks), key=lambda sight: sight.id)
    ]
    return "## Lies about data, by check\n\n" + table(("check", "refuted by", "broken by (unknown)", "not noticed"), rows)


def spots(found: Sequence[Spot]) -> str:
    ranks = ", ".join(f"{number} {RANKS[rank][0]}" for rank, number in sorted(Counter(spot.rank for spot in found).items()))
    shown = [spot for spot in found if RANKS[spot.rank][0] != "a header"][:SHOWN_SPOTS]
    head = (
        "## Blind spots\n\nWhat a probe fetched and no judgement reads, so that nobody notices a change; most telling first: "
        "a status, then values, keys and rows of answers, then times that the gate measured, then headers. "
        f"Places: {ranks or 'none'}. Headers are only counted, and of the others {len(shown)} are shown.\n\n"
    )
    rows = [(f"`{spot.look}`", f"`{spot.where or 'all of it'}`", ", ".join(spot.hows)) for spot in shown]
    return head + table(("probe", "where", "changed so"), rows)


def waiting(told: Told) -> str:
    return "## Not proven yet\n\n" + "\n".join(paragraphs(told))


def paragraphs(told: Told) -> Iterator[str]:
    yield f"Faults that wait for their check ({len(told.plan.waiting)}); the ids are proposals.\n"
    yield table(("fault", "is to refute"), [(f"`{fault.name}`", ", ".join(fault.refutes)) for fault in told.plan.waiting])
    if told.elsewhere:
        yield "Faults whose part this machine could not have.\n"
        yield table(("fault", "why"), [(f"`{name}`", why) for name, why in told.elsewhere.items()])
