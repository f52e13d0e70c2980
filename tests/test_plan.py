"""A plan tells every look of a run and touches nothing; a run that cannot fit its budget is refused before it looks."""

import json
import re
import socket
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import stub
from tests.conftest import Gate
from tests.judging import HEAD, check_that

SMOKE = "suites/smoke"
SECRETS = {
    "MS5_RELEASE": "1", "MS5_PRODUCTION_PROBE_PASSWORD": "probe-pass", "MS5_PRODUCTION_DB_PASSWORD": "db-pass",
    "MS5_PRODUCTION_REDIS_PASSWORD": "redis-pass",
}  # fmt: skip


def planned(ran):
    """The plan of a run, as machines read it."""
    return json.loads((ran.folder / "plan.json").read_text("utf-8"))


def asked(plan, *, beside=True):
    """Every exchange of a plan, those beside the checks included."""
    return [exchange for look in (*(plan["identity"] if beside else ()), *plan["grounds"], *plan["looks"]) for exchange in look["exchanges"]]


# ---- a plan against what was really sent -----------------------------------------------------------------------

ASSET = "/assets/"


def request(exchange):
    """Method, host and path of an HTTP exchange or of a WebSocket's handshake; a made-up part is a star."""
    method, _, url = exchange["question"].replace("…", "*").rpartition(" ")
    return method if exchange["client"] == "http" else "GET", urlsplit(url).hostname, urlsplit(url).path


def requests_in(exchanges):
    """How often each is made, without the assets that only the page can name."""
    sent = [request(seen) for seen in exchanges if seen["client"] in {"http", "websocket"} and "://" in seen["question"]]
    return Counter(entry for entry in sent if ASSET not in entry[2] and entry[2] != "/*")


def logged(standin, run):
    """How often the front door's own log has each request of that run, without assets.

    nginx logs what it served: for ``/`` of the front end that is its index.
    """
    line = re.compile(r'\] (\S+) "(\S+) (\S+) \S+" .*"ms5-gate/' + run + '"')
    found = (line.search(text) for text in Path(standin.references["access_log"]).read_text("utf-8").splitlines())
    return Counter((hit[2], hit[1], hit[3].replace("/index.html", "/")) for hit in found if hit and ASSET not in hit[3])


@pytest.fixture(scope="module")
def real_and_planned(kept_up, tmp_path_factory):
    """A run of the smoke suite against the stand-in, and its plan."""
    folder = tmp_path_factory.mktemp("plan")
    ran = Gate(folder / "real", kept_up)("--env=local", SMOKE)
    assert ran.exit_status == 0, ran.output
    plan = planned(Gate(folder / "plan")("--env=local", SMOKE, "--plan"))
    return ran, plan


def test_the_plan_is_what_a_run_asks(real_and_planned):
    """Every question of a real run stands in its plan, as often, and the reverse; assets of a page excepted."""
    ran, plan = real_and_planned
    records = [json.loads(line) for line in (ran.folder / "observations.jsonl").read_text("utf-8").splitlines()]
    exchanges = [exchange for record in records for exchange in record["exchanges"]]

    assert requests_in(exchanges) == requests_in(asked(plan))
    assert requests_in(exchanges).total() > 30


def test_the_plan_is_what_the_front_door_logs(real_and_planned, kept_up):
    """The front door's own log has what the plan tells of it, and nothing else."""
    ran, plan = real_and_planned
    told = {entry: number for entry, number in requests_in(asked(plan)).items() if entry[1].endswith(".localhost")}

    assert logged(kept_up, ran.verdict["run"]) == told


def test_the_plan_knows_the_other_clients(real_and_planned):
    """Questions of SQL, Redis, Celery, TLS and frames are those of the run, by the same roles."""
    ran, plan = real_and_planned
    records = [json.loads(line) for line in (ran.folder / "observations.jsonl").read_text("utf-8").splitlines()]
    clients = {"database", "cache", "workers", "tls"}
    told = [(seen["client"], seen["role"], re.sub(r":\d+$", "", seen["question"]), seen["writes"]) for seen in asked(plan) if seen["client"] in clients]
    sent = [
        (seen["client"], seen["role"], re.sub(r":\d+$", "", seen["question"]), seen["writes"])
        for record in records for seen in record["exchanges"] if seen["client"] in clients
    ]  # fmt: skip

    assert Counter(sent) == Counter(told)
    assert {client for client, *_ in sent} == clients


