"""One mutation on trial: a copy of the repository that differs in one place, and the tests that must notice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import AMBIENT, ROOT
from tests.mutants.mutations import Mutation

CAUGHT = (1, 2)  # a test failed, or a file of tests could not be collected
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Tried:
    """How the tests ended: their exit status, none where they hung."""

    exit_status: int | None
    seconds: float
    output: str

    @property
    def killed(self) -> bool:
        """Whether the tests noticed; having hung or never begun is no notice."""
        return self.exit_status in CAUGHT


def mutated(mutation: Mutation) -> str:
    """The text of its file with the mutation. Raises ValueError where the old text is not there exactly once."""
    text = (ROOT / mutation.file).read_text("utf-8")
    if (number := text.count(mutation.old)) != 1:
        raise ValueError(f"{mutation.name}: its old text stands {number} times in {mutation.file}; it must stand there once")
    return text.replace(mutation.old, mutation.new)


def trial(mutation: Mutation, folder: Path) -> Tried:
    """Lay the mutated repository out in a folder and run the tests that must notice."""
    lay_out(folder, Path(mutation.file).parts[0])
    plant(folder / mutation.file, mutated(mutation))
    return tests_in(folder, mutation.tests)


def lay_out(folder: Path, room: str) -> None:
    """The repository as links, but one room as a copy; nothing hidden, so that no cache is shared."""
    for entry in ROOT.iterdir():
        if entry.name == room:
            shutil.copytree(entry, folder / room, symlinks=True, ignore=shutil.ignore_patterns("out", "history"))
        elif not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)


def plant(file: Path, text: str) -> None:
    """Write a file anew, and let go of what was compiled from it."""
    file.write_text(text, "utf-8")
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()


def tests_in(folder: Path, tests: Sequence[str]) -> Tried:
    """Run tests there until the first fails. What others have compiled is read; nothing is compiled to disk."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", *tests]  # the cache goes into the copy: `strict` needs its plugin
    environment = {key: value for key, value in os.environ.items() if key not in AMBIENT} | {"PYTHONDONTWRITEBYTECODE": "1"}
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    status, output = ended(process)
    return Tried(status, time.monotonic() - started, output)


def ended(process: subprocess.Popen[str]) -> tuple[int | None, str]:
    """The exit status and what was printed; no status where it had to be ended with all that it started."""
    try:
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return None, process.communicate()[0]
    return process.returncode, output
