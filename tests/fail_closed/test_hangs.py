"""Whatever hangs, the verdict is given when the time is up, and the process ends with it.

The time is compared with a run of the same kind, in the same test, in which nothing hangs: what is more than that and
the time that a look has is lateness.
"""

import shutil
import signal
import time

import pytest

from tests import stub
from tests.conftest import ROOT, Gate, prove
from tests.fail_closed import silent
from tests.fail_closed.ways import assert_it_means_what_it_says, stale
from tests.judging import DOCSTRING, HEAD

LOOK_SECONDS = 1.5
BUDGET_SECONDS = 4.0
PATIENT = {"look_seconds": 20.0, "budget_seconds": 20.0}  # where nothing is to be late
GRACE_SECONDS = 2.0  # the watchdog's, in a project whose watchdog has this grace
LATE_SECONDS = 1.0  # the bound on an idle machine
NOISE_SECONDS = 2.0  # this machine is shared

HEALTHY = "def look(api):\n    return api.get('/health')"
DATABASE = '\n[database]\naddress = "{address}"\nname = "x"\nuser = "x"\npassword = "swordfish"\ntls = "{tls}"\nmigrations = "."\n'
CACHE = '\n[cache]\naddress = "{address}"\nusername = "x"\npassword = "swordfish"\ntls = {tls}\n'
WEBSOCKET = '\n[websocket]\nurl = "{scheme}://{address}"\nanswer_seconds = 30\n'


def suite(probe, judgement="assert seen.status == 200"):
    """A suite of one check."""
    return f"{HEAD}\nimport time\n{probe}\n\n@trial(probe=look)\ndef test_fact(seen):{DOCSTRING}    {judgement}\n"


@pytest.fixture
def timed(project, tmp_path):
    """Run a suite on the stub; the run and how long it took. ``tables`` replace those of the stub's file."""

    def run(text, tables=None, look_seconds=LOOK_SECONDS, budget_seconds=BUDGET_SECONDS):
        (project / "suites" / "trial" / "test_trial.py").write_text(text)
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
        prove(project, {"trial.fact": "test_fact"})
        with stub.serving() as url:
            target = stub.environment(tmp_path / "stub", url, look_seconds=look_seconds, budget_seconds=budget_seconds)
            for name, table in (tables or {}).items():
                replace_table(target / "target.toml", name, table)
            gate = Gate(stale(tmp_path / f"out-{time.monotonic_ns()}"), root=project)
            started = time.monotonic()
            ran = gate(f"--env={target}", "suites/trial")
            return ran, time.monotonic() - started

    return run


@pytest.fixture
def healthy_seconds(timed):
    """How long a run takes in which nothing hangs."""
    ran, seconds = timed(suite(HEALTHY), **PATIENT)
    assert ran.exit_status == 0, ran.output
    return seconds


def replace_table(file, name, table):
    absent = f'\n[{name}]\nabsent = "the stub has none"\n'
    text = file.read_text()
    assert absent in text
    file.write_text(text.replace(absent, table))


def lateness(seconds, healthy_seconds, allowed_seconds):
    return seconds - healthy_seconds - allowed_seconds


DATABASE_ASK = "def look(database):\n    return database.ask('ping')"
CACHE_ASK = "def look(cache):\n    return cache.ask('PING')"
CONVERSE = "def look(websocket):\n    with websocket.conversation('x') as conversation:\n        return conversation.hear(600)"
HTTP_GET = "def look(web):\n    return web.get('http://{address}/health')"
HTTPS_GET = HTTP_GET.replace("http:", "https:")

