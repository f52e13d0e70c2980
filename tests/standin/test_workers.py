"""The stand-in's workers are real: they take jobs from every queue, keep the clock, and can be broken and mended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from kombu import pools

from environments.standin import client
from environments.standin.app.worker.schedule import QUEUES, SCHEDULE
from environments.standin.client import StandIn
from environments.standin.faults import REGISTRY
from environments.standin.parts.family import family

ANSWER_SECONDS = 10
LARGEST_BYTES = 200e6
TICK_SECONDS = 5


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """One with workers, which each test leaves as it was."""
    with client.start(groups=["workers"]) as standin:
        standin.wait_for("workers")
        yield standin


@pytest.fixture
def app(standin: StandIn) -> Iterator[Celery]:
    """A client of the workers that knows only their broker."""
    broker = standin.references["workers_broker"]
    app = Celery(broker=broker, backend=broker, set_as_current=False)
    yield app
    app.close()
    pools.reset()  # a fault may have broken the connections that it kept


def ask(app: Celery, question: str) -> Any:
    """The one worker's answer to an inspection; None when nobody answers."""
    return next(iter((getattr(app.control.inspect(timeout=1), question)() or {}).values()), None)


def flower(standin: StandIn, path: str, password: str | None = None) -> httpx.Response:
    login = (standin.references["flower_username"], password or standin.references["flower_password"])
    return httpx.get(standin.references["flower_url"] + path, auth=login)


def soon(holds: Callable[[], Any], seconds: float = ANSWER_SECONDS) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not (true := bool(holds())) and time.monotonic() < deadline:
        time.sleep(0.1)
    return true


def runs(app: Celery, task: str) -> int:
    """How often the worker has taken a task."""
    return int(ask(app, "stats")["total"].get(task, 0))


# ---- healthy -------------------------------------------------------------------------------------------------


def test_every_queue_is_consumed(app: Celery) -> None:
    """A job put into any of the nine queues comes back, from that queue, and runs once."""
    before = runs(app, "ms5.probe.echo")
    sent = {queue: app.send_task("ms5.probe.echo", ["hello"], queue=queue) for queue in QUEUES}
    heard = {queue: result.get(timeout=ANSWER_SECONDS)["queue"] for queue, result in sent.items()}

    assert len(QUEUES) == 9
    assert heard == {queue: queue for queue in QUEUES}
    assert runs(app, "ms5.probe.echo") - before == 9


def test_the_schedule_can_be_kept(app: Celery) -> None:
    """The fourteen entries that the clock knows name registered tasks and queues that are consumed."""
    schedule = ask(app, "conf")["beat_schedule"]
    consumed = {queue["name"] for queue in ask(app, "active_queues")}

    assert len(schedule) == 14
    assert {entry["task"] for entry in schedule.values()} <= set(ask(app, "registered"))
    assert {entry["options"]["queue"] for entry in schedule.values()} == consumed == set(QUEUES)


@pytest.mark.parametrize("entry", SCHEDULE, ids=lambda entry: entry.name)
def test_every_job_works(app: Celery, entry: Any) -> None:
    """Each scheduled job does its work in the database, which answers with rows."""
    rows = app.send_task(entry.task, queue=entry.queue, ignore_result=False).get(timeout=ANSWER_SECONDS)

    assert rows > 0


def test_a_job_that_takes_too_long_is_stopped(app: Celery) -> None:
    """A job ends at its limit, and the worker takes the next."""
    endless = app.send_task("ms5.probe.wait", [60], queue="default", soft_time_limit=1, time_limit=5)

    with pytest.raises(SoftTimeLimitExceeded):
        endless.get(timeout=ANSWER_SECONDS)


def test_the_clock_runs(standin: StandIn) -> None:
    """What the clock starts is seen in Flower, done."""

    def ticks() -> list[str]:
        tasks = flower(standin, "/api/tasks?taskname=ms5.default.tick").json().values()
        return [task["uuid"] for task in tasks if task["state"] == "SUCCESS"]

    assert soon(ticks)


def test_flower_shows_the_worker_to_those_who_may_see_it(standin: StandIn) -> None:
    """Flower answers with the worker and its queues; without its password, it answers nobody."""
    (worker,) = flower(standin, "/api/workers").json().values()

    assert {queue["name"] for queue in worker["active_queues"]} == set(QUEUES)
    for path in ("/api/workers", "/api/tasks", "/"):
        assert flower(standin, path, password="wrong").status_code == 401
        assert httpx.get(standin.references["flower_url"] + path).status_code == 401


