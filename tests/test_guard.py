"""What may not be done is stopped before the wire; what may not be shown is scrubbed."""

import re

import httpx
import pytest

from fixtures.errors import NotPermitted
from fixtures.guard import (
    require_question,
    require_question_name,
    require_read,
    require_read_command,
    require_read_frame,
    require_read_program,
    require_read_request,
)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "PURGE"])
def test_methods_that_write_are_stopped(method):
    """Only reads go out."""
    with pytest.raises(NotPermitted, match="was not sent"):
        require_read(method, "/api/v1/production/lines")


@pytest.mark.parametrize(("method", "path"), [("GET", "/x"), ("HEAD", "/x"), ("OPTIONS", "/x"), ("POST", "/api/v1/auth/login")])
def test_reads_and_the_own_session_pass(method, path):
    """Reads pass, and so does logging the probe account in."""
    require_read(method, path)


@pytest.mark.parametrize("path", ["/api/v1/auth/login/", "/api/v1/auth/login/../users", "/api/v1/auth/users", "//api/v1/auth/login"])
def test_what_looks_like_a_session_is_stopped(path):
    """Only the session's own routes, to the letter."""
    with pytest.raises(NotPermitted):
        require_read("POST", path)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "CONNECT"])
def test_a_session_is_only_posted_to(method):
    """On the session's own routes no other method writes."""
    with pytest.raises(NotPermitted, match="was not sent"):
        require_read(method, "/api/v1/auth/login")


HARMFUL = "KEYS DEL UNLINK RENAME EXPIRE PERSIST PUBLISH SUBSCRIBE MONITOR BLPOP LPUSH LPOP MULTI EVALSHA FUNCTION SHUTDOWN SWAPDB SELECT MIGRATE REPLICAOF SAVE WAIT"


@pytest.mark.parametrize("command", [*HARMFUL.split(), "DEBUG SLEEP", "CLIENT PAUSE", "CLIENT NO-EVICT", "ACL SETUSER", "ACL LIST", "SLOWLOG RESET", "LATENCY RESET"])
def test_commands_that_write_stall_or_tell_too_much_are_stopped(command):
    """What changes data, blocks, listens to all or stalls the server is no read."""
    with pytest.raises(NotPermitted, match="was not sent"):
        require_read_command([*command.split(), "a"])


@pytest.mark.parametrize("words", [["FLUSHALL"], ["SET", "a", "1"], ["CONFIG", "SET", "a", "1"], ["EVAL", "x"], ["config", "rewrite"], [], ["config set", "a", "1"], ["CLIENT", "KILL", "x"], ["GET x\r\nFLUSHALL"[4:]], ["SCRIPT", "LOAD", "x"], [["FLUSHALL"]], [b"FLUSHALL"]])
def test_commands_that_write_are_stopped(words):
    """Only commands that read go to Redis."""
    with pytest.raises(NotPermitted):
        require_read_command(words)


@pytest.mark.parametrize("words", [["PING"], ["ping"], ["CONFIG", "GET", "maxmemory"], ["LLEN", "celery"]])
def test_commands_that_read_pass(words):
    """Reads pass, however they are written."""
    require_read_command(words)


FRAMES = [
    {"type": "acknowledge"}, {"type": "andon_acknowledge"}, {"type": None}, {"type": 7}, {"type": ["ping"]}, {"type": "PING"}, {},
    {"type": "ping", "action": "acknowledge"}, {"type": "subscribe", "target_id": {"type": "acknowledge"}},
]  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES, ids=str)
def test_frames_that_change_something_are_stopped(frame):
    """The gate never acknowledges anything, neither plainly nor inside a frame that reads."""
    with pytest.raises(NotPermitted, match="was not sent"):
        require_read_frame(frame)


@pytest.mark.parametrize("frame", [{"type": "heartbeat"}, {"type": "subscribe", "subscription_type": "line", "target_id": "L1"}], ids=str)
def test_frames_that_read_pass(frame):
    """What the contract calls reading passes."""
    require_read_frame(frame)


REQUESTS = [
    {"method": "GET", "headers": {"x-http-method-override": "DELETE"}}, {"method": "GET", "headers": {"X-HTTP-Method": "PUT"}},
    {"method": "HEAD", "headers": {"x-method-override": "DELETE"}}, {"method": "GET", "json": {"a": 1}},
    {"method": "GET", "content": b"a"}, {"method": "GET", "content": iter([b"a"])}, {"method": "DELETE"}, {"method": "TRACE"},
]  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request_: re.sub(" object at [^>]*", "", str(request_)))
def test_requests_that_write_are_stopped(request_):
    """Neither another method in a header nor a body makes a read of a write."""
    with pytest.raises(NotPermitted, match="was not sent"):
        require_read_request(httpx.Request(url="http://x/y", **request_))


