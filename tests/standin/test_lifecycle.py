"""A stand-in comes up, is what it says, and leaves nothing behind, however it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from environments.standin import client, folders
from environments.standin.client import StandIn, StandInFailed
from environments.standin.fault import Fault
from environments.standin.faults import REGISTRY
from environments.standin.groups import needed_by
from environments.standin.parts.cache import Cache
from environments.standin.parts.family import family, lives
from environments.standin.parts.process import PartFailed
from environments.standin.site import CACHE, REPOSITORY, Ports, Site, free_ports

PATIENCE_SECONDS = 10.0
REPLICAS = ("blue_1", "blue_2", "green_1")
KEEPER = """
import sys, time
from environments.standin import client
standin = client.start()
print(standin.folder, standin.supervisor.pid, flush=True)
time.sleep(60)
"""

PORT_TAKEN = """
import socket
from dataclasses import replace
from environments.standin import supervisor
free_ports = supervisor.free_ports
other = socket.create_server(("127.0.0.1", 0))
taken = iter([replace(free_ports(), cache=other.getsockname()[1])])
supervisor.free_ports = lambda: next(taken, None) or free_ports()
supervisor.main("staging", frozenset())
"""


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """One that is shared by the tests that leave it as it was."""
    with client.start() as standin:
        yield standin


# ---- looking at processes ------------------------------------------------------------------------------------


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (true := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return true


def all_gone(pids: set[int]) -> bool:
    return soon(lambda: not any(map(lives, pids)))


def keeper() -> tuple[subprocess.Popen[str], Path, int]:
    """A gate-like process that holds a stand-in: itself, the folder, the supervisor's pid."""
    process = subprocess.Popen([sys.executable, "-c", KEEPER], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert process.stdout is not None
    folder, supervisor = process.stdout.readline().split()
    return process, Path(folder), int(supervisor)


def finish(process: subprocess.Popen[str]) -> None:
    process.wait(PATIENCE_SECONDS)
    assert process.stdout is not None
    process.stdout.close()


# ---- up ------------------------------------------------------------------------------------------------------


def test_every_replica_is_healthy(standin: StandIn) -> None:
    """Every replica answers at its own address that everything behind it is healthy."""
    for name in REPLICAS:
        answer = httpx.get(standin.references[name] + "/health/detailed")

        assert (answer.status_code, answer.json()["status"]) == (200, "healthy")


def test_the_gates_role_only_reads(standin: StandIn) -> None:
    """The database lets the gate's role read the floor and change nothing."""
    given = standin.references
    host, port = given["database_address"].split(":")
    with psycopg.connect(
        host=host,
        port=port,
        dbname=given["database_name"],
        user=given["database_user"],
        password=given["database_password"],
    ) as connection:
        lines = connection.execute("select line_code from factory_telemetry.production_lines").fetchall()

        assert lines == [("L-BAG1",)]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from factory_telemetry.users")


def test_the_cache_refuses_strangers(standin: StandIn) -> None:
    """The cache answers nobody without its password."""
    host, port = standin.references["cache_address"].split(":")
    with redis.Redis(host, int(port)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_placeholders_have_the_same_keys(standin: StandIn) -> None:
    """What stands for the references in a dry run has the keys of the real ones, and starts nothing."""
    assert client.references_placeholder().keys() == standin.references.keys()


def test_two_at_once_do_not_meet(standin: StandIn) -> None:
    """Stand-ins that start at the same time share neither folder nor port nor secret."""
    with ThreadPoolExecutor() as pool:
        others = [future.result() for future in [pool.submit(client.start) for _ in range(2)]]
    try:
        addresses = [address for one in (standin, *others) for address in vars_of(one)]

        assert len(addresses) == len(set(addresses))
        for one in others:
            assert httpx.get(one.references["blue_1"] + "/health/detailed").status_code == 200
    finally:
        for one in others:
            one.stop()


def vars_of(standin: StandIn) -> list[str]:
    """What must be a stand-in's own."""
    mine = (*REPLICAS, "app_url", "app_http_url", "database_address", "cache_address", "database_password", "folder")
    return [standin.references[key] for key in mine]


# ---- gone ----------------------------------------------------------------------------------------------------


def test_stop_leaves_nothing() -> None:
    """A stopped stand-in leaves no process and no folder; its logs stay."""
    standin = client.start()
    assert standin.supervisor is not None
    pids = family(standin.supervisor.pid)
    assert len(pids) > len(REPLICAS)

    standin.stop()

    assert not any(map(lives, pids))
    assert not standin.folder.exists()
    assert (folders.LOGS / standin.folder.name.removeprefix("ms5-standin-") / "postgres.log").exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_gate_that_is_killed_leaves_nothing(how: signal.Signals) -> None:
    """When the gate's process ends, however it ends, its stand-in goes too."""
    process, folder, supervisor = keeper()
    pids = family(supervisor)

    process.send_signal(how)
    finish(process)

    assert all_gone(pids)
    assert not folder.exists()


def test_a_killed_supervisor_takes_its_servers_along() -> None:
    """Without its supervisor no server stays, and the next start removes the folder."""
    process, folder, supervisor = keeper()
    pids = family(supervisor)

    os.kill(supervisor, signal.SIGKILL)
    gone = all_gone(pids)
    process.kill()
    finish(process)
    hour_ago = time.time() - 3600
    os.utime(folder, (hour_ago, hour_ago))
    folders.sweep()

    assert gone
    assert not folder.exists()


def test_a_hung_part_is_removed_too() -> None:
    """A server that is stopped in its tracks does not survive its stand-in."""
    process, _, supervisor = keeper()
    pids = family(supervisor)
    for pid in pids - {supervisor}:
        os.kill(pid, signal.SIGSTOP)

    process.kill()
    finish(process)

    assert all_gone(pids)


def test_ctrl_c_ends_one_that_is_kept_up() -> None:
    """`python -m environments.standin` tells how to attach, and removes everything on Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "environments.standin", "--fault", "lines-empty"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if line.startswith("Ctrl-C"):
            break
    folder = Path(next(line for line in told if "--standin=" in line).rpartition("--standin=")[2].split()[0])
    pids = family(process.pid)
    faults = client.attach(folder).faults()

    process.send_signal(signal.SIGINT)
    finish(process)

    assert faults == ["lines-empty"]
    assert process.returncode == 0
    assert all_gone(pids)
    assert not folder.exists()


# ---- faults --------------------------------------------------------------------------------------------------


# Those of the other groups are tried where their parts are.
CORE_FAULTS = [fault for fault in REGISTRY if not needed_by(fault.touches)]


@pytest.mark.parametrize("fault", CORE_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_can_be_taken_back(standin: StandIn, fault: Fault) -> None:
    """A fault comes into force and goes again, and leaves every replica healthy."""
    standin.switch([fault.name])
    in_force = standin.faults()
    standin.switch()

    assert in_force == [fault.name]
    assert standin.faults() == []
    for name in REPLICAS:
        assert httpx.get(standin.references[name] + "/health/detailed").status_code == 200


def test_faults_can_be_in_force_together(standin: StandIn) -> None:
    """Switching keeps what stays, whatever the order."""
    standin.switch(["header-missing", "redirect-elsewhere", "lines-empty"])
    standin.switch(["redirect-elsewhere", "postgres-stopped"])
    port = standin.references["http_port"]
    answer = httpx.get(f"http://127.0.0.1:{port}", headers={"Host": standin.references["app_host"]})
    standin.switch()

    assert "elsewhere" in answer.headers["location"]
    assert answer.headers["x-frame-options"] == "DENY"


def test_an_unknown_fault_changes_nothing(standin: StandIn) -> None:
    """An unknown name is refused with those that look like it, and what is in force stays."""
    standin.switch(["lines-empty"])
    with pytest.raises(StandInFailed, match="lines-empty"):
        standin.switch(["lines-emtpy"])
    in_force = standin.faults()
    standin.switch()

    assert in_force == ["lines-empty"]


# ---- what goes wrong at a start ------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "logs").mkdir()
    return Site(tmp_path, tmp_path / "logs", free_ports())


def test_a_part_that_fails_names_its_log(site: Site) -> None:
    """A server that ends while it starts is told of with its name, its log, and the end of that."""
    cache = Cache(site)
    cache.process.command = [sys.executable, "-c", "print('the disk is full')"]

    with pytest.raises(PartFailed, match=rf"(?s)Valkey ended.*{site.log('cache')}.*the disk is full"):
        asyncio.run(cache.start())


def test_a_port_of_somebody_else_is_noticed(site: Site) -> None:
    """A port that another program took is told of as taken, so that other ports are tried."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Ports(**{**vars(site.ports), "cache": other.getsockname()[1]})
        with pytest.raises(PartFailed, match="in use"):
            asyncio.run(Cache(replace(site, ports=taken)).start())


def test_other_ports_are_tried() -> None:
    """A stand-in whose port was taken in the last moment comes up on other ports, with everything in place."""
    process = subprocess.Popen(
        [sys.executable, "-c", PORT_TAKEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(json.loads(line))
        if told[-1].keys() & {"ready", "failed"}:
            break
    process.stdin.close()
    finish(process)

    assert any("trying other ports" in message.get("say", "") for message in told)
    assert "ready" in told[-1]


def test_attaching_to_nothing_is_told(tmp_path: Path) -> None:
    """There is no stand-in in an empty folder, and the sentence says so."""
    with pytest.raises(StandInFailed, match="no stand-in is up"):
        client.attach(tmp_path)


def test_the_prepared_database_is_used_again(standin: StandIn) -> None:
    """A start after the first copies a prepared data folder, of which only whole ones exist."""
    assert not list(CACHE.glob("making-*/data/postmaster.pid"))
    assert [folder for folder in CACHE.glob("postgres-*") if (folder / "PG_VERSION").exists()]
