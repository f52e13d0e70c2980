"""The pool: so many looks at once, each in its time and all within the budget, and nobody left without an answer."""

import threading
import time

import pytest

from fixtures.errors import TimedOut
from fixtures.evidence import Observation
from fixtures.pool import Job, Pool


def job(work, name="trial"):
    """A job that observes what ``work`` returns."""
    return Job(name, name, lambda _: Observation(work(), None, (), 0.0))


class Moments:
    """A clock that a test moves on: it keeps what is to be done, and when."""

    def __init__(self):
        self.acts = []

    def at(self, _, act):
        """Keep the act."""
        self.acts.append(act)


@pytest.fixture
def still():
    """A pool of one whose clock stands still."""
    pool = Pool(1, 60, 60)
    pool._deadlines = Moments()
    return pool


def test_a_late_look_gives_its_place_back_once():
    """A look that was answered for and comes back after all has no second place to give."""
    pool, release, threads, running, most = Pool(1, 0.2, 20), threading.Event(), [], [], []

    def hang():
        threads.append(threading.current_thread())
        release.wait(10)

    def work():
        running.append(1)
        most.append(len(running))
        time.sleep(0.05)
        running.pop()

    late = pool.submit(job(hang)).result(5)
    release.set()
    threads[0].join(5)
    for future in [pool.submit(job(work)) for _ in range(3)]:
        future.result(5)

    assert isinstance(late.error, TimedOut)
    assert max(most) == 1


def test_what_is_to_be_first_goes_before_what_waits(still):
    """A job that is to be first overtakes those that wait for a place."""
    release, order = threading.Event(), []
    still.submit(job(lambda: release.wait(5)))
    futures = [still.submit(job(lambda: order.append("later"))), still.submit(job(lambda: order.append("first")), first=True)]
    release.set()
    for future in futures:
        future.result(5)

    assert order == ["first", "later"]


def test_who_comes_after_the_end_is_told(still):
    """A job that is submitted to a closed pool does not run, and has its answer at once."""
    still.close()

    assert isinstance(still.submit(job(lambda: 1)).result(0).error, TimedOut)


def test_who_waits_at_the_end_is_told(still):
    """Every job that waited when the pool was closed has its answer."""
    release = threading.Event()
    still.submit(job(lambda: release.wait(5)))
    waiting = [still.submit(job(lambda: 1)) for _ in range(2)]
    still.close()
    release.set()

    assert all(isinstance(future.result(0).error, TimedOut) for future in waiting)


def test_the_budget_runs_from_the_first_look(still):
    """A later look moves the end of the budget no further."""
    still.submit(job(lambda: 1)).result(5)
    ends_at = still._ends_at
    still.submit(job(lambda: 1)).result(5)

    assert still._ends_at == ends_at


def test_a_renewed_budget_runs_anew(still):
    """After a renewal the next look begins a budget, which the end of the old one does not end."""
    still.submit(job(lambda: 1)).result(5)
    still.renew()
    still.submit(job(lambda: 1)).result(5)
    old_ends, _, new_ends, _ = still._deadlines.acts

    old_ends()
    assert not still.spent
    new_ends()
    assert still.spent


def test_a_hanging_look_holds_up_no_exit(still):
    """Looks run in threads that the end of the process does not wait for."""
    assert still.submit(job(lambda: threading.current_thread().daemon)).result(5).value is True
