"""Runs the second proof: for each suite, the observations of the healthy twin at the end, with lies in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.standin.client import StandIn
from tests.proof import gates
from tests.proof.spots import Looks

LONGEST_SECONDS = 120.0
PARTIAL = 12  # a replay looks at nothing, so it is never GO


@dataclass(frozen=True)
class Lies:
    """Who noticed what, by look; and why a suite could not be judged again, if so."""

    looks: Looks
    trouble: tuple[str, ...]


def told_to(suites: Sequence[str], standin: StandIn, observations: Path, folder: Path, most: int) -> Lies:
    """Judge the observations of these suites again, with at most so many lies about each look."""
    looks: dict[str, Any] = {}
    trouble = []
    for suite in suites:
        into = folder / f"{suite}.json"
        problem = replay(suite, standin, observations, into, most)
        if problem:
            trouble.append(f"suite {suite} was not judged again: {problem}")
        elif into.exists():
            looks |= json.loads(into.read_text("utf-8"))
    return Lies(looks, tuple(trouble))


def replay(suite: str, standin: StandIn, observations: Path, into: Path, most: int) -> str:
    """Run a gate that judges one suite's observations and the lies about them; why it did not, or nothing."""

    def plugins() -> list[object]:
        from tests.proof.blindness import Blindness

        return [Blindness(observations, into, most)]

    arguments = ["--env=local", f"--standin={standin.folder}", f"suites/{suite}", f"--replay={observations}"]
    gate = gates.start(into.with_suffix(""), arguments, plugins)
    ended = gates.wait([gate], LONGEST_SECONDS)
    if not ended:
        gates.end(gate)
        return f"it took longer than {LONGEST_SECONDS:g} s"
    _, ran = ended
    return "" if ran.exit_status == PARTIAL else f"it ended with {ran.exit_status}\n{ran.output}"
