"""What may be asked of a host is bounded, and the time a look waits for its turn is not its own."""

import itertools
import time

import pytest

from fixtures.budget import Budget, Pace
from fixtures.clients import Clients
from fixtures.engine import Engine
from fixtures.look import Look
from fixtures.pool import Pool
from fixtures.run import Share
from tests import stub
from tests.conftest import Gate
from tests.judging import HEAD, check_that


def test_requests_are_paced():
    """Eleven requests at twenty a second take half a second."""
    budget, started = Budget(20, 60), time.monotonic()
    for _ in range(11):
        budget.request("app")

    assert 0.45 < time.monotonic() - started < 2


def test_hosts_have_budgets_of_their_own():
    """Waiting for one host is not waiting for another."""
    budget, started = Budget(0.1, 60), time.monotonic()
    budget.request("app")
    budget.request("api")

    assert time.monotonic() - started < 1


def test_log_ins_come_in_a_burst_and_then_wait():
    """A minute's log-ins may be made at once; the next one waits."""
    pace = Pace(3, 60)
    turns = [pace._take() - time.monotonic() for _ in range(4)]

    assert max(turns[:3]) < 1
    assert 15 < turns[3] < 25


def test_waiting_for_a_turn_is_not_the_looks_time():
    """A look that waits longer than it may look is not late."""
    pace = Pace(2, 1.0)
    trial = Engine(Clients({}, {}), {}, Pool(8, 0.4, 20), lambda *_: None)

    def ask(number):
        pace.pass_through()
        return number

    observations = [future.result(10) for future in [trial.submit(Look(ask, {"number": n})) for n in range(4)]]
    assert [seen.error for seen in observations] == [None] * 4
    assert all(seen.elapsed_seconds < 0.3 for seen in observations)


def test_workers_share_one_budget():
    """Three workers send as many requests together as one would send alone, one after the other."""
    paces = [Pace(20, 1.0, Share(number, 3)) for number in range(3)]
    started = time.monotonic()
    turns = sorted(pace._take() - started for pace in paces for _ in range(4))

    assert turns[-1] - turns[0] > 0.5
    assert all(later - earlier > 0.04 for earlier, later in itertools.pairwise(turns))


def test_workers_share_the_log_ins_of_a_minute():
    """Of three log-ins a minute four workers have one each, and the fourth waits for its turn."""
    started = time.monotonic()
    turns = [Pace(3, 60, Share(number, 4))._take() - started for number in range(4)]

    assert max(turns[:3]) < 1
    assert 15 < turns[3] < 25


@pytest.mark.parametrize(("workers", "seconds"), [((), 1.0), (("-n", "2"), 2.0)], ids=["alone", "two-workers"])
def test_each_worker_is_given_its_share(project, tmp_path, workers, seconds):
    """Sixty log-ins a minute are one in each second, and with two workers one in two seconds for each."""
    text = "\ndef pace(api, budget):\n    return api.get('/health') and budget._logins._spacing_seconds\n"
    text += check_that(f"assert seen == {seconds}", "@trial(probe=pace)")
    (project / "suites" / "trial" / "test_trial.py").write_text(HEAD + text)
    (project / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n')
    with stub.serving() as url:
        ran = Gate(tmp_path / "out", root=project)(f"--env={stub.environment(tmp_path / 'stub', url)}", "suites/trial", *workers)

    assert ran.exit_status == 0, ran.output


@pytest.mark.parametrize(("number", "seconds"), [(0, 0), (1, 0), (21, 1.0), (201, 10.0)])
def test_the_least_time_is_what_the_pace_alone_takes(number, seconds):
    """The first of twenty a second goes at once, and each of the others waits a twentieth."""
    assert Pace(20, 1.0).least_seconds(number) == pytest.approx(seconds)
