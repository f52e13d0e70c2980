"""What is to be proven: each fault with the suites that must see it, and a healthy twin of each subject."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from environments.standin.fault import Fault
from environments.standin.faults import REGISTRY, find
from environments.standin.groups import needed_by, with_what_they_stand_on

ALWAYS = "smoke"
Catalogue = Mapping[str, tuple[str, ...]]  # ids by suite


@dataclass(frozen=True)
class Trial:
    """One gate that is to run. ``expected`` has, by id, words of each refutation; a healthy twin expects none."""

    name: str
    suites: tuple[str, ...]
    expected: Mapping[str, str]
    fault: Fault | None = None


@dataclass(frozen=True)
class Plan:
    """The trials, and the faults that no check of the catalogue claims to see."""

    twins: tuple[Trial, ...]
    faults: tuple[Trial, ...]
    waiting: tuple[Fault, ...]

    @property
    def suites(self) -> tuple[str, ...]:
        """Every suite that takes part."""
        return tuple(sorted({suite for trial in (*self.twins, *self.faults) for suite in trial.suites}))


def catalogue_of(root: Path) -> Catalogue:
    """The ids that suites/catalogue.lock promises, by suite."""
    content = tomllib.loads((root / "suites" / "catalogue.lock").read_text("utf-8"))
    return {suite: tuple(ids) for suite, ids in content.items()}


def plan_of(catalogue: Catalogue, names: Iterable[str] = (), *, full: bool = False) -> Plan:
    """What to run for these faults, or for all. Raises UnknownFault."""
    chosen = [find(name) for name in names] or REGISTRY
    promised = {id for ids in catalogue.values() for id in ids}
    claimed = [fault for fault in chosen if promised & fault.refutes.keys()]
    trials = tuple(trial_of(fault, catalogue, full=full) for fault in claimed)
    subjects = sorted({suite for trial in trials for suite in trial.suites})
    return Plan(tuple(map(twin_of, subjects)), trials, tuple(fault for fault in chosen if fault not in claimed))


def trial_of(fault: Fault, catalogue: Catalogue, *, full: bool) -> Trial:
    """A fault, smoke and the subjects that it touches; or every suite."""
    suites = tuple(suite for suite in sorted(catalogue) if full or suite in {ALWAYS, *fault.touches, *subjects_of(fault)})
    promised = {id for suite in suites for id in catalogue[suite]}
    return Trial(fault.name, suites, {id: words for id, words in fault.refutes.items() if id in promised}, fault)


def subjects_of(fault: Fault) -> set[str]:
    """The suites of the checks that it refutes."""
    return {id.partition(".")[0] for id in fault.refutes}


def twin_of(subject: str) -> Trial:
    """The subject's suite and smoke, with nothing broken."""
    return Trial(f"healthy {subject}", tuple(sorted({ALWAYS, subject})), {})


def without(trial: Trial, states: Mapping[str, str]) -> str:
    """Why a trial's part is not here, by the states of the stand-in's groups; nothing where it is."""
    needed = with_what_they_stand_on(needed_by(trial.fault.touches if trial.fault else ()))
    return next((why for group, why in sorted(states.items()) if group in needed and why not in {"up", "starting"}), "")
