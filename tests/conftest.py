"""What the tests share: a stand-in that is kept up, the gate as its users start it, and projects of a test's own."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from environments.standin import client
from environments.standin.groups import needed_by
from fixtures.proof import LOCK, Proof, definitions_in, lock_text, source_in
from tests import stub
from tests.judging import HEAD

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 120

# Whatever a developer's shell or a CI sets must not change what a gate under test does.
AMBIENT = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "MS5_RELEASE", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "COLUMNS")


@dataclass(frozen=True)
class Ran:
    """A gate that ran to its end."""

    exit_status: int
    output: str
    folder: Path

    @property
    def verdict(self) -> dict[str, Any]:
        """What stands in verdict.json."""
        return json.loads((self.folder / "verdict.json").read_text("utf-8"))

    def having(self, outcome: str) -> set[str]:
        """The ids of the checks with that outcome."""
        return {check["id"] for check in self.verdict["checks"] if check["outcome"] == outcome}

    def check(self, id: str) -> dict[str, Any]:
        """One check of the record."""
        return next(check for check in self.verdict["checks"] if check["id"] == id)


@dataclass(frozen=True)
class Gate:
    """Starts the gate as its users do: the pytest command in a process of its own."""

    folder: Path
    standin: client.StandIn | None = None
    root: Path = ROOT

    def command(self, *arguments: str) -> list[str]:
        """The command line, with the shared stand-in where the environment is local."""
        named = any(argument.startswith("--out") for argument in arguments)
        own = [f"--out={self.folder}"] if any(a.startswith("--env") for a in arguments) and not named else []
        shared = [f"--standin={self.standin.folder}"] if self.standin and "--env=local" in arguments else []
        return [sys.executable, "-m", "pytest", *arguments, *own, *shared]

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start it and return at once."""
        environment = {key: value for key, value in os.environ.items() if key not in AMBIENT}
        return subprocess.Popen(
            self.command(*arguments), cwd=self.root, env={**environment, **variables}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def __call__(self, *arguments: str, **variables: str) -> Ran:
        """Run it to its end."""
        process = self.start(*arguments, **variables)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
        return Ran(process.returncode, output, self.folder)


@pytest.fixture(scope="session")
def kept_up() -> Iterator[client.StandIn]:
    """A stand-in that all tests of this process share."""
    with client.start(groups=needed_by(["smoke"])) as standin:
        for group in standin.groups():
            standin.wait_for(group)
        yield standin


@pytest.fixture
def gate(kept_up: client.StandIn, tmp_path: Path) -> Gate:
    """The gate, aimed at the shared stand-in where the environment is local."""
    return Gate(tmp_path / "out", kept_up)


@pytest.fixture
def bare_gate(tmp_path: Path) -> Gate:
    """The gate without any stand-in of the tests."""
    return Gate(tmp_path / "out")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository like this one, with suites of the test's own."""
    return project_in(tmp_path / "project")


def project_in(root: Path) -> Path:
    """Lay out a repository like this one, with an empty suite ``trial``."""
    root.mkdir()
    for name in ("conftest.py", "pyproject.toml", "fixtures", "reports", "sql"):
        (root / name).symlink_to(ROOT / name)
    (root / "suites" / "trial").mkdir(parents=True)
    (root / "environments").mkdir()
    for name in ("claims.toml", "standin", "local"):
        (root / "environments" / name).symlink_to(ROOT / "environments" / name)
    prove(root, {})
    return root


def parses(file: Path) -> bool:
    """Whether a suite is Python at all."""
    try:
        ast.parse(file.read_text("utf-8"))
    except SyntaxError:
        return False
    return True


def prove(root: Path, judgements: Mapping[str, str], suite: str = "trial") -> None:
    """Say of checks in a project's suite that they were seen red: the name of each judgement, by its check's id."""
    files = {name: file for file in (root / "suites" / suite).glob("test_*.py") if parses(file) for name in definitions_in(file)}
    proofs = {id: Proof(source_in(files[name], name), ("some-fault",)) for id, name in judgements.items() if name in files}
    definitions_in.cache_clear()  # a test may write the file again
    (root / LOCK).write_text(lock_text({suite: proofs}), "utf-8")


@pytest.fixture
def judged(project: Path, tmp_path: Path) -> Callable[..., Ran]:
    """Run a suite of the test's own against the stub."""

    def run(text: str, *arguments: str, **limits: float) -> Ran:
        (project / "suites" / "trial" / "test_trial.py").write_text(HEAD + text)
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
        prove(project, {"trial.fact": "test_fact"})
        with stub.serving() as url:
            folder = stub.environment(tmp_path / "stub", url, **limits)
            return Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *arguments)

    return run
