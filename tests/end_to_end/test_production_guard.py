"""Badly written probes that would write to a production: each is stopped, is unknown, names its rule, and nothing arrives."""

import shutil
from pathlib import Path

import psycopg
import pytest
import redis

from environments.standin.parts.postgres_server import socket_dsn
from environments.standin.site import DATABASE_NAME
from tests.conftest import ROOT, Gate, project_in
from tests.judging import DOCSTRING, HEAD

METHODS, NOT_SENT, NOT_ASKED, BY_THE_SERVER = "the gate sends only GET", "was not sent", "was not asked", "read-only transaction"

# What a probe does: its clients, the line, and what is said of it.
ATTEMPTS = {
    # over HTTP
    "post": ("api", "api.post('/api/v1/production/lines', {})", METHODS),
    "put": ("api", "api.ask('PUT', '/api/v1/production/lines', json={})", METHODS),
    "patch": ("api", "api.ask('patch', '/api/v1/production/lines')", METHODS),
    "delete": ("user", "user._api.ask('DELETE', '/api/v1/production/lines')", METHODS),
    "post-like-login": ("api", "api.post('/api/v1/auth/login/../users', {})", METHODS),
    "post-behind-query": ("web, target", "web.ask('POST', str(target.api.base_url) + '?x=/api/v1/auth/login')", METHODS),
    "override-header": ("web, target", "web.get(target.api.base_url + '/health', headers={'X-HTTP-Method-Override': 'DELETE'})", "X-HTTP-Method-Override would make it"),
    "get-with-body": ("web, target", "web.get(target.api.base_url + '/health', json={'a': 1})", "a read has no body"),
    "past-the-client": ("network, target", "network.http.post(target.api.base_url + '/api/v1/production/lines', json={})", METHODS),
    # to PostgreSQL: by the name of a question, or through one of these files
    "out-of-the-folder": ("database", "database.ask('../migrations/001_init_telemetry')", "only the files of sql/questions"),
    "absolute": ("database", "database.ask('/tmp/question')", "only the files of sql/questions"),
    **{name: ("database", f"database.ask('trial_{name}')", said) for name, (_, said) in {
        "insert": ("", NOT_ASKED), "set-transaction": ("", NOT_ASKED), "begin-read-write": ("", NOT_ASKED), "copy-to-program": ("", NOT_ASKED),
        "do-block": ("", NOT_ASKED), "two-statements": ("", NOT_ASKED), "set-config": ("", "set_config does more than read"),
        "terminate": ("", "pg_terminate_backend does more than read"), "advisory-lock": ("", "pg_advisory_lock does more"),
        "lo-import": ("", "lo_import does more"), "sequence": ("", "nextval does more"),
        "writing-function": ("", BY_THE_SERVER), "cte-that-writes": ("", BY_THE_SERVER), "select-into": ("", BY_THE_SERVER),
        "lock-rows": ("", BY_THE_SERVER), "function-that-frees-itself": ("", "read-write mode"),
        "hidden-second": ("", "multiple commands"),
    }.items()},
    # to Redis
    "flushall": ("cache", "cache.ask('FLUSHALL')", NOT_SENT),
    "set": ("cache", "cache.ask('set', 'gate-guard-trial', '1')", NOT_SENT),
    "eval": ("cache", "cache.ask('EVAL', \"return redis.call('set', 'gate-guard-trial', 1)\", '0')", NOT_SENT),
    "config-set": ("cache", "cache.ask('config set', 'appendonly', 'yes')", NOT_SENT),
    "config-split": ("cache", "cache.ask('CONFIG', ' set', 'appendonly', 'yes')", NOT_SENT),
    "client-kill": ("cache", "cache.ask('CLIENT', 'KILL', 'TYPE', 'normal')", NOT_SENT),
    "debug": ("cache", "cache.ask('DEBUG', 'SLEEP', '1')", NOT_SENT),
    "script": ("cache", "cache.ask('SCRIPT', 'FLUSH')", NOT_SENT),
    "publish": ("cache", "cache.ask('Publish', 'events', 'x')", NOT_SENT),
    "as-a-stranger": ("cache", "cache.try_without_password('FLUSHALL')", NOT_SENT),
    "pipeline": ("cache", "cache.pipeline().set('gate-guard-trial', 1).execute()", "has no attribute 'pipeline'"),
    # over WebSocket
    "acknowledge": ("websocket, user", "say(websocket, user, type='acknowledge', event_id='1')", NOT_SENT),
    "acknowledge-inside": ("websocket, user", "say(websocket, user, type='subscribe', subscription_type='line', target_id={'type': 'acknowledge'})", NOT_SENT),
    "acknowledge-beside": ("websocket, user", "say(websocket, user, type='ping', action='acknowledge')", NOT_SENT),
    "binary-frame": ("websocket, user", "say(websocket, user, type=b'acknowledge')", NOT_SENT),
    # on a host
    "rm": ("host", "host.run('rm', '-rf', PRECIOUS)", "'rm' was not run"),
    "sh": ("host", "host.run('sh', '-c', 'rm -rf ' + PRECIOUS)", "'sh' was not run"),
    "two-in-one": ("host", "host.run('cat ' + PRECIOUS + '; rm ' + PRECIOUS)", "was not run"),
    "redirect": ("host", "host.run('cat', '/dev/null', '>', PRECIOUS)", "a shell would act on"),
    "substitution": ("host", "host.run('ls', '$(rm ' + PRECIOUS + ')')", "a shell would act on"),
    "sed": ("host", "host.run('sed', '-i', 's/a/b/', PRECIOUS)", "'sed' was not run"),
    "find-delete": ("host", "host.run('find', PRECIOUS, '-delete')", "more than read"),
    "find-exec": ("host", "host.run('find', PRECIOUS, '-exec', 'rm', '{}', '+')", "was not run"),
    "tee": ("host", "host.run('tee', PRECIOUS)", "'tee' was not run"),
    "dd": ("host", "host.run('dd', 'of=' + PRECIOUS)", "'dd' was not run"),
}  # fmt: skip

