"""The proof itself on trial: what it calls proven, what it finds wrong, and what it writes down."""

import json
import subprocess
import sys

import pytest

from environments.standin.client import StandIn
from environments.standin.fault import Fault, fault
from environments.standin.faults import FAULTS
from fixtures.api import Answer
from fixtures.frozen import plain, thawed
from fixtures.proof import Proof
from tests.conftest import ROOT
from tests.proof import matrix
from tests.proof.judging import Result, findings_in
from tests.proof.lock import renewed, wrong_with
from tests.proof.mutations import mutations_of, some_of
from tests.proof.plan import Trial, plan_of, trial_of, without
from tests.proof.spots import blind_spots, sights, vacuous

CONSTANT = FAULTS["health-constant"]
ID = "smoke.health-computed"
SAID = "two calls gave the timestamps 1 and 1\nassert 1 < 1"


def entry(id=ID, outcome="refuted", message=SAID):
    return {"id": id, "outcome": outcome, "message": message}


def verdict(*checks, word="NO-GO", status=1, causes=()):
    return {"verdict": word, "exit_status": status, "reasons": [], "checks": list(checks), "causes": list(causes)}


def kinds(content, trial=None, status=1):
    trial = trial or trial_of(CONSTANT, {"smoke": (ID,)}, full=False)
    return [finding.kind for finding in findings_in(trial, content, status)]


def cause(id, *blocks):
    return {"id": id, "message": "refused", "blocks": list(blocks)}


FOUND = {
    "as it should be": (verdict(entry()), []),
    "yet to be proven": (verdict(entry(), word="INCONCLUSIVE", status=1), []),
    "held": (verdict(entry(outcome="held")), ["survivor"]),
    "blocked itself": (verdict(entry(outcome="blocked")), ["survivor"]),
    "broke": (verdict(entry(outcome="unknown")), ["survivor", "extra"]),
    "was not judged": (verdict(), ["survivor"]),
    "for another reason": (verdict(entry(message="it did not answer 200 twice")), ["wrong reason"]),
    "only in pytest's own values": (verdict(entry(message="it is red\nassert 'two calls gave the timestamps'")), ["wrong reason"]),
    "and another check": (verdict(entry(), entry("smoke.lines")), ["extra"]),
    "and one that could not tell": (verdict(entry(), entry("smoke.lines", "unknown")), ["extra"]),
    "and one blocked by it": (verdict(entry(), entry("smoke.lines", "blocked"), causes=[cause(ID, "smoke.lines")]), []),
    "and one blocked by what nobody names": (verdict(entry(), causes=[cause("api.reachable", "smoke.lines")]), ["extra"]),
    "in a gate that is VOID": (verdict(entry(), word="VOID", status=11), ["gate"]),
    "in a gate that left another verdict": (verdict(entry(), status=0), ["gate"]),
}


@pytest.mark.parametrize("case", FOUND)
def test_each_thing_that_can_be_wrong_is_found(case):
    """A fault is proven when what it names is refuted for its reason, and nothing else is wrong."""
    content, expected = FOUND[case]

    assert kinds(content) == expected


def test_a_check_without_words_is_found():
    """A check that exists and whose reason the fault does not say proves nothing."""
    assert kinds(verdict(entry()), Trial("health-constant", ("smoke",), {ID: ""}, CONSTANT)) == ["wrong reason"]


def test_a_healthy_twin_is_go_and_nothing_less():
    """With nothing broken, any other verdict is wrong."""
    twin = Trial("healthy smoke", ("smoke",), {})

    assert kinds(verdict(entry(outcome="held"), word="GO", status=0), twin, 0) == []
    assert kinds(verdict(entry(outcome="unknown"), word="INCONCLUSIVE", status=10), twin, 10) == ["gate"]


