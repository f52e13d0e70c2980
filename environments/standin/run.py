"""The stand-in of one run of the gate: which faults are wanted, which groups it needs, started or attached to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from environments.standin import client
from environments.standin.client import StandIn, StandInFailed
from environments.standin.fault import Fault
from environments.standin.faults import REGISTRY, UnknownFault, find
from environments.standin.groups import needed_by
from environments.standin.site import SHAPES


def references_for(config: pytest.Config, written: Mapping[str, Any], *, dry: bool) -> Mapping[str, str]:
    """What the target file may refer to: of a running stand-in, or placeholders when ``dry``."""
    faults = wanted(config.getoption("fault"))
    return client.references_placeholder() if dry else bring_up(config, faults, shape_of(written)).references


def shape_of(written: Mapping[str, Any]) -> str:
    """The shape that the target file asks for: `[standin] shape`."""
    shape = written.get("standin", {}).get("shape", "staging")
    if shape not in SHAPES:
        raise pytest.UsageError(f"[standin] shape is {shape!r}: write one of {', '.join(SHAPES)}")
    return str(shape)


STANDIN = pytest.StashKey[StandIn]()


def bring_up(config: pytest.Config, faults: list[str], shape: str) -> StandIn:
    """The running stand-in of this run, broken as wanted; once a run."""
    if STANDIN in config.stash:
        return config.stash[STANDIN]
    folder: Path | None = config.getoption("standin")
    try:
        config.stash[STANDIN] = standin = (
            client.attach(folder) if folder else client.start(announce, shape, groups_for(config, faults))
        )
        standin.switch(faults)
    except StandInFailed as failure:
        raise pytest.UsageError(f"stand-in: {failure}") from failure
    return standin


def wait_for_groups(config: pytest.Config) -> None:
    """Wait for the heavier parts of this run's stand-in, if it has one."""
    standin = config.stash.get(STANDIN, None)
    try:
        if standin:
            for group in standin.groups():
                standin.wait_for(group)
    except StandInFailed as failure:
        raise pytest.UsageError(f"stand-in: {failure}") from failure


def remove(config: pytest.Config) -> None:
    """Remove what was started; leave healthy what was only used."""
    standin = config.stash.get(STANDIN, None)
    if standin is None:
        return
    del config.stash[STANDIN]
    if standin.supervisor is None:
        standin.switch()
    else:
        standin.stop()


def groups_for(config: pytest.Config, faults: Iterable[str]) -> frozenset[str]:
    """What the suites of this run, and the subjects that its faults touch, need beside the core."""
    suites = config.rootpath / "suites"
    paths = [Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args]
    folders = {path.relative_to(suites).parts[0] for path in paths if suites in path.parents}
    if suites in paths:
        folders |= {folder.name for folder in suites.iterdir() if folder.is_dir()}
    return needed_by(folders | {subject for name in faults for subject in find(name).touches})


def announce(step: str) -> None:
    """Say on the terminal how far it is."""
    print(f"stand-in: {step}", file=sys.stderr, flush=True)


# ---- faults --------------------------------------------------------------------------------------------------


def wanted(options: Iterable[str]) -> list[str]:
    """The names of `--fault=a,b --fault=c`; a usage error when one is unknown."""
    names = [name.strip() for option in options for name in option.split(",") if name.strip()]
    try:
        return [find(name).name for name in names]
    except UnknownFault as unknown:
        raise pytest.UsageError(f"--fault: {unknown}") from unknown


def list_faults() -> None:
    """Print what can be broken."""
    for fault in REGISTRY:
        print(described(fault))


def described(fault: Fault) -> str:
    """A fault in two lines: what it is, and what it refutes."""
    return f"{fault.name:32} {fault.what}\n{'':32} refutes {', '.join(fault.refutes)}"
