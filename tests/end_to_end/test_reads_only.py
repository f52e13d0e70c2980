"""The gate on production changes nothing: looked at from the other side, before and after, in every place it asks."""

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

from environments.standin import client
from environments.standin.parts.postgres_server import socket_dsn
from environments.standin.site import DATABASE_NAME
from tests.conftest import ROOT, Gate, Ran

READ_ONLY = ["--set", "gate.writes=false", "--set", "gate.drills=false", "--set", "gate.requests_per_second=200"]

# What others write down because the gate asks (docs/security.md): the application counts wrong passwords, of the
# sacrificial account and of a user that does not exist, and who asks how often; inspection of workers has its reply keys.
COUNTED = re.compile(r"login:failures:(gate\.sacrificial|nobody-[0-9a-f]{8})|pace:127\.0\.0\.1:\d+")
INSPECTION = re.compile(r"_kombu\.binding\..*pidbox.*|.*\.reply\.celery\.pidbox")
OF_THE_WORKERS = re.compile(r"celery-task-meta-.*|_kombu\.binding\..*|unacked.*")  # what worker and beat do all day, asked or not

SESSION_POST = re.compile(r'"POST /api/v1/auth/(login|refresh|logout) HTTP')
READ = re.compile(r'"(GET|HEAD|OPTIONS) ')

TABLES = """select format('%I.%I', schemaname, relname), n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables order by 1"""
SEQUENCES = "select schemaname, sequencename, last_value from pg_sequences order by 1, 2"


@pytest.fixture(scope="module")
def production():
    """A stand-in in the shape of a production, where nothing runs beside the gate: no clock, so no jobs."""
    with client.start(shape="production", groups=["prometheus"]) as standin:
        standin.wait_for("prometheus")
        yield standin


def database_of(standin):
    """Everything that the database holds and has ever counted."""
    port = int(standin.references["database_address"].rpartition(":")[2])
    with psycopg.connect(socket_dsn(standin.folder / "postgres", port, DATABASE_NAME), autocommit=True) as connection:
        connection.execute("select pg_stat_clear_snapshot(), pg_sleep(1.2)")  # sessions report what they did within a second
        counted = connection.execute(TABLES).fetchall()
        held = {name: connection.execute(f"select md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from {name} t").fetchone() for name, *_ in counted}
        return counted, held, connection.execute(SEQUENCES).fetchall()


def cache_of(standin):
    """Every key with its value, as Redis would write it down."""
    host, _, port = standin.references["cache_address"].rpartition(":")
    with redis.Redis(host, int(port), password=standin.references["cache_password"]) as connection:
        return {key.decode(): connection.dump(key) for key in connection.scan_iter()}


def lines_of(standin):
    """The lines of the front door's access log."""
    return Path(standin.references["access_log"]).read_text("utf-8").splitlines()


def without_workers(folder):
    """The local environment, in which inspection of the workers is forbidden in writing."""
    folder.mkdir()
    text = (ROOT / "environments" / "local" / "target.toml").read_text("utf-8").replace("../../sql", str(ROOT / "sql"))
    text = re.sub(r"\[workers\]\n(\w.*\n)+", '[workers]\nabsent = "inspection writes to the broker"\n', text)
    (folder / "target.toml").write_text(text, "utf-8")
    return folder


@dataclass(frozen=True)
class Seen:
    """What a run left on the other side: each place before and after it, and the log between."""

    ran: Ran
    database: tuple[object, object]
    keys: tuple[dict, dict]
    log: list[str]

    @property
    def ours(self):
        """The lines of the log that say they are this run's."""
        return [line for line in self.log if f'"ms5-gate/{self.ran.verdict["run"]}"' in line]


@pytest.fixture(scope="module")
def seen_on_production(production, tmp_path_factory):
    """One run of the smoke suite as on a production."""
    folder = tmp_path_factory.mktemp("production")
    environment = without_workers(folder / "local")
    database, keys, lines = database_of(production), cache_of(production), lines_of(production)
    ran = Gate(folder / "out")(f"--env={environment}", f"--standin={production.folder}", "suites/smoke", "--set", "standin.shape=production", *READ_ONLY)
    return Seen(ran, (database, database_of(production)), (keys, cache_of(production)), lines_of(production)[len(lines) :])


def test_the_run_was_a_whole_one(seen_on_production):
    """It was GO, and looked at nearly everything."""
    assert seen_on_production.ran.exit_status == 0, seen_on_production.ran.output
    assert len(seen_on_production.ran.having("held")) > 20


def test_the_database_is_as_it_was(seen_on_production):
    """No row of any table, no counter of writes and no sequence has changed."""
    before, after = seen_on_production.database

    assert len(before[0]) > 20
    assert before == after


def test_the_cache_is_as_it_was(seen_on_production):
    """No key has changed, but for what the application counts of everybody who asks."""
    before, after = seen_on_production.keys

    assert {key: value for key, value in after.items() if not COUNTED.fullmatch(key)} == before


def test_the_front_door_saw_reads_and_sessions(seen_on_production):
    """Every request was a read or a session's own, said which run it was of, and showed no token in its address."""
    log, ours = seen_on_production.log, seen_on_production.ours

    assert len(ours) > 50
    assert ours == log
    assert [line for line in log if not READ.search(line) and not SESSION_POST.search(line)] == []
    assert [line for line in log if "?" in line or "eyJ" in line] == []


def test_the_comparison_would_notice(production):
    """The counters, rows and keys that are compared do change when somebody writes."""
    before, keys = database_of(production), cache_of(production)
    port = int(production.references["database_address"].rpartition(":")[2])
    host, _, cache_port = production.references["cache_address"].rpartition(":")
    with psycopg.connect(socket_dsn(production.folder / "postgres", port, DATABASE_NAME), autocommit=True) as connection:
        connection.execute("create table factory_telemetry.gate_trial (id int)")
        connection.execute("insert into factory_telemetry.gate_trial values (1)")
        after = database_of(production)
        connection.execute("drop table factory_telemetry.gate_trial")
    with redis.Redis(host, int(cache_port), password=production.references["cache_password"]) as connection:
        connection.set("gate-trial", 1)
        keys_after = cache_of(production)
        connection.delete("gate-trial")

    assert before != after
    assert keys != keys_after


def test_inspecting_workers_leaves_only_its_own_keys(gate):
    """Celery's inspection, the one named exception, writes keys of its own kind and no other."""
    before = set(cache_of(gate.standin))
    ran = gate("--env=local", "suites/smoke", "-k", "workers", *READ_ONLY)
    left = {key for key in set(cache_of(gate.standin)) - before if not INSPECTION.fullmatch(key) and not OF_THE_WORKERS.fullmatch(key)}

    assert ran.having("held") == {"smoke.workers"}, ran.output
    assert left == set()
