"""The folder of a run's reports, and the record in it that machines read: ``verdict.json``.

The record says VOID from the first moment and is replaced atomically, so a run that is killed leaves no GO, neither
its own nor the last one's.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from reports.verdict import Judged, Verdict, Waived, Word

SCHEMA = "ms5-gate-verdict/1"


class CannotWrite(Exception):
    """A report cannot be written: the gate cannot vouch for a verdict that nobody can read."""


@dataclass(frozen=True)
class Subject:
    """What a verdict is about: the target, as it was chosen."""

    environment: str
    slot: str | None
    suites: tuple[str, ...]
    overrides: Mapping[str, str]
    run: str
    started_at: datetime
    override_ticket: str = ""
    required_suites: tuple[str, ...] = ()
    release: str = ""


class Folder:
    """A report folder that belongs to one run at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    def take(self) -> None:
        """Make the folder and lock it. Raises CannotWrite, BlockingIOError where another run has it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / ".lock").open("w")
        except OSError as problem:
            raise CannotWrite(sentence(self.path, problem)) from None
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def empty(self) -> None:
        """Throw away what an earlier run reported: none of it may be taken for this run's. Raises CannotWrite."""
        try:
            for file in (self.path / "junit.xml", *self.path.glob("observations*.jsonl")):
                file.unlink(missing_ok=True)
            if (self.path / "allure-results").is_dir():
                shutil.rmtree(self.path / "allure-results")
        except OSError as problem:
            raise CannotWrite(sentence(self.path, problem)) from None

    def release(self) -> None:
        """Let the next run have it."""
        if self._lock:
            self._lock.close()

    def write(self, name: str, text: str) -> None:
        """Replace a file as a whole, or not at all. Raises CannotWrite."""
        file, fresh = self.path / name, self.path / f".{name}.{os.getpid()}"
        try:
            with fresh.open("w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(file)
        except OSError as problem:
            fresh.unlink(missing_ok=True)
            raise CannotWrite(sentence(file, problem)) from None


def sentence(path: Path, problem: OSError) -> str:
    return f"{path} cannot be written ({problem.strerror}): make room or name another folder with --out"


# ---- verdict.json --------------------------------------------------------------------------------------------


def void(subject: Subject, reason: str) -> dict[str, Any]:
    """The record of a run that has not come to an end."""
    return {**head(subject, Word.VOID, subject.started_at), "reasons": [reason], "waivers": [], "counts": {}, "causes": [], "checks": []}


def head(subject: Subject, word: Word, finished_at: datetime) -> dict[str, Any]:
    """What every record begins with."""
    return {
        "schema": SCHEMA,
        "verdict": word.value,
        "exit_status": word.exit_status,
        "environment": subject.environment,
        "slot": subject.slot,
        "release": subject.release,
        "suites": list(subject.suites),
        "required_suites": list(subject.required_suites),
        "run": subject.run,
        "started_at": stamp(subject.started_at),
        "finished_at": stamp(finished_at),
        "duration_seconds": round((finished_at - subject.started_at).total_seconds(), 3),
        "overrides": dict(subject.overrides),
        "override_ticket": subject.override_ticket,
    }


def record(
    subject: Subject,
    verdict: Verdict,
    finished_at: datetime,
    grounds: list[dict[str, Any]],
    controls: list[dict[str, Any]],
) -> dict[str, Any]:
    """The record of a run that came to an end."""
    return {
        **head(subject, verdict.word, finished_at),
        "reasons": list(verdict.reasons),
        "waivers": [waiver_entry(one) for one in verdict.waived],
        "counts": {outcome.value: number for outcome, number in verdict.counts.items()},
        "strength": {"proven": len(verdict.checks) - len(verdict.unproven), "unproven": len(verdict.unproven)},
        "causes": [
            {"id": cause.id, "message": cause.message, "first_step": cause.first_step, "blocks": list(cause.blocks)}
            for cause in verdict.causes
        ],
        "checks": [entry(judged) for judged in verdict.checks],
        "grounds": grounds,
        "controls": controls,
    }


def waiver_entry(waived: Waived) -> dict[str, Any]:
    """One waiver of the environment, with what it covers in this run."""
    waiver = waived.waiver
    return {
        "id": waiver.id,
        "ticket": waiver.ticket,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "until": waiver.until.isoformat(),
        "days_left": waiver.days_left,
        "message": waiver.message,
        "covers": list(waived.covers),
        "stale": waived.stale,
    }


def entry(judged: Judged) -> dict[str, Any]:
    """One check with its conclusion."""
    check, conclusion = judged.check, judged.conclusion
    return {
        "id": check.id,
        "parameters": check.parameters,
        "claim": check.claim,
        "claims": list(check.claims),
        "severity": check.severity.value,
        "outcome": conclusion.outcome.value,
        "proven": check.proven,
        "duration_ms": round(conclusion.duration_seconds * 1000),
        "attempts": conclusion.attempts,
        "exchanges": conclusion.exchanges,
        "assertions": conclusion.assertions,
        "message": conclusion.message,
        "note": conclusion.note,
        "waiver": conclusion.waiver,
        "blocked_by": conclusion.cause,
        "first_step": check.first_step,
        "node_id": check.node_id,
    }


def stamp(moment: datetime) -> str:
    """A moment in UTC, as ISO 8601."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_json(content: Mapping[str, Any]) -> str:
    """The record as people can read it too."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
