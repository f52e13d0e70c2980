"""A way to be green for nothing, done to plain pytest and to the gate, against a target that is broken in both.

Each way starts from two tests: ``fact``, which is false, and ``other``, which is true. Whatever ends with exit status 0
in spite of that is open.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import stub
from tests.conftest import AMBIENT, ROOT, Gate, Ran, prove
from tests.judging import DOCSTRING, HEAD

PATIENCE_SECONDS = 60
STALE = "00000000"  # the run of the GO that an earlier run left behind

CONFIGURATION = "[pytest]\naddopts = --import-mode=importlib\ncache_dir = .cache/pytest\n"


@dataclass(frozen=True)
class Way:
    """One way. ``body`` is the false test's, with `seen` in it; ``marks`` stand above it, ``top`` above both tests.

    ``files`` lie beside the suite's file, ``arguments`` and ``variables`` are those of the command.
    """

    title: str
    plain: int
    status: int
    sentence: str = ""
    body: str = "assert seen.status == 404"
    marks: str = ""
    arguments_of_test: str = "seen"
    top: str = ""
    other: str = "assert seen.status == 200"
    files: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    file: str = "test_trial.py"
    name: str = "test_fact"
    id: str = "trial.fact"


def plain_suite(way: Way) -> str:
    """The two tests as plain pytest has them: the answer is a fixture, and nothing else is ours."""
    return (
        "import pytest\nfrom types import SimpleNamespace\n\n"
        "@pytest.fixture\ndef seen():\n    return SimpleNamespace(status=200)\n"
        f"{way.top}\n{way.marks}\ndef {way.name}({way.arguments_of_test}):\n    {way.body}\n"
        f"\ndef test_other(seen):\n    {way.other}\n"
    )


def gate_suite(way: Way) -> str:
    """The same two as checks."""
    return (
        f"{HEAD}{way.top}\n{way.marks}\n@trial({way.id!r})\ndef {way.name}({way.arguments_of_test}):{DOCSTRING}    {way.body}\n"
        f"\n@trial('trial.other')\ndef test_other(seen):{DOCSTRING}    {way.other}\n"
    )


def in_plain_pytest(way: Way, folder: Path) -> int:
    """The exit status that plain pytest gives."""
    suite = folder / "suites" / "trial"
    lay(way, suite, plain_suite(way))
    (folder / "pytest.ini").write_text(CONFIGURATION)
    lighter = {} if "-n" in way.arguments else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "suites/trial", *way.arguments]
    ran = subprocess.run(
        command, cwd=folder, env={**surroundings(way, suite), **lighter}, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    return ran.returncode


def in_the_gate(way: Way, project: Path, folder: Path, **limits: float) -> Ran:
    """The same in the gate, with a GO of an earlier run in the folder of its reports."""
    suite = project / "suites" / "trial"
    lay(way, suite, gate_suite(way))
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact", "trial.other"]\n')
    prove(project, {"trial.fact": "test_fact", "trial.other": "test_other"})
    out = stale(folder / "out")
    with stub.serving() as url:
        target = stub.environment(folder / "stub", url, **limits)
        return Gate(out, root=project)(f"--env={target}", "suites/trial", *way.arguments, **surroundings(way, suite))


def repository(root: Path) -> Path:
    """A repository like this one, with suites of its own."""
    (root / "suites" / "trial").mkdir(parents=True)
    (root / "environments").mkdir()
    for name in ("conftest.py", "pyproject.toml", "fixtures", "reports", "sql", *(f"environments/{it}" for it in ("claims.toml", "standin", "local"))):
        (root / name).symlink_to(ROOT / name)
    return root


def lay(way: Way, suite: Path, text: str) -> None:
    """Write a suite and what lies beside it."""
    suite.mkdir(parents=True, exist_ok=True)
    (suite / way.file).write_text(text)
    for name, content in way.files.items():
        (suite / name).parent.mkdir(parents=True, exist_ok=True)
        (suite / name).write_text(content)


def surroundings(way: Way, suite: Path) -> dict[str, str]:
    """The environment variables of a way; modules beside the suite can be imported."""
    kept = {key: value for key, value in os.environ.items() if key not in AMBIENT}
    return {**kept, **way.variables, "PYTHONPATH": str(suite)}


def stale(out: Path) -> Path:
    """A report folder with a GO in it that is none of this run's."""
    out.mkdir(parents=True)
    (out / "verdict.json").write_text(json.dumps({"verdict": "GO", "exit_status": 0, "run": STALE}))
    return out


def assert_it_means_what_it_says(ran: Ran) -> None:
    """Exit 0 is a GO, and exit 1 a NO-GO, that stands in the verdict.json of this very run; a GO has exit 0."""
    record = ran.verdict if (ran.folder / "verdict.json").exists() else {"verdict": "none", "run": STALE}
    fresh = record["verdict"] if record["run"] != STALE else "none of this run"

    assert (ran.exit_status == 0) == (fresh == "GO"), f"exit status {ran.exit_status}, {fresh}\n{ran.output}"
    assert ran.exit_status != 1 or fresh == "NO-GO", f"exit status 1, {fresh}\n{ran.output}"