def test_a_fault_meets_smoke_and_the_subjects_that_it_touches():
    """The suites of a trial are smoke, what the fault touches and what it refutes; in full, every suite."""
    catalogue = {"smoke": ("smoke.workers",), "workers": ("workers.alive",), "backup": ("backup.kept",)}

    assert trial_of(FAULTS["worker-stopped"], catalogue, full=False).suites == ("smoke", "workers")
    assert trial_of(FAULTS["worker-stopped"], catalogue, full=True).suites == ("backup", "smoke", "workers")


def test_a_fault_without_a_check_waits():
    """A fault that no check of the catalogue claims to see is not run; a twin stands for each subject that is."""
    plan = plan_of({"smoke": (ID,)})

    assert [trial.name for trial in (*plan.twins, *plan.faults)] == ["healthy smoke", "health-constant"]
    assert FAULTS["backup-stale"] in plan.waiting


def test_a_part_that_is_not_here_is_told():
    """A fault of a group that did not start is not provable here; the others are."""
    states = {"workers": "no worker", "prometheus": "up"}
    catalogue = {"smoke": ("smoke.workers", ID)}

    assert without(trial_of(FAULTS["worker-stopped"], catalogue, full=False), states) == "no worker"
    assert without(trial_of(CONSTANT, catalogue, full=False), states) == ""


@pytest.mark.parametrize(("endings", "right", "repeated"), [((0,), True, False), ((1, 0), True, True), ((1, 1), False, True)])
def test_a_trial_that_went_wrong_is_run_once_more(monkeypatch, endings, right, repeated):
    """The machine may have been busy: once wrong is told as repeated, twice wrong is wrong."""
    trial = trial_of(CONSTANT, {"smoke": (ID,)}, full=False)
    left = list(endings)

    def next_end(lanes):
        lane, lanes[0].gate = lanes[0], None
        seen = verdict(entry(outcome="held" if left.pop(0) else "refuted"))
        found = tuple(findings_in(trial, seen, 1))
        return lane, Result(trial, 1.0, found, at_first=lane.before.findings if lane.before else ())

    monkeypatch.setattr(matrix.gates, "start", lambda *_: object())
    monkeypatch.setattr(matrix, "next_end", next_end)
    lane = matrix.Lane(StandIn(ROOT, {}), ROOT)
    (only,) = matrix.taken([trial], [lane], lambda _: None)

    assert (not only.findings, bool(only.at_first), left) == (right, repeated, [])


# ---- the lock ------------------------------------------------------------------------------------------------


def result(name, *ids, findings=()):
    return Result(Trial(name, ("smoke",), dict.fromkeys(ids, "x"), FAULTS[name]), 1.0, tuple(findings))


def test_what_was_seen_is_written_and_what_survived_is_not():
    """A fault that was seen proves its checks; one that went wrong proves none, also where it did before."""
    old = {"smoke.login": Proof("1", ("login-broken", "login-wrong-role"))}
    wrong = findings_in(Trial("login-broken", ("smoke",), {"smoke.login": "x"}), verdict(word="GO", status=0), 0)
    now = [result("login-broken", "smoke.login", findings=wrong), result("lines-empty", "smoke.lines")]

    assert renewed(old, now, {"smoke.login": "1", "smoke.lines": "2"}) == {
        "smoke.login": Proof("1", ("login-wrong-role",)), "smoke.lines": Proof("2", ("lines-empty",)),
    }  # fmt: skip


def test_an_old_proof_of_another_source_is_gone():
    """What was seen of a check that has changed since is not kept."""
    assert renewed({"smoke.login": Proof("1", ("login-wrong-role",))}, [], {"smoke.login": "2"}) == {}


STALE = {
    "current": ("smoke.lines", Proof("1", ("lines-empty", "lines-invented")), "1", ""),
    "edited": ("smoke.lines", Proof("0", ("lines-empty", "lines-invented")), "1", "has changed since it was proven"),
    "new": ("smoke.lines", None, "1", "is unproven"),
    "another fault since": ("smoke.lines", Proof("1", ("lines-empty",)), "1", "and is named by lines-empty, lines-invented"),
    "no fault at all": ("smoke.nothing", None, "1", "has no fault"),
    "not written out": ("smoke.lines", None, None, "write its id out"),
}