# ---- production, where no target can be reached from here ------------------------------------------------------


def test_a_production_run_is_planned_without_a_target(bare_gate):
    """--plan needs neither the hosts nor the true secrets, and shows none; it is PARTIAL, exit status 12."""
    ran = bare_gate("--env=production", SMOKE, "--plan", **SECRETS)

    assert ran.exit_status == 12, ran.output
    for line in (
        "http       writes POST https://api.ms5.example/api/v1/auth/login  as gate_probe",
        "http       reads  8 x GET https://api.ms5.example/health  as nobody",
        "http       reads  GET https://api.ms5.example/api/v1/production/schedules  as gate_probe",
        "database   reads  migrations at db.ms5.example:5432  as ms5_gate",
        "cache      reads  PING at redis.ms5.example:6379  as a stranger",
        "workers    writes inspect ping at redis.ms5.example:6379  as default",
        'websocket  reads  say {"type": "heartbeat"} at app.ms5.example:443  as gate_probe',
        "time_reads                           smoke.response-time  [alone]",
        "fits: at least ",
    ):
        assert line in ran.output
    assert "NOT FORESEEN" not in ran.output
    assert not [secret for name, secret in SECRETS.items() if "PASSWORD" in name and secret in ran.output]


def test_a_plan_is_json_for_machines(bare_gate):
    """--plan --json prints what plan.json holds."""
    output = bare_gate("--env=production", SMOKE, "--plan", "--json", "-q", "-n", "2", **SECRETS).output
    printed = json.loads(output[output.index("{\n") : output.rindex("\n}") + 2])

    assert printed["fits"]
    assert {demand["what"]: demand["number"] for demand in printed["demands"]}["log-ins"] == 3


# ---- suites of a test's own ------------------------------------------------------------------------------------


@pytest.fixture
def listening(project, tmp_path):
    """Run a suite of the test's own against an address that listens, and say whether anybody came."""

    def run(text, *arguments, **limits):
        (project / "suites" / "trial" / "test_trial.py").write_text(HEAD + text)
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            folder = stub.environment(tmp_path / "stub", f"http://127.0.0.1:{server.getsockname()[1]}", **limits)
            ran = Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *arguments)
            server.settimeout(0)
            with pytest.raises(BlockingIOError):
                server.accept()
            return ran

    return run


def test_a_look_that_checks_share_is_planned_once(listening):
    """Two checks of one probe are one look, which names them both."""
    plan = planned(listening(check_that("assert seen") + check_that("assert seen", "@trial('trial.other')").replace("test_fact", "test_other"), "--plan"))

    assert [look["checks"] for look in plan["looks"]] == [["trial.fact", "trial.other"]]
    assert len(asked(plan, beside=False)) == 1


def test_what_the_environment_forbids_or_lacks_is_not_looked_at(listening):
    """Writes, drills and absent tables are listed with the environment's reason."""
    text = "".join(
        check_that("assert seen", f"@trial('trial.{name}', {fact})").replace("test_fact", f"test_{name}")
        for name, fact in {"writes": "writes=True", "drills": "drill=True", "absent": "needs=['database.reachable']"}.items()
    )
    plan = planned(listening(text, "--plan"))

    assert plan["not_looked_at"] == {
        "trial.writes": "stub allows no writes ([gate] writes = false)",
        "trial.drills": "stub allows no drills ([gate] drills = false)",
        "trial.absent": "the stub has none",
    }
    assert not asked(plan, beside=False)


def test_a_ground_is_planned_with_what_explains_it(listening):
    """A ground brings those below it, each once, and an absent one says so."""
    plan = planned(listening(check_that("assert seen", "@trial(weighs=['api.reachable', 'database.reachable'])"), "--plan"))

    assert {ground["name"]: ground["absent"] for ground in plan["grounds"]} == {
        "deployment.reachable": "the stub has none", "deployment.trusted": "the stub has none",
        "replicas.reachable": "the stub has none", "api.reachable": "", "database.reachable": "the stub has none",
    }  # fmt: skip
    assert [exchange["question"].partition(" ")[0] for exchange in asked(plan, beside=False)] == ["GET", "GET"]


