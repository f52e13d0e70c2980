"""The core of a stand-in is ready without the other groups, and stays up whatever becomes of them."""

from __future__ import annotations

import asyncio
from argparse import ArgumentTypeError
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from environments.standin import __main__ as command
from environments.standin.groups import CORE, GROUPS, NEEDED_BY, needed_by
from environments.standin.parts.process import PartFailed
from environments.standin.run import groups_for
from environments.standin.site import REPOSITORY
from environments.standin.stack import Stack


async def at_once() -> None:
    """A part that is up at once."""


async def never() -> None:
    await asyncio.Event().wait()


async def fails() -> None:
    raise PartFailed("the disk is full")


async def breaks() -> None:
    raise KeyError("nobody thought of this")


@dataclass
class Trial:
    """A part that does what it is told to when it is started."""

    name: str
    does: Callable[[], Awaitable[None]] = at_once
    group: str = CORE
    needs: tuple[str, ...] = ()
    stopped: bool = False

    async def start(self) -> str:
        await self.does()
        return self.name

    async def stop(self) -> None:
        self.stopped = True


@dataclass
class TrialStack(Stack):
    """A stack of such parts."""

    trials: tuple[Trial, ...]
    site: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(groups=frozenset({"workers"})))
    told: list[str] = field(default_factory=list)
    groups: dict = field(default_factory=dict)

    @property
    def all_parts(self) -> tuple[Trial, ...]:
        return self.trials

    def announce(self, text: str) -> None:
        self.told.append(text)


def trial(*parts: Trial) -> TrialStack:
    return TrialStack(parts)


def test_ready_does_not_wait_for_a_group() -> None:
    """The core is up while a group is on its way, and stopping leaves nothing on its way."""
    stack = trial(Trial("door"), Trial("slow", never, "workers"))

    async def life() -> dict[str, str]:
        await stack.start()
        states = stack.states()
        await stack.stop()
        return states

    assert asyncio.run(asyncio.wait_for(life(), 5)) == {"workers": "starting"}
    assert all(part.stopped for part in stack.parts)


@pytest.mark.parametrize(("does", "why"), [(fails, "the disk is full"), (breaks, "nobody thought of this")])
def test_a_group_that_fails_leaves_the_core_up(does: Callable[[], Awaitable[None]], why: str) -> None:
    """Whatever happens to a group is announced and kept, and raised to those who wait for it."""
    stack = trial(Trial("door"), Trial("weak", does, "workers"))

    async def life() -> None:
        await stack.start()
        with pytest.raises(PartFailed, match=why):
            await stack.wait_for("workers")

    asyncio.run(life())

    assert why in stack.states()["workers"]
    assert any("workers did not start" in text and why in text for text in stack.told)


def test_a_group_waits_for_what_it_needs_of_the_core() -> None:
    """A part of a group starts after the part of the core that it needs."""
    order: list[str] = []

    async def door() -> None:
        await asyncio.sleep(0.01)
        order.append("door")

    async def guest() -> None:
        order.append("guest")

    stack = trial(Trial("guest", guest, "workers", ("door",)), Trial("door", door))

    async def life() -> None:
        await stack.start()
        await stack.wait_for("workers")

    asyncio.run(life())

    assert order == ["door", "guest"]
    assert stack.states() == {"workers": "up"}


def test_a_core_that_fails_is_raised() -> None:
    """Without its core there is no stand-in."""
    stack = trial(Trial("door", fails), Trial("guest", at_once, "workers", ("door",)))

    async def life() -> None:
        with pytest.raises(PartFailed, match="the disk is full"):
            await stack.start()
        await stack.stop()

    asyncio.run(asyncio.wait_for(life(), 5))


def test_a_group_that_was_not_wanted_is_not_there() -> None:
    """It is neither started nor waited for, and whoever asks for it or its parts is told."""
    stack = trial(Trial("door"), Trial("bucket", at_once, "backup"))

    async def life() -> None:
        await stack.start()
        with pytest.raises(PartFailed, match="without the group backup"):
            await stack.wait_for("backup")
        with pytest.raises(PartFailed, match="without bucket"):
            stack["bucket"]

    asyncio.run(life())

    assert [part.name for part in stack.parts] == ["door"]


def test_the_table_names_groups_that_exist() -> None:
    """Every group is needed by some suite, and every suite's needs are groups."""
    assert frozenset().union(*NEEDED_BY.values()) == set(GROUPS)


@pytest.mark.parametrize(
    ("arguments", "faults", "groups"),
    [
        (["suites/api"], [], set()),
        (["suites/smoke/test_stores.py::test_workers_answer"], [], {"workers", "prometheus"}),
        (["suites/api", "suites/backup"], [], {"backup"}),
        (["suites/api"], ["beat-stopped"], {"workers"}),
        (["suites"], [], {"workers", "prometheus"}),
    ],
)
def test_a_run_starts_what_its_suites_and_faults_need(
    arguments: list[str], faults: list[str], groups: set[str]
) -> None:
    """The command line decides what is started beside the core; with every suite, at least what smoke needs."""
    config = SimpleNamespace(rootpath=REPOSITORY, args=arguments, invocation_params=SimpleNamespace(dir=REPOSITORY))
    found = groups_for(config, faults)

    assert found >= groups if arguments == ["suites"] else found == groups
    assert needed_by(["api"]) == set()
    assert Path(REPOSITORY, "suites", "smoke").is_dir()


def test_the_command_line_names_groups() -> None:
    """`--with` takes all, none or names, and refuses what is no group."""
    assert command.groups("all") == GROUPS
    assert command.groups("none") == ()
    assert command.groups("workers,backup") == ("workers", "backup")
    with pytest.raises(ArgumentTypeError, match="worker:"):
        command.groups("worker")