@pytest.mark.parametrize("case", STALE)
def test_each_way_to_be_stale_has_its_sentence(case):
    """A lock that is not of the checks and faults as they stand is told, with what to do."""
    id, proof, source, told = STALE[case]

    sentence = wrong_with(id, proof, source, promised=True)

    assert told in sentence if told else sentence == ""


def test_an_unknown_fault_is_refused():
    """The command says which faults look like the one that is not there, and is no success."""
    ran = subprocess.run([sys.executable, "-m", "tests.proof", "login-broke"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no fault is named 'login-broke'; near: login-broken" in ran.stderr


def test_a_row_may_be_a_proposal():
    """Ids in one string have no words; a table of them has."""
    proposed, meant = fault("a", "b", "x.y x.z", "x"), fault("a", "b", {"x.y": "why"}, "x")

    assert isinstance(proposed, Fault)
    assert (proposed.refutes, meant.refutes) == ({"x.y": "", "x.z": ""}, {"x.y": "why"})


# ---- lies about data -----------------------------------------------------------------------------------------

SEEN = Answer("http://x/a", 200, (("server", "x"),), json.dumps({"rows": [1, 2], "at": "2026-01-01T00:00:00"}).encode())


def told(value):
    return {f"{mutation.where} {mutation.how}" for mutation in mutations_of(plain(value))}


def test_each_kind_of_lie_is_told():
    """Status, header, body, key, row, value, type and time of an answer are lied about; what the gate asked is not."""
    assert told(SEEN) >= {
        ".status is 500", ".headers.server dropped", ".headers.server sent twice", ".body emptied", ".body.rows dropped",
        ".body.rows emptied", ".body.rows[1] dropped", ".body.rows[0] null", ".body.at a year older", ".elapsed_seconds is a minute",
    }  # fmt: skip
    assert not any(lie.startswith(".url") for lie in told(SEEN))


def test_each_lie_is_another_observation():
    """Every mutation can be thawed and is not what was seen."""
    values = [thawed(mutation.value) for mutation in mutations_of(plain((SEEN, {"a": [True, None, 0.5]})))]

    assert len(values) > 30
    assert (SEEN, {"a": [True, None, 0.5]}) not in values


def test_the_choice_of_lies_is_the_same_each_time():
    """Where there are too many, as many as allowed are chosen, alike in every run."""
    first, again = ([(lie.where, lie.how) for lie in some_of(plain(SEEN), 5, "look")] for _ in range(2))

    assert first == again
    assert len(first) == 5


LOOKS = {
    "smoke/test_x.py::look() after nothing": {
        "checks": ["t.sees", "t.blind"],
        "mutations": {
            ".status is 500": {"refuted": ["t.sees"], "unknown": []},
            ".body.a dropped": {"refuted": [], "unknown": ["t.blind"]},
            ".body.b dropped": {"refuted": [], "unknown": []},
            ".body.b.c changed": {"refuted": [], "unknown": []},
            ".body[0] null": {"refuted": [], "unknown": []},
            ".body[1] null": {"refuted": ["t.sees"], "unknown": []},
            ".headers.server dropped": {"refuted": [], "unknown": []},
        },
    }
}


def test_who_notices_is_counted_and_who_never_does_is_vacuous():
    """A check that breaks has noticed, and is still vacuous while no change refutes it."""
    counted = {sight.id: (sight.refuted, sight.unknown, sight.unnoticed) for sight in sights(LOOKS)}

    assert counted == {"t.sees": (2, 0, 5), "t.blind": (0, 1, 6)}
    assert vacuous(LOOKS) == ["t.blind"]


def test_blind_spots_are_what_nobody_notices_anywhere():
    """Values come before headers; a piece of what may be lost as a whole is not told again."""
    assert [(spot.where, spot.hows) for spot in blind_spots(LOOKS)] == [(".body.b", ("dropped",)), (".headers.server", ("dropped",))]