# How a target hangs: the way its server talks, the tables that name it, and the look at it.
TARGETS = {
    "http that never answers": (silent.silence, {}, HTTP_GET),
    "http a byte at a time": (silent.dribble, {}, HTTP_GET),
    "http without an end": (silent.endless, {}, HTTP_GET),
    "http headers without an end": (silent.headers_without_end, {}, HTTP_GET),
    "a TLS handshake": (silent.silence, {}, HTTPS_GET),
    "PostgreSQL that says nothing": (silent.silence, {"database": DATABASE.replace("{tls}", "disable")}, DATABASE_ASK),
    "PostgreSQL that says nothing to TLS": (silent.silence, {"database": DATABASE.replace("{tls}", "require")}, DATABASE_ASK),
    "a query without an end": (silent.query_without_end, {"database": DATABASE.replace("{tls}", "disable")}, DATABASE_ASK),
    "Redis that never answers": (silent.silence, {"cache": CACHE.replace("{tls}", "false")}, CACHE_ASK),
    "Redis that never answers TLS": (silent.silence, {"cache": CACHE.replace("{tls}", "true")}, CACHE_ASK),
    "a WebSocket that is never opened": (silent.silence, {"websocket": WEBSOCKET.replace("{scheme}", "ws")}, CONVERSE),
    "a WebSocket that never welcomes": (silent.no_welcome, {"websocket": WEBSOCKET.replace("{scheme}", "ws")}, CONVERSE),
}

# What hangs in a probe without a server. Each is left behind by its look's deadline.
IN_A_PROBE = {
    "sleeps": "    time.sleep(600)",
    "a loop": "    while True:\n        pass",
    "a name that does not resolve": (
        "    import socket\n    known = socket.getaddrinfo\n"
        "    socket.getaddrinfo = lambda host, *rest, **more: known(host, *rest, **more) if '127' in str(host) else time.sleep(600)\n"
        "    return socket.getaddrinfo('nowhere.example', 80)"
    ),
}

# What holds the interpreter, so that only the kernel's timer can end it.
HOLDS_THE_INTERPRETER = {
    "a call below Python": "import ctypes; ctypes.PyDLL(None).sleep(600)",
    "a regular expression": "import re; re.match('(a+)+$', 'a' * 64 + 'b')",
}

IN_A_JUDGEMENT = {"sleeps": "time.sleep(600)", "a loop": "while True: pass", **HOLDS_THE_INTERPRETER}

# What would hold up the end of an ordinary process, after its verdict.
AFTER_THE_VERDICT = {
    "a handler at exit": "import atexit\natexit.register(time.sleep, 600)",
    "a thread": "import threading\nthreading.Thread(target=time.sleep, args=(600,)).start()",
    "a finalizer": "class Slow:\n    def __del__(self):\n        time.sleep(600)\nSLOW = Slow()",
}


@pytest.mark.parametrize("kind", TARGETS)
def test_a_target_that_hangs(timed, healthy_seconds, kind):
    """A target that hangs is unknown when the look's time is up, and the process ends within a second of it."""
    talk, tables, look = TARGETS[kind]
    with silent.serving(talk) as address:
        ran, seconds = timed(suite(look.format(address=address), "assert seen"), {name: table.replace("{address}", address) for name, table in tables.items()})

    looks = 2 if tables else 1  # who a store is, is looked at before the check: both hang
    assert_unknown_in_time(ran, lateness(seconds, healthy_seconds, looks * LOOK_SECONDS))


@pytest.mark.parametrize("kind", IN_A_PROBE)
def test_a_probe_that_hangs(timed, healthy_seconds, kind):
    """A probe that hangs by itself is left behind when its time is up."""
    ran, seconds = timed(suite("def look(api):\n" + IN_A_PROBE[kind]))

    assert_unknown_in_time(ran, lateness(seconds, healthy_seconds, LOOK_SECONDS))


def assert_unknown_in_time(ran, late_seconds):
    assert (ran.exit_status, ran.having("unknown")) == (10, {"trial.fact"}), ran.output
    assert late_seconds < LATE_SECONDS + NOISE_SECONDS


@pytest.mark.parametrize("kind", HOLDS_THE_INTERPRETER)
def test_a_probe_that_holds_the_interpreter(impatient, timed, healthy_seconds, kind):
    """A probe that lets no thread of ours run is ended by the kernel's timer: VOID, budget and grace after the start."""
    ran, seconds = timed(suite(f"def look(api):\n    api.get('/health')\n    {HOLDS_THE_INTERPRETER[kind]}"))

    assert_ended_by_the_timer(ran, lateness(seconds, healthy_seconds, BUDGET_SECONDS + GRACE_SECONDS))


