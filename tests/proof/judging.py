"""Whether a gate saw its fault as the fault says: what it names, for the reason that it names, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.proof.plan import Trial

GIVEN_UP = {"refuted", "unknown"}


@dataclass(frozen=True)
class Finding:
    """What is wrong with a trial. ``kind`` is survivor, wrong reason, extra, or gate."""

    kind: str
    id: str
    sentence: str


@dataclass(frozen=True)
class Result:
    """A trial that came to its end: as it ended, and, if it was repeated, what was wrong the first time."""

    trial: Trial
    seconds: float
    findings: tuple[Finding, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)
    at_first: tuple[Finding, ...] = ()
    output: str = ""


def findings_in(trial: Trial, verdict: Mapping[str, Any], exit_status: int) -> list[Finding]:
    """Everything that is not as it should be."""
    found = [*unlike_a_gate(trial, verdict, exit_status)]
    if not found:
        found = [*survivors(trial, verdict), *extras(trial, verdict)]
    return found


def unlike_a_gate(trial: Trial, verdict: Mapping[str, Any], exit_status: int) -> Iterator[Finding]:
    """A gate that broke has proven nothing. Red that is yet to be proven is INCONCLUSIVE."""
    wanted = {"NO-GO", "INCONCLUSIVE", "GO"} if trial.fault else {"GO"}
    if verdict["verdict"] not in wanted or verdict.get("exit_status") != exit_status:
        told = [*verdict.get("reasons", ()), *(f"{cause['id']}: {sentence_of(cause)}" for cause in verdict["causes"])]
        yield Finding("gate", trial.name, f"it ended with {exit_status}, {verdict['verdict']}: {'; '.join(told) or 'no reason'}")


def survivors(trial: Trial, verdict: Mapping[str, Any]) -> Iterator[Finding]:
    """Checks that should be red and are not, or are for another reason."""
    for id, words in trial.expected.items():
        entries = [entry for entry in verdict["checks"] if entry["id"] == id]
        red = [sentence_of(entry) for entry in entries if entry["outcome"] == "refuted"]
        if not red:
            outcomes = ", ".join(sorted({entry["outcome"] for entry in entries})) or "not judged"
            yield Finding("survivor", id, f"{id} is {outcomes}")
        elif not words:
            yield Finding("wrong reason", id, f"{id} exists, and the fault has no words for it; it says: {red[0]}")
        elif not any(words in sentence for sentence in red):
            yield Finding("wrong reason", id, f"{id} does not say {words!r} but: {red[0]}")


def extras(trial: Trial, verdict: Mapping[str, Any]) -> Iterator[Finding]:
    """Checks that turned red or brought no answer and should not have; blocked is right below a cause that is named."""
    for entry in verdict["checks"]:
        if entry["outcome"] in GIVEN_UP and not (entry["outcome"] == "refuted" and entry["id"] in trial.expected):
            yield Finding("extra", entry["id"], f"{entry['id']} is {entry['outcome']}: {sentence_of(entry)}")
    for cause in verdict["causes"]:
        if cause["blocks"] and cause["id"].partition("[")[0] not in trial.expected:
            yield Finding("extra", cause["id"], f"{cause['id']} blocks {', '.join(cause['blocks'])}: {sentence_of(cause)}")


def reasons_in(trial: Trial, verdict: Mapping[str, Any]) -> dict[str, str]:
    """What each check that should be red said."""
    return {
        entry["id"]: sentence_of(entry)
        for entry in verdict["checks"]
        if entry["id"] in trial.expected and entry["outcome"] == "refuted"
    }


def sentence_of(entry: Mapping[str, Any]) -> str:
    """What a judgement says itself, without the values that pytest shows below it."""
    return str(entry["message"]).partition("\nassert ")[0].strip()
