"""Gates in forked processes: pytest and the clients' libraries are imported once, and each gate is a process of its own.

What is imported is other people's: nothing of the gate itself, so that a fork reads conftest.py, rewrites assertions and
builds its clients as the pytest command does.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WARM = (
    "pytest", "_pytest.doctest", "_pytest.faulthandler", "_pytest.junitxml", "_pytest.logging", "_pytest.unittest",
    "allure_commons.reporter", "httpx", "httpcore", "ssl", "psycopg", "redis", "celery", "celery.app.control",
    "kombu.transport.redis", "websockets.asyncio.client", "asyncio", "xml.etree.ElementTree",
)  # fmt: skip

# anyio comes with httpx, and its plugin is not used: that it was imported before pytest could rewrite it says nothing.
QUIETLY = ("-W", "ignore:Module already imported so cannot be rewritten; anyio:pytest.PytestAssertRewriteWarning")

# Whatever a shell or a CI sets must not change what a gate under proof does.
AMBIENT = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "MS5_RELEASE", "COLUMNS")


@dataclass(frozen=True)
class Gate:
    """A gate under way. ``folder`` gets its reports and, as ``output.txt``, what it says."""

    process: int
    folder: Path
    started: float


@dataclass(frozen=True)
class Ran:
    """A gate that came to its end."""

    exit_status: int
    seconds: float
    folder: Path

    @property
    def verdict(self) -> dict[str, Any]:
        """What stands in verdict.json; nothing where there is none."""
        file = self.folder / "verdict.json"
        return json.loads(file.read_text("utf-8")) if file.exists() else {"verdict": "none", "checks": [], "causes": []}

    @property
    def output(self) -> str:
        """What it said."""
        return (self.folder / "output.txt").read_text("utf-8", "replace")


def warm_up() -> None:
    """Import what every gate needs. This process must be single-threaded to be forked, before and after."""
    for name in AMBIENT:
        os.environ.pop(name, None)
    for name in WARM:
        importlib.import_module(name)


def start(folder: Path, arguments: Sequence[str], plugins: Callable[[], Sequence[object]] = tuple) -> Gate:
    """Fork a gate. ``plugins`` makes further plugins, in the gate's own process."""
    assert threading.active_count() == 1, "a process with threads cannot be forked"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "verdict.json").unlink(missing_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    started = time.monotonic()
    process = os.fork()
    if process:
        return Gate(process, folder, started)
    status = 3
    try:
        status = be_a_gate(folder, arguments, plugins)
    finally:
        os._exit(status)


def be_a_gate(folder: Path, arguments: Sequence[str], plugins: Callable[[], Sequence[object]]) -> int:
    """What the forked process does: run pytest as its command would, with everything it says in a file."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    import pytest

    status = int(pytest.main([*arguments, *QUIETLY, f"--out={folder}"], plugins=list(plugins())))
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def wait(gates: Sequence[Gate], patience_seconds: float) -> tuple[Gate, Ran] | None:
    """The first of the gates that ends; None when all still run after so long."""
    descriptors = {os.pidfd_open(gate.process): gate for gate in gates}
    try:
        ready, _, _ = select.select(list(descriptors), (), (), patience_seconds)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return ended(descriptors[ready[0]]) if ready else None


def end(gate: Gate) -> Ran:
    """End a gate that is still under way."""
    os.kill(gate.process, signal.SIGKILL)
    return ended(gate)[1]


def ended(gate: Gate) -> tuple[Gate, Ran]:
    """A gate that has ended, with what it left."""
    _, status = os.waitpid(gate.process, 0)
    return gate, Ran(os.waitstatus_to_exitcode(status), time.monotonic() - gate.started, gate.folder)
