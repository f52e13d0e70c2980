"""What a run saw is kept, and can be judged again without the target."""

import json
from pathlib import Path

import pytest

from fixtures.api import Answer
from fixtures.check import Severity
from fixtures.errors import TimedOut, Unreachable
from fixtures.evidence import Exchange, Observation
from fixtures.frozen import observation_of, plain, record_of, thawed
from fixtures.observations import Keeper
from tests import stub
from tests.conftest import Gate
from tests.judging import HEAD, check_that

ANSWER = Answer("http://x/health", 200, (("server", "x"),), b"\x00\xff", 0.25)


@pytest.mark.parametrize("value", [None, True, 7, 0.5, "text", b"\x00\xff", "täxt".encode(), [1, (2, "x")], {"a": [1], 3: None}, ANSWER, [(ANSWER, {"b": ANSWER})]])
def test_a_value_survives_being_kept(value):
    """What was seen comes back equal from plain JSON."""
    assert thawed(json.loads(json.dumps(plain(value)))) == value


def test_an_observation_survives_with_its_error():
    """Errors come back as the kind they were, exchanges and log lines with them."""
    seen = Observation(None, Unreachable("db:5432 refuses"), (Exchange("api", "GET /", "no answer", 0.1),), 0.1, ("INFO x",))
    back = observation_of(json.loads(json.dumps(record_of("look", seen))))

    assert (type(back.error), str(back.error), back.exchanges, back.log) == (Unreachable, "db:5432 refuses", seen.exchanges, seen.log)


def test_who_asked_whom_survives_and_may_be_missing():
    """An exchange keeps its role, its address and whether it writes; a line of an earlier gate has none of these."""
    asked = Exchange("api", "POST /", "200", 0.1, role="gate_probe", at="app:443", writes=True)
    line = json.loads(json.dumps(record_of("look", Observation(None, None, (asked,), 0.1))))
    now = observation_of(line).exchanges
    for name in ("role", "at", "writes"):
        del line["exchanges"][0][name]

    assert now == (asked,)
    assert observation_of(line).exchanges == (Exchange("api", "POST /", "200", 0.1),)


@pytest.mark.parametrize("name", ["os:system", "pathlib:Path", "fixtures.guard:Scrubber", "fixtures.nowhere:X"])
def test_a_file_makes_nothing_but_observations(name):
    """A recorded run can name no other thing to be made."""
    with pytest.raises((ValueError, ImportError)):
        thawed({"type": name, "fields": {}})


def test_a_full_disk_is_remembered():
    """An observation that cannot be written is no secret of the run."""
    keeper = Keeper(Path("/dev/full"), str)
    keeper.keep("look", Observation(1, None, (), 0.0))

    assert keeper.trouble == "/dev/full cannot be written (No space left on device)"


@pytest.fixture
def suite(project, tmp_path):
    """A suite of two checks, one of which holds, and the stub that it is judged on."""
    text = check_that("assert seen.status == 200, 'not there'") + "\ndef hang(api):\n    return api.get('/hang')\n"
    text += check_that("assert seen", "@trial('trial.hangs', probe=hang)").replace("test_fact", "test_hangs")
    (project / "suites" / "trial" / "test_trial.py").write_text(HEAD + text)
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact", "trial.hangs"]\n')
    with stub.serving() as url:
        folder = stub.environment(tmp_path / "stub", url, look_seconds=0.5)
        yield lambda out, *arguments: Gate(tmp_path / out, root=project)(f"--env={folder}", "suites/trial", *arguments)


def outcomes(ran):
    return {check["id"]: (check["outcome"], check["message"]) for check in ran.verdict["checks"]}


def test_a_recorded_run_is_judged_again(suite, tmp_path):
    """The same observations give the same outcomes; but a replay looked at nothing, and is never GO."""
    first = suite("first")
    again = suite("again", f"--replay={tmp_path / 'first' / 'observations.jsonl'}", "--set", "api.base_url=http://127.0.0.1:1")

    assert outcomes(first) == outcomes(again)
    assert first.exit_status == again.exit_status == 10
    assert TimedOut.__name__ in (tmp_path / "first" / "observations.jsonl").read_text()


def test_a_replay_is_at_most_partial(suite, tmp_path):
    """Even where everything held."""
    suite("first")
    again = suite("again", f"--replay={tmp_path / 'first' / 'observations.jsonl'}", "-k", "fact")

    assert (again.exit_status, again.having("held")) == (12, {"trial.fact"})
    assert "--replay judges what a recorded run saw, and looks at nothing" in again.output


def test_a_replay_says_what_differs(suite, tmp_path):
    """Judged by other expectations, the same observations give another outcome, and the check is named."""
    suite("first")
    recorded = json.loads((tmp_path / "first" / "verdict.json").read_text())
    recorded["checks"][0]["outcome"] = "refuted"
    (tmp_path / "first" / "verdict.json").write_text(json.dumps(recorded))
    again = suite("again", f"--replay={tmp_path / 'first' / 'observations.jsonl'}")
    name = recorded["checks"][0]["id"]

    assert [one["name"] for one in again.verdict["replay"]["differs"]] == [name]
    assert f"differs  {name}: refuted then, held now" in again.output


def test_a_replay_does_not_overwrite_what_it_judges(suite, tmp_path):
    """The recorded run keeps its reports."""
    suite("first")
    before = (tmp_path / "first" / "observations.jsonl").read_text()
    again = suite("first", f"--replay={tmp_path / 'first' / 'observations.jsonl'}")

    assert again.exit_status == 4
    assert "this run's own reports would overwrite it: name another folder with --out" in again.output
    assert (tmp_path / "first" / "observations.jsonl").read_text() == before


@pytest.mark.parametrize(("content", "sentence"), [(None, "cannot be read"), ("{}", "is no observations.jsonl"), ("x", "is no observations.jsonl")])
def test_a_file_that_is_none_is_refused(suite, tmp_path, content, sentence):
    """What cannot be replayed is told in one sentence."""
    file = tmp_path / "some.jsonl"
    if content is not None:
        file.write_text(content)
    ran = suite("again", f"--replay={file}")

    assert ran.exit_status in {3, 4}, ran.output
    assert sentence in ran.output


def test_severities_stay_words():
    """A severity is kept as its word."""
    assert plain(Severity.BLOCKER) == "blocker"
