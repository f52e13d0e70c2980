"""The stand-in as the gate's environment `local` (options `--fault`, `--standin`, `--list-faults`).

What it takes to run one is imported when one is wanted: a gate at any other target starts a fifth faster without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ENVIRONMENT = "local"
IN_USE = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("standin", "the embedded stand-in (environment local)")
    group.addoption("--fault", action="append", default=[], metavar="NAME,…", help="Break the stand-in like this.")
    group.addoption("--list-faults", action="store_true", help="List what can be broken and stop.")
    group.addoption("--standin", type=Path, metavar="FOLDER", help="Use the stand-in that is kept up in this folder.")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.getoption("list_faults"):
        return None
    from environments.standin import run

    run.list_faults()
    return 0


@pytest.hookimpl
def pytest_gate_references(
    config: pytest.Config,
    name: str,
    written: Mapping[str, Any],
    dry: bool,  # noqa: FBT001 - pytest's way
) -> Mapping[str, str] | None:
    """The stand-in's addresses, for the environment that is one."""
    if name != ENVIRONMENT:
        refuse_options(config, name)
        return None
    from environments.standin import run

    config.stash[IN_USE] = True
    return run.references_for(config, written, dry=dry)


def refuse_options(config: pytest.Config, name: str) -> None:
    """No other target can be broken, or be a stand-in that is kept up."""
    if config.getoption("fault") or config.getoption("standin"):
        raise pytest.UsageError(f"--fault and --standin are for the stand-in: --env={ENVIRONMENT}, not --env={name}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Let the heavier parts, which started beside the collection, be up before the first look."""
    if IN_USE in session.config.stash:
        from environments.standin import run

        run.wait_for_groups(session.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the stand-in of this run go."""
    if IN_USE in config.stash:
        from environments.standin import run

        run.remove(config)