QUESTIONS = {
    "insert": "insert into public.gate_guard_trial values (1)",
    "set-transaction": "set transaction read write",
    "begin-read-write": "begin read write",
    "copy-to-program": "copy public.gate_guard_trial to program 'touch /tmp/gate-guard-trial'",
    "do-block": "do $$ begin insert into public.gate_guard_trial values (1); end $$",
    "two-statements": "select 1; insert into public.gate_guard_trial values (1)",
    "set-config": "select set_config('default_transaction_read_only', 'off', false)",
    "terminate": "select pg_terminate_backend(pid) from pg_stat_activity",
    "advisory-lock": "select pg_advisory_lock(1)",
    "lo-import": "select lo_import('/etc/passwd')",
    "sequence": "select nextval('public.gate_guard_numbers')",
    "writing-function": "select public.gate_guard_write()",
    "cte-that-writes": "with written as (insert into public.gate_guard_trial values (1) returning id) select id from written",
    "select-into": "select 1 as id into public.gate_guard_more",
    "lock-rows": "select id from public.gate_guard_trial for update",
    "function-that-frees-itself": "select public.gate_guard_free()",
    # What the guard's own reading of SQL gets wrong, the server does not: a text in dollars, with a quote in it.
    "hidden-second": "select $a$'$a$; insert into public.gate_guard_trial values (1) --'",
}

SCRATCH = """
create table public.gate_guard_trial (id int);
create sequence public.gate_guard_numbers;
create function public.gate_guard_write() returns int language sql as 'insert into public.gate_guard_trial values (1) returning id';
create function public.gate_guard_free() returns int language plpgsql security definer as $$
begin
    perform set_config('default_transaction_read_only', 'off', false), set_config('transaction_read_only', 'off', false);
    insert into public.gate_guard_trial values (1);
    return 1;
end $$;
grant all on public.gate_guard_trial, public.gate_guard_numbers to ms5_gate;
grant create on schema public to ms5_gate;
"""
CLEARED = """
revoke create on schema public from ms5_gate;
drop function public.gate_guard_write(), public.gate_guard_free();
drop table public.gate_guard_trial; drop sequence public.gate_guard_numbers; drop table if exists public.gate_guard_more;
"""
COUNTED_COMMANDS = ("flushall", "config|set", "client|kill", "debug", "script|flush")


def probe_named(name):
    """A check whose probe makes the attempt."""
    clients, line, _ = ATTEMPTS[name]
    word = name.replace("-", "_")
    return f"\ndef {word}({clients}):\n    return {line}\n\n@trial('trial.{name}', probe={word})\ndef test_{word}(seen):{DOCSTRING}    assert seen is not None\n"


