"""What ``--replay`` makes of a recorded run that the run itself did not: each check whose outcome differs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.record import SCHEMA
from reports.verdict import Judged

MISSING = "not judged"


@dataclass(frozen=True)
class Difference:
    """One check that is judged otherwise than it was, or only in one of the two runs."""

    name: str
    was: str
    is_now: str

    def __str__(self) -> str:
        return f"{self.name}: {self.was} then, {self.is_now} now"


def recorded_verdict(observations: Path) -> Mapping[str, Any] | None:
    """The verdict of the run whose observations these are; None where it does not lie beside them."""
    try:
        content = json.loads((observations.parent / "verdict.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and content.get("schema") == SCHEMA else None


def differences(recorded: Mapping[str, Any], checks: Iterable[Judged]) -> list[Difference]:
    """Each check whose outcome is another than in the recorded verdict."""
    was = {name_of(entry): entry["outcome"] for entry in recorded["checks"]}
    now = {judged.check.name: judged.conclusion.outcome.value for judged in checks}
    names = dict.fromkeys((*was, *now))
    return [
        Difference(name, was.get(name, MISSING), now.get(name, MISSING)) for name in names if was.get(name) != now.get(name)
    ]


def name_of(entry: Mapping[str, Any]) -> str:
    """A check of a record by the name that people read."""
    return f"{entry['id']}[{entry['parameters']}]" if entry["parameters"] else str(entry["id"])


def facts(observations: Path, recorded: Mapping[str, Any] | None, checks: Iterable[Judged]) -> dict[str, Any]:
    """What the record tells of a replay."""
    if recorded is None:
        return {"of": str(observations), "run": None, "differs": []}
    told = [vars(one) for one in differences(recorded, checks)]
    return {"of": str(observations), "run": recorded["run"], "verdict": recorded["verdict"], "differs": told}


def sentences(told: Mapping[str, Any]) -> list[str]:
    """The same for people."""
    if told["run"] is None:
        return [f"no verdict lies beside {told['of']}, so nobody can say what differs"]
    differs = [f"differs  {Difference(**one)}" for one in told["differs"]]
    return differs or [f"judged as in run {told['run']}, which was {told['verdict']}: no check differs"]