@pytest.mark.parametrize(
    "url",
    ["http://x?y=/api/v1/auth/login", "http://x#/api/v1/auth/login", "http://x/api/v1/auth/login?_method=DELETE", "http://x/api/v1/auth/login/",
     "http://x//api/v1/auth/login", "http://x/api/v1/auth/login%2f", "http://x/api/v1/Auth/Login"],
)  # fmt: skip
def test_a_session_route_is_one_to_the_letter(url):
    """What only looks like a session route gets no POST, however the address is written."""
    with pytest.raises(NotPermitted, match="was not sent"):
        require_read_request(httpx.Request("POST", url))


@pytest.mark.parametrize("name", ["../migrations/001_init_telemetry", "/tmp/question", "Lines", "lines.sql", "a/../b", "", "a\x00"])
def test_a_question_is_asked_by_its_name(name):
    """No name leads out of the folder of questions."""
    with pytest.raises(NotPermitted, match="was not asked"):
        require_question_name(name)


STATEMENTS = [
    "insert into t values (1)", "set transaction read write", "begin read write", "copy t to program 'sh'", "do $$ begin end $$", "select 1; delete from t",
    "select 1 /* ; */; -- ;\ndelete from t", "select set_config('default_transaction_read_only', 'off', false)", "select pg_terminate_backend(1)",
    "SELECT Pg_Advisory_Lock (1)", "select lo_import('/etc/passwd')", "with a as (select pg_notify('a', 'b')) select 1", "-- select\nvacuum", "", "select '--'; delete from t",
    "delete from t using (select 1) as a", "explain analyze select 1", "select pg_try_advisory_lock(5050, 6735)",
]  # fmt: skip


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_question_is_one_select_that_acts_on_nothing(text):
    """What is no single SELECT, or calls what acts, is not asked."""
    with pytest.raises(NotPermitted, match="question 'trial' was not asked"):
        require_question("trial", text)


ACTING = """
    pg_cancel_backend pg_try_advisory_lock pg_advisory_xact_lock pg_reload_conf pg_rotate_logfile pg_promote pg_switch_wal pg_stat_reset
    pg_stat_statements_reset pg_logical_emit_message pg_create_restore_point pg_drop_replication_slot pg_read_file pg_ls_dir pg_sleep pg_sleep_for
    setval nextval lo_unlink dblink dblink_exec query_to_xml
"""


@pytest.mark.parametrize("function", ACTING.split())
def test_a_question_calls_nothing_that_acts(function):
    """Each function that acts from within a SELECT is named where it is called."""
    with pytest.raises(NotPermitted, match=f"{function} does more than read"):
        require_question("trial", f"select {function}('a')")


def test_only_the_turn_takes_the_lock_of_the_turn():
    """The one lock that says that a gate is looking is taken by its own question, and no other lock by it."""
    require_question("turn", "select pg_try_advisory_lock(5050, 6735)")
    with pytest.raises(NotPermitted, match="pg_try_advisory_lock does more than read"):
        require_question("turn", "select pg_try_advisory_lock(5050, 1)")


@pytest.mark.parametrize("text", ["-- a; comment\nselect ';' as a;\n", "WITH a AS (SELECT 1) SELECT * FROM a", "select 'it''s pg_sleep(1)'"])
def test_a_question_may_speak_of_what_it_may_not_do(text):
    """Comments and texts are no statements."""
    require_question("trial", text)


COMMANDS = [
    "rm -rf /tmp/x", "/bin/rm x", "sh -c id", "sudo cat /etc/shadow", "cat a > b", "cat a | tee b", "cat $(id)", "cat `id`", "sed -i s/a/b/ f", "dd of=/dev/sda",
    "find / -delete", "find / -exec rm", "tee x", "systemctl restart nginx", "systemctl --now stop nginx", "sysctl -w a=1", "ss -tK", "journalctl --vacuum-time=1s", "date -s now", "",
    "find / -execdir id", "find / -ok id", "find / -fprint x", "find / -fprint0 x", "find / -fprintf x y", "find / -fls x", "journalctl --rotate", "journalctl --flush", "journalctl -f",
    "timedatectl set-time now", "systemctl daemon-reload", "systemctl", "sysctl a=1", "sysctl --system", "ss --kill", "/tmp/cat x", "./df",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_programs_that_act_are_not_run(command):
    """On a host the gate runs programs that read, and tells a shell nothing."""
    with pytest.raises(NotPermitted, match="was not run"):
        require_read_program(command.split())


@pytest.mark.parametrize("character", ";|&$`<>\n\r\\(){}*?!~")
def test_nothing_is_said_that_a_shell_acts_on(character):
    """Each character that a shell gives a meaning is stopped, wherever it stands."""
    with pytest.raises(NotPermitted, match="a shell would act on"):
        require_read_program(["cat", f"a{character}b"])


@pytest.mark.parametrize("command", ["df -P /", "systemctl is-active nginx", "cat /proc/uptime", "find /var/backups -name x", "sysctl -n vm.swappiness", "ss -ltn"])
def test_programs_that_read_are_run(command):
    """What only reads passes."""
    require_read_program(command.split())