def test_the_broker_needs_its_password(standin: StandIn) -> None:
    """Who has only the address of the broker puts no job into a queue."""
    port = int(standin.references["cache_address"].rpartition(":")[2])
    with redis.Redis(port=port, retry=None) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.llen("default")


def test_a_worker_survives_its_broker(standin: StandIn, app: Celery) -> None:
    """When the broker was away, the worker finds it again by itself."""
    standin.switch(["redis-stopped"])
    standin.switch()

    job = app.send_task("ms5.probe.echo", ["back?"], queue="andon")

    assert job.get(timeout=ANSWER_SECONDS)["word"] == "back?"


def test_workers_are_small(standin: StandIn) -> None:
    """Master, worker, beat and Flower fit into 200 MB together."""
    ours = [pid for pid in family(supervisor(standin)) if b"app.worker.master" in command(pid)]

    assert len(ours) == 6
    assert sum(map(memory_bytes, ours)) < LARGEST_BYTES


def supervisor(standin: StandIn) -> int:
    assert standin.supervisor is not None
    return standin.supervisor.pid


def command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def memory_bytes(pid: int) -> int:
    """Its own memory and its share of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def test_workers_go_with_their_supervisor() -> None:
    """Not even a job's own process outlives a supervisor that is killed."""
    standin = client.start(groups=["workers"])
    standin.wait_for("workers")
    pids = family(supervisor(standin))

    os.kill(supervisor(standin), signal.SIGKILL)

    try:
        assert soon(lambda: not any(map(lives, pids)))
    finally:
        standin.stop()


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# ---- broken --------------------------------------------------------------------------------------------------


def is_silent(standin: StandIn, app: Celery) -> bool:
    return ask(app, "ping") is None


def lacks_a_consumer(standin: StandIn, app: Celery) -> bool:
    return {queue["name"] for queue in ask(app, "active_queues")} != set(QUEUES)


def has_a_backlog(standin: StandIn, app: Celery) -> bool:
    address = standin.references["workers_broker"]
    with redis.Redis.from_url(address) as broker:
        return any(broker.llen(queue) > 10 for queue in QUEUES)


def names_an_unknown_task(standin: StandIn, app: Celery) -> bool:
    scheduled = {entry["task"] for entry in ask(app, "conf")["beat_schedule"].values()}
    return not scheduled <= set(ask(app, "registered"))


def lacks_an_entry(standin: StandIn, app: Celery) -> bool:
    return len(ask(app, "conf")["beat_schedule"]) != 14


def stands_still(standin: StandIn, app: Celery) -> bool:
    before = runs(app, "ms5.default.tick")
    return not soon(lambda: runs(app, "ms5.default.tick") > before, TICK_SECONDS + 1)


def cannot_escalate(standin: StandIn, app: Celery) -> bool:
    job = app.send_task("ms5.andon.escalate_overdue_events", queue="andon", ignore_result=False)
    job.get(timeout=ANSWER_SECONDS, propagate=False)
    return bool(job.failed())


def has_no_flower(standin: StandIn, app: Celery) -> bool:
    try:
        return flower(standin, "/api/workers").status_code != 200
    except httpx.ConnectError:
        return True


def shows_strangers(standin: StandIn, app: Celery) -> bool:
    return httpx.get(standin.references["flower_url"] + "/api/workers").status_code == 200


SIGNS = {
    "worker-stopped": is_silent,
    "worker-hung": is_silent,
    "queue-unconsumed": lacks_a_consumer,
    "queue-backlog": has_a_backlog,
    "task-unregistered": names_an_unknown_task,
    "schedule-entry-missing": lacks_an_entry,
    "beat-stopped": stands_still,
    "jobs-failing": cannot_escalate,
    "flower-stopped": has_no_flower,
    "flower-open": shows_strangers,
}


@pytest.mark.parametrize(("fault", "sign"), SIGNS.items(), ids=SIGNS)
def test_a_fault_shows_and_is_undone(
    standin: StandIn, app: Celery, fault: str, sign: Callable[[StandIn, Celery], bool]
) -> None:
    """The fault shows its sign while it is in force, and is gone the moment it is taken back."""
    standin.switch([fault])
    broken = sign(standin, app)
    standin.switch()

    assert broken
    assert not sign(standin, app)


def test_every_fault_of_the_workers_has_a_sign() -> None:
    """None is in the registry that these tests do not try."""
    assert {fault.name for fault in REGISTRY if "workers" in fault.touches} == set(SIGNS)
