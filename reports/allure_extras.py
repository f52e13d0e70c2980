"""What Allure needs beyond its own plugin: no secret in any file, one case for the verdict, the run's environment."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import allure_pytest.plugin
import pytest
from allure_commons import hookimpl
from allure_commons.logger import AllureFileLogger

from fixtures.guard import Scrubber
from reports.record import CannotWrite, Subject
from reports.verdict import Verdict, Word


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gate")
    group.addoption("--no-allure", action="store_true", help="Write no Allure results; verdict and JUnit as always.")


def scrub(scrubber: Scrubber) -> None:
    """Let nothing reach an Allure file unscrubbed.

    Allure formats exceptions itself, so scrubbing pytest's reports is not enough. This replaces the writer of
    allure-pytest 2.16.2, which is pinned; `tests/test_secrets.py` looks through the files.
    """

    class ScrubbingLogger(AllureFileLogger):
        def _report_item(self, item: Any) -> None:
            clean_strings(item, scrubber)
            super()._report_item(item)  # type: ignore[no-untyped-call]  # allure declares no types

        @hookimpl
        def report_container(self, container: Any) -> None:
            """Write nothing: that `seen` was set up says nothing, and is two files of three that a check would cost."""

        def report_attached_data(self, body: Any, file_name: str) -> None:
            text = body if isinstance(body, str) else body.decode("utf-8", "surrogateescape")
            super().report_attached_data(scrubber.clean(text).encode("utf-8", "surrogateescape"), file_name)  # type: ignore[no-untyped-call]

    allure_pytest.plugin.AllureFileLogger = ScrubbingLogger


def clean_strings(item: Any, scrubber: Scrubber) -> None:
    """Scrub every text of an Allure model, in place."""
    for name, value in vars(item).items():
        if isinstance(value, str):
            setattr(item, name, scrubber.clean(value))
        elif isinstance(value, list):
            for inner in value:
                if hasattr(inner, "__dict__"):
                    clean_strings(inner, scrubber)
        elif hasattr(value, "__dict__"):
            clean_strings(value, scrubber)


def append_verdict(results: str | None, verdict: Verdict, subject: Subject) -> None:
    """Write the case ``gate.verdict`` and ``environment.properties``, where there are results. Raises CannotWrite."""
    if not results:
        return
    folder = Path(results)
    now = round(time.time() * 1000)
    status = "passed" if verdict.word is Word.GO else "failed"
    case = {
        "uuid": str(uuid.uuid4()), "historyId": "gate.verdict", "fullName": "gate.verdict",
        "name": f"gate.verdict: {verdict.word.value}", "status": status, "stage": "finished",
        "statusDetails": {"message": "; ".join(verdict.reasons)}, "start": now, "stop": now,
        "labels": [{"name": "severity", "value": "blocker"}, {"name": "suite", "value": "gate"}],
    }  # fmt: skip
    facts = {"environment": subject.environment, "slot": subject.slot or "-", "run": subject.run, "verdict": verdict.word.value}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{case['uuid']}-result.json").write_text(json.dumps(case), "utf-8")
        (folder / "environment.properties").write_text("".join(f"{key}={value}\n" for key, value in facts.items()), "utf-8")
    except OSError as problem:
        raise CannotWrite(f"{folder} cannot be written ({problem.strerror}): make room or name another folder with --out") from None


