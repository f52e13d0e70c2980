"""The gate knows whom it looks at, that it was the same one all the time, and whose clock is wrong."""

import re
import time
from types import SimpleNamespace

import pytest

from fixtures.check import clients_taken
from fixtures.clients import Client, Ground, Registry
from fixtures.identity import UNKNOWN, Identity, changes, jumped, runner_off, same_as_live
from fixtures.target import Slot, Slots
from fixtures.values import Url
from tests import stub
from tests.conftest import ROOT, Gate
from tests.judging import HEAD, check_that


def test_a_pin_that_changed_is_told():
    """What was and what is; what was not looked at again is no change."""
    before = {"cache.run-id": "abc", "api.release": "5.0.1"}

    assert list(changes(before, {"cache.run-id": "abc"})) == []
    assert list(changes(before, {"cache.run-id": "def"})) == ["the target changed while it was looked at: cache.run-id was abc, and is def"]


def test_a_pin_that_cannot_be_told_in_the_end_is_no_change():
    """Who did not answer any more may be the same one: nobody can say, and that is no GO."""
    identity = Identity(at_start={"cache.run-id": "abc"}, at_end={"cache.run-id": UNKNOWN}, seen_again=True)

    assert list(identity.distrust()) == []
    assert "cache.run-id could not be told in the end" in identity.unsettled()


OFF = [
    ({}, None),
    ({"database": 1.0, "application": -0.5}, None),
    ({"database": 90.0, "application": 90.4}, "this runner's clock is 90 s behind the target's (database, application)"),
    ({"database": -90.0, "application": -90.4}, "is 90 s ahead of"),
    ({"database": 0.2, "application": 90.0}, None),
    ({"database": 90.0, "application": 200.0}, None),
]


@pytest.mark.parametrize(("ahead_seconds", "sentence"), OFF, ids=str)
def test_the_runner_is_off_when_the_target_agrees_with_itself(ahead_seconds, sentence):
    """One clock of several that is off is the target's own; all of them off alike are this runner's."""
    said = list(runner_off(ahead_seconds))

    assert bool(said) == bool(sentence)
    assert not sentence or sentence in said[0]


def test_a_jump_of_the_clock_is_told():
    """The wall clock and the monotonic one go together, or nobody knows when anything was."""
    assert list(jumped(10.0, 9.8)) == []
    assert "jumped by -3600 s" in next(jumped(-3590.0, 10.0))


def aimed(slot, blue, green):
    """As much of a target as choosing a slot takes."""
    slots = Slots("blue", Slot(tuple(map(Url, blue))), Slot(tuple(map(Url, green))))
    replicas = slots.green.replicas if slot == "green" else slots.blue.replicas
    return SimpleNamespace(slot=slot, slots=slots, replicas=lambda: replicas, resolve=lambda host: host)


def test_a_candidate_that_is_live_is_told():
    """The live slot, or one that shares an address with it under another name, is no candidate."""
    apart, shared = ["http://127.0.0.1:81"], ["http://localhost:80"]

    assert same_as_live(aimed(None, shared, shared)) == ""
    assert same_as_live(aimed("green", ["http://127.0.0.1:80"], apart)) == ""
    assert "is what is live" in same_as_live(aimed("blue", ["http://127.0.0.1:80"], apart))
    assert "share the address 127.0.0.1:80: they are one" in same_as_live(aimed("green", ["http://127.0.0.1:80"], shared))


def test_only_what_a_run_uses_is_pinned():
    """The clients of its probes and grounds, and those that they are built from; no others."""
    known = Registry(
        {name: Client(name, build) for name, build in {"network": lambda: 0, "web": lambda network: 0, "cache": lambda: 0, "user": lambda: 0}.items()},
        {"a.b": Ground("a.b", lambda user: 0)},
    )
    check = SimpleNamespace(probe=lambda web: 0, needs=("a.b",), weighs=())

    assert clients_taken(known, [check]) == {"web", "network", "user"}


# ---- whole runs ----------------------------------------------------------------------------------------------


class Moving(stub.Handler):
    """A stub that is replaced by the next release after its third answer, and has a clock of its own."""

    answers, changes_after, ahead_seconds = 0, 10**9, 0.0

    def do_GET(self):  # noqa: N802 - the name that http.server calls
        """One answer with the release of the moment."""
        type(self).answers += 1
        self.answer(200, {"status": "healthy", "version": "1.1" if self.answers > self.changes_after else "1.0"})

    def date_time_string(self, timestamp=None):
        """What the clock of this stub says."""
        return super().date_time_string(time.time() + self.ahead_seconds)


@pytest.fixture
def judged(project, tmp_path):
    """Run one check of the test's own against a stub that moves."""

    def run(body="assert seen.status == 200", edit=("", ""), probe="", arguments=(), **ways):
        text = HEAD + probe + check_that(body, "@trial(probe=shift)" if probe else "@trial()")
        (project / "suites" / "trial" / "test_trial.py").write_text(text)
        (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
        with stub.serving(type("Way", (Moving,), ways)) as url:
            folder = stub.environment(tmp_path / "stub", url)
            file = folder / "target.toml"
            file.write_text(file.read_text().replace(edit[0], edit[1].replace("URL", url)) if edit[0] else file.read_text())
            return Gate(tmp_path / "out", root=project)(f"--env={folder}", "suites/trial", *arguments)

    return run


def test_who_it_is_stands_in_the_record(judged):
    """A healthy run tells whom it looked at and how far the clocks are apart."""
    ran = judged()

    assert ran.exit_status == 0, ran.output
    assert ran.verdict["identity"]["pins"]["api.release"].endswith(" 1.0")
    assert abs(ran.verdict["identity"]["clocks_ahead_seconds"]["application"]) < 5


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["alone", "one-worker"])
def test_a_target_that_changes_meanwhile_is_void(judged, arguments):
    """A release that is replaced between the first look and the last makes the verdict VOID."""
    ran = judged(changes_after=3, arguments=arguments)

    assert ran.exit_status == 11, ran.output
    assert "the target changed while it was looked at: api.release was" in " ".join(ran.output.split())


