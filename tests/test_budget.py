"""What may be asked of a host is bounded, and the time a look waits for its turn is not its own."""

import time

from fixtures.budget import Budget, Pace
from fixtures.clients import Clients
from fixtures.engine import Engine, Look
from fixtures.pool import Pool


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