SAY = '''
def say(websocket, user, **frame):
    with websocket.conversation(user.token()) as conversation:
        conversation.say(**frame)
        return conversation.hear(1)
'''


@pytest.fixture(scope="module")
def other_side(kept_up):
    """A superuser's connection to the database, with tables that the gate's role may write to: only the session forbids it."""
    port = int(kept_up.references["database_address"].rpartition(":")[2])
    with psycopg.connect(socket_dsn(kept_up.folder / "postgres", port, DATABASE_NAME), autocommit=True) as connection:
        connection.execute(SCRATCH)
        yield connection
        connection.execute(CLEARED)


@pytest.fixture(scope="module")
def redis_side(kept_up):
    """A connection of the test's own to the cache."""
    host, _, port = kept_up.references["cache_address"].rpartition(":")
    with redis.Redis(host, int(port), password=kept_up.references["cache_password"], decode_responses=True) as connection:
        yield connection


def counted(connection):
    """How often each of the commands that would hurt was called."""
    statistics = connection.info("commandstats")
    return {name: statistics.get(f"cmdstat_{name}", {}).get("calls", 0) for name in COUNTED_COMMANDS}


@pytest.fixture(scope="module")
def precious(tmp_path_factory):
    """A file on the host that every attempt there would lose or change."""
    file = tmp_path_factory.mktemp("host") / "precious"
    file.write_text("precious a")
    return file


@pytest.fixture(scope="module")
def attempted(kept_up, other_side, redis_side, precious, tmp_path_factory):
    """One run in which every attempt is made, as on a production, with what had been counted before."""
    folder = tmp_path_factory.mktemp("guard")
    root = project_in(folder / "project")
    (root / "sql").unlink()
    shutil.copytree(ROOT / "sql", root / "sql")
    for name, text in QUESTIONS.items():
        (root / "sql" / "questions" / f"trial_{name}.sql").write_text(text)
    suite = HEAD + f"\nPRECIOUS = {str(precious)!r}\n" + SAY + "".join(probe_named(name) for name in ATTEMPTS)
    (root / "suites" / "trial" / "test_trial.py").write_text(suite)
    (root / "suites" / "catalogue.lock").write_text("trial = []\n")
    before = counted(redis_side)
    access_log = Path(kept_up.references["access_log"])
    lines = len(access_log.read_text("utf-8").splitlines())
    ran = Gate(folder / "out", kept_up, root)("--env=local", "suites/trial", "--set", "gate.writes=false", "--set", "gate.drills=false")
    return ran, before, access_log.read_text("utf-8").splitlines()[lines:]


@pytest.mark.parametrize("name", ATTEMPTS)
def test_each_attempt_is_stopped_and_named(attempted, name):
    """The check is unknown, and its message names the rule."""
    check = attempted[0].check(f"trial.{name}")

    assert check["outcome"] == "unknown", check
    assert ATTEMPTS[name][2] in check["message"]


def test_nothing_arrives_at_the_application(attempted):
    """The front door saw reads, the log-in, and no other request."""
    ran, _, lines = attempted
    ours = [line for line in lines if ran.verdict["run"] in line]

    assert ours
    assert [line for line in ours if '"GET ' not in line and '"POST /api/v1/auth/login HTTP' not in line] == []


def test_nothing_arrives_in_the_database(attempted, other_side):
    """No row, no table, no number of a sequence, no lock: in tables that the role itself may write to."""
    rows = other_side.execute("select count(*) from public.gate_guard_trial").fetchone()
    numbers = other_side.execute("select is_called from public.gate_guard_numbers").fetchone()
    tables = other_side.execute("select to_regclass('public.gate_guard_more')").fetchone()

    assert (rows, numbers, tables) == ((0,), (False,), (None,))
    assert other_side.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone() == (0,)


def test_nothing_arrives_at_the_cache(attempted, redis_side):
    """None of the commands was called, and the key is not there."""
    _, before, _ = attempted

    assert counted(redis_side) == before
    assert not redis_side.exists("gate-guard-trial")


def test_nothing_arrives_on_the_host(attempted, precious):
    """The file is as it was."""
    assert precious.read_text() == "precious a"