@pytest.mark.parametrize("kind", IN_A_JUDGEMENT)
def test_a_judgement_that_hangs(impatient, timed, healthy_seconds, kind):
    """A judgement that hangs is ended by the kernel's timer: VOID, budget and grace after the start."""
    ran, seconds = timed(suite(HEALTHY, IN_A_JUDGEMENT[kind]), look_seconds=BUDGET_SECONDS)

    assert_ended_by_the_timer(ran, lateness(seconds, healthy_seconds, BUDGET_SECONDS + GRACE_SECONDS))


def assert_ended_by_the_timer(ran, late_seconds):
    assert_it_means_what_it_says(ran)
    assert (ran.exit_status, ran.verdict["verdict"]) == (11, "VOID"), ran.output
    assert "was ended by SIGALRM before it had a verdict" in ran.output
    assert late_seconds < LATE_SECONDS + NOISE_SECONDS


@pytest.mark.parametrize("kind", AFTER_THE_VERDICT)
def test_what_would_hold_up_the_end(timed, healthy_seconds, kind):
    """Nothing that is left behind holds up a verdict that is given."""
    ran, seconds = timed(suite(f"{AFTER_THE_VERDICT[kind]}\n{HEALTHY}"), **PATIENT)

    assert ran.exit_status == 0, ran.output
    assert lateness(seconds, healthy_seconds, 0) < LATE_SECONDS + NOISE_SECONDS


MARK = "open('begun', 'w').close()"
INTERRUPTED = {
    "a probe that sleeps": (f"def look(api):\n    {MARK}\n    time.sleep(600)", "assert seen", 2),
    "a probe that loops": (f"def look(api):\n    {MARK}\n    while True:\n        pass", "assert seen", 2),
    "a judgement that sleeps": (HEALTHY, f"{MARK}\n    time.sleep(600)", 2),
    "a judgement that loops": (HEALTHY, f"{MARK}\n    while True:\n        pass", 2),
    "what holds the interpreter": (f"def look(api):\n    {MARK}\n    import ctypes; ctypes.PyDLL(None).sleep(600)", "assert seen", 11),
}


@pytest.mark.parametrize("kind", INTERRUPTED)
def test_ctrl_c_while_something_hangs(impatient, project, tmp_path, kind):
    """Ctrl-C ends a run in which something hangs: INTERRUPTED, or VOID where nothing of Python can run any more."""
    probe, judgement, status = INTERRUPTED[kind]
    (project / "suites" / "trial" / "test_trial.py").write_text(suite(probe, judgement))
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
    with stub.serving() as url:
        target = stub.environment(tmp_path / "stub", url, look_seconds=30, budget_seconds=BUDGET_SECONDS * 3)
        gate = Gate(stale(tmp_path / "out"), root=project)
        process = gate.start(f"--env={target}", "suites/trial")
        wait_for(project / "begun")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=BUDGET_SECONDS * 3 + GRACE_SECONDS + LATE_SECONDS + NOISE_SECONDS)

    assert process.returncode == status, output
    assert gate.folder.joinpath("verdict.json").read_text().count("INTERRUPTED" if status == 2 else "VOID")


def wait_for(path):
    ends_at = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < ends_at, f"{path} never came"
        time.sleep(0.02)


@pytest.fixture
def impatient(project):
    """The same gate, with a watchdog of less patience."""
    (project / "fixtures").unlink()
    shutil.copytree(ROOT / "fixtures", project / "fixtures", ignore=shutil.ignore_patterns("__pycache__"))
    watchdog = project / "fixtures" / "watchdog.py"
    watchdog.write_text(watchdog.read_text().replace("GRACE_SECONDS = 30.0", f"GRACE_SECONDS = {GRACE_SECONDS}"))
