"""What watches the stand-in is small, needs no right, ends with it, and is absent in writing where it cannot be had."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from environments.standin import client
from environments.standin.client import StandIn
from environments.standin.parts import packages
from environments.standin.parts.monitoring import monitoring, programs
from environments.standin.site import REPOSITORY, placeholder
from tests.standin.watched import series, soon, watched_standin

LARGEST_BYTES = 250e6


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """One with its monitoring, which each test leaves as it was."""
    with watched_standin() as standin:
        yield standin


def test_it_needs_little_memory(standin: StandIn) -> None:
    """Everything that watches fits into 250 MB."""
    watching = "prometheus|alertmanager|grafana|sinks|exporter_standin|(node|postgres|redis)_exporter"
    (used,) = series(standin, f'sum(container_memory_usage_bytes{{name=~"ms5_({watching})_1"}})')

    assert 0 < float(used["value"][1]) < LARGEST_BYTES


KEEPER = """
import sys, time
from environments.standin import client
standin = client.start(groups=["monitoring"])
standin.wait_for("monitoring", 60)
print(standin.folder, standin.supervisor.pid, flush=True)
time.sleep(60)
"""


def test_a_plain_user_can_have_it_and_nothing_outlives_its_supervisor(standin: StandIn) -> None:
    """Without any right, too, everything comes up; when the supervisor is killed, everything ends."""
    plain = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
    with subprocess.Popen(
        [*plain, sys.executable, "-c", KEEPER], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdout is not None
        folder, supervisor = keeper.stdout.readline().split()
        assert running(folder)
        os.kill(int(supervisor), signal.SIGKILL)
        gone = soon(lambda: not running(folder))
        keeper.kill()

    assert gone, running(folder)


def running(folder: str) -> list[str]:
    """The command lines that name a stand-in's folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_text(errors="replace").replace("\0", " "))
        except OSError:
            continue  # it has just ended
    return [line for line in found if folder in line]


def test_where_it_cannot_be_had_it_is_absent_in_writing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without apt and with an empty cache there is a reason and no address, and the stand-in starts no part of it."""
    monkeypatch.setattr(packages, "FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = client.references_placeholder()

    assert "this machine has no apt-get" in found["monitoring_absent"]
    assert {
        found[key] for key in ("prometheus_url", "alertmanager_url", "grafana_url", "mail_sink_url", "webhook_sink_url")
    } == {""}
    assert monitoring(placeholder()) == ()


def test_the_packages_are_those_of_the_programs() -> None:
    """What is asked for is what is run."""
    assert {program.package for program in programs.PROGRAMS} == set(packages.MONITORING)
