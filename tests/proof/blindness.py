"""The second proof, without a target: a recorded healthy run is judged again with one small lie in it, thousands of times.

A plugin for a gate with ``--replay``. Who notices which lie goes to a file when the gate ends: by look, each mutation with
the checks that were refuted by it and those that broke.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.proof.mutations import some_of

FILE = "mutations.json"


@dataclass(eq=False)  # pytest keeps plugins by identity
class Blindness:
    """Judges mutated observations. ``most`` bounds the mutations of one look."""

    recorded: Path
    into: Path
    most: int
    looks: dict[str, Any] = field(default_factory=dict)

    def pytest_sessionstart(self) -> None:
        """Read what was seen, in its plain form."""
        records = map(json.loads, self.recorded.read_text("utf-8").splitlines())
        self.seen = {record["look"]: record["value"] for record in records if not record["error"]}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
        """After a judgement that held, judge the lies."""
        result = yield
        from fixtures.check import check_of
        from fixtures.trial import look_of

        if check := check_of(pyfuncitem):
            key = look_of(pyfuncitem, check).key
            if key in self.seen:
                self.examine(pyfuncitem, check.id, key)
        return result

    def examine(self, item: pytest.Function, id: str, key: str) -> None:
        """Judge every mutation of what this check saw."""
        look = self.looks.setdefault(key, {"checks": [], "mutations": {}})
        look["checks"].append(id)
        for mutation in some_of(self.seen[key], self.most, key):
            noticed = look["mutations"].setdefault(f"{mutation.where} {mutation.how}", {"refuted": [], "unknown": []})
            outcome = judged(item, mutation.value)
            if outcome != "held":
                noticed[outcome].append(id)

    def pytest_sessionfinish(self) -> None:
        """Write down who noticed what."""
        self.into.write_text(json.dumps(self.looks), "utf-8")


def judged(item: pytest.Function, value: Any) -> str:
    """What the judgement makes of a lie: held, refuted, or unknown where it breaks."""
    from fixtures.frozen import thawed

    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    try:
        item.obj(**{**arguments, "seen": thawed(value)})
    except AssertionError:
        return "refuted"
    except (Exception, pytest.fail.Exception, pytest.skip.Exception):  # noqa: BLE001 - whatever a lie breaks, it did not refute
        return "unknown"
    return "held"