def test_a_runner_whose_clock_is_off_says_so(judged):
    """An hour between the clocks is this runner's, where the target has no other clock that says otherwise."""
    ran = judged(ahead_seconds=-3600)

    assert ran.exit_status == 11
    assert re.search(r"this runner's clock is 360[01] s ahead of the target's \(application\): let NTP set it", " ".join(ran.output.split()))


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_jumps_is_void(judged, seconds):
    """A clock that is set while the gate looks makes its verdict VOID, forwards and backwards."""
    shift = f"""
import re
import time
def shift(api):
    answer, now = api.get("/health"), time.time
    if isinstance(answer.status, int):  # not while the run is planned
        time.time = lambda: now() + {seconds}
    return answer
"""
    ran = judged(probe=shift)

    assert ran.exit_status == 11, ran.output
    assert f"this runner's clock jumped by {seconds:+d} s while it looked" in ran.output


SHARED = '[slots]\nlive = "blue"\n[slots.blue]\nreplicas = ["URL"]\n[slots.green]\nreplicas = ["URL"]\n'
NO_SLOTS = '[slots]\nabsent = "the stub has none"\n'


@pytest.mark.parametrize(("slot", "sentence"), [("green", "share the address 127.0.0.1:"), ("blue", "--slot=blue is what is live")])
def test_a_candidate_that_is_live_is_void(judged, slot, sentence):
    """A candidate that turns out to be what is live proves nothing about the switch."""
    ran = judged(edit=(NO_SLOTS, SHARED), arguments=(f"--slot={slot}",))

    assert ran.exit_status == 11, ran.output
    assert sentence in " ".join(ran.output.split())


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "one-worker"])
def test_another_environment_is_four_before_any_check(gate, tmp_path, workers):
    """A target that says it is another environment of ours ends the run before anything is judged."""
    text = (ROOT / "environments" / "local" / "target.toml").read_text("utf-8")
    for reference, value in gate.standin.references.items():
        text = text.replace(f"${{standin:{reference}}}", value)
    folder = tmp_path / "plant-7"
    folder.mkdir()
    text = text.replace('name = "local"', 'name = "plant-7"').replace('absent = ""', "").replace('shape = "staging"', 'absent = "a plant"')
    (folder / "target.toml").write_text(text, "utf-8")
    ran = gate(f"--env={folder}", "suites/smoke", *workers)

    assert ran.exit_status == 4, ran.output
    assert re.search("is for plant-7, and the (application|database.s migrations) says that it is local", ran.output)
    assert ran.verdict["checks"] == [] or {check["outcome"] for check in ran.verdict["checks"]} == {"unknown"}


def test_a_second_gate_waits_for_the_first(gate, tmp_path):
    """Two gates at one target take turns, also with report folders of their own."""
    first, second = (Gate(tmp_path / name, gate.standin) for name in ("one", "two"))
    began = first.start("--env=local", "suites/smoke")
    ran = second("--env=local", "suites/smoke")
    began.communicate(timeout=60)
    spans = [(record["started_at"], record["finished_at"]) for record in (ran.verdict, json_of(first.folder))]

    assert (began.returncode, ran.exit_status) == (0, 0), ran.output
    assert spans[0][1] != spans[1][1]


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_gate_that_waits_too_long_is_refused(gate, kept_up, tmp_path, where):
    """A turn that does not come within the run's budget ends with exit status 4 and the name of who has it."""
    with holding(kept_up, where):
        ran = gate("--env=local", "suites/smoke", "--set", "gate.budget_seconds=3")

    assert ran.exit_status == 4, ran.output
    assert {"here": "another gate on this machine has", "elsewhere": "ms5-gate/other from 127.0.0.1"}[where] in ran.output
    assert "looks at the same target: wait for it to end" in ran.output


def json_of(folder):
    """What stands in the folder's verdict.json."""
    import json

    return json.loads((folder / "verdict.json").read_text("utf-8"))


def holding(standin, where):
    """Hold the turn at a stand-in as another gate would: on this machine, or by its database."""
    import psycopg

    from fixtures.turn import LocalTurn

    known = standin.references
    if where == "elsewhere":
        connection = psycopg.connect(
            host=known["database_address"].partition(":")[0], port=known["database_address"].partition(":")[2],
            dbname=known["database_name"], user=known["database_user"], password=known["database_password"], application_name="ms5-gate/other",
        )  # fmt: skip
        connection.execute("select pg_advisory_lock(5050, 6735)")
        return connection
    turn = LocalTurn(SimpleNamespace(application=lambda: (known["api_url"],)))
    assert turn.holder() == ""
    turn.__class__ = type("Held", (LocalTurn,), {"__enter__": lambda self: self, "__exit__": lambda self, *_: self.release()})
    return turn