UNFORESEEN = {
    "fails": ("import datetime; return datetime.datetime.fromisoformat(api.get('/health').json()['at'])", "ValueError"),
    "skips": ("pytest.skip(api.get('/health').text)", "Skipped"),
    "never ends": ("while api.get('/health').status == 200: pass", "it would ask 1000 times and more"),
}


@pytest.mark.parametrize("way", UNFORESEEN)
def test_what_a_plan_cannot_know_is_told(listening, way):
    """A probe that no pretended answer leads through is told with what was foreseen of it, and hinders nobody."""
    body, reason = UNFORESEEN[way]
    ran = listening(f"\ndef find_out(api):\n    {body}\n" + check_that("assert seen", "@trial(probe=find_out)"), "--plan")

    assert ran.exit_status == 12, ran.output
    assert re.search(rf"GET http.*\n *NOT FORESEEN beyond this: {reason}", ran.output)


FORGOTTEN = {
    "socket": "import socket; socket.create_connection((api.bases[0].host, api.bases[0].port))",
    "process": "import subprocess; subprocess.run(['true'])",
    "file": "open('written', 'w')",
    "swallowed": "import socket\n    try: socket.create_connection((api.bases[0].host, api.bases[0].port))\n    except Exception: pass",
}


@pytest.mark.parametrize("way", FORGOTTEN)
def test_a_client_that_would_touch_is_told(listening, way):
    """What reaches for the target in a plan is stopped, and the plan ends with exit status 4, also where it hides the error."""
    ran = listening(f"\ndef forget(api):\n    {FORGOTTEN[way]}\n" + check_that("assert seen", "@trial(probe=forget)"), "--plan")

    assert ran.exit_status == 4, ran.output
    assert "the plan reached for the target" in ran.output


MANY = "\ndef ask_for(api, number):\n    return api.get('/health')\n\n@pytest.mark.parametrize('number', range(8))"
MANY += check_that("assert seen", "@trial(probe=ask_for)", "seen, number")


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
def test_a_run_that_cannot_fit_is_refused(listening, workers):
    """It ends with exit status 4 and names the keys to change, before anything is looked at."""
    ran = listening(MANY, "--set", "gate.requests_per_second=1", *workers, budget_seconds=5)

    assert (ran.exit_status, ran.verdict["verdict"]) == (4, "USAGE"), ran.output
    assert (
        "this run cannot fit: 11 requests to 127.0.0.1 take at least 10 s at [gate] requests_per_second = 1, and [gate] "
        "budget_seconds is 5: raise requests_per_second or budget_seconds in" in ran.output
    )


def test_a_plan_says_that_a_run_cannot_fit(listening):
    """A plan is no refusal: it says so and ends as every plan does."""
    ran = listening(MANY, "--plan", "--set", "gate.requests_per_second=1", budget_seconds=5)

    assert ran.exit_status == 12, ran.output
    assert (planned(ran)["fits"], planned(ran)["least_seconds"]) == (False, 10.0)


def test_what_cannot_be_foreseen_does_not_refuse_a_run(project, tmp_path):
    """A probe that fails on pretended answers runs as ever on true ones."""
    text = "\ndef add(api):\n    return sum(map(ord, api.get('/health').json()['status'][:2]), 0) and [*api.get('/health').json()][0].index('s')\n"
    (project / "suites" / "trial" / "test_trial.py").write_text(HEAD + text + check_that("assert seen == 0", "@trial(probe=add)"))
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
    with stub.serving() as url:
        ran = Gate(tmp_path / "out", root=project)(f"--env={stub.environment(tmp_path / 'stub', url)}", "suites/trial")

    assert ran.exit_status == 0, ran.output


def test_a_plan_needs_a_target(bare_gate):
    """--plan without --env plans nothing, and says so."""
    ran = bare_gate("--plan")

    assert ran.exit_status == 4
    assert "--plan needs a target, and there is no default one: add --env=NAME" in ran.output


def test_a_plan_tells_what_comes_before_the_first_look(bare_gate):
    """Waiting for a release, and names that are given an address by hand, stand at its head."""
    ran = bare_gate("--env=production", SMOKE, "--plan", "--wait-for-release", "7", "--set", 'network.resolve={ "app.ms5.example" = "10.0.0.1" }', **SECRETS)

    assert "first, every 0.5 s for up to 120 s: GET /health of every replica until 7 runs" in ran.output
    assert "app.ms5.example is reached at 10.0.0.1: [network.resolve]" in ran.output
