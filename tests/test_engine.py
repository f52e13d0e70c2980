"""The engine: looks run together, once, after their grounds and within their time."""

import threading
import time

import pytest

from fixtures.clients import Clients, Ground
from fixtures.engine import Engine
from fixtures.errors import Absent, TimedOut, Unreachable
from fixtures.look import Look
from fixtures.pool import Pool


def engine(*grounds, size=8, look_seconds=2.0, budget_seconds=10.0, **given):
    """An engine with these grounds and clients."""
    return Engine(Clients({}, given), {ground.name: ground for ground in grounds}, Pool(size, look_seconds, budget_seconds), lambda *_: None)


def unreachable():
    """Nobody is there."""
    raise Unreachable("db:5432 refuses connections")


def test_looks_run_together():
    """Eight looks that wait for one another all come back: they run at the same time."""
    together = threading.Barrier(8, timeout=5)
    looks = [Look(lambda number: together.wait() >= 0, {"number": number}) for number in range(8)]
    trial = engine()
    futures = [trial.submit(look) for look in looks]

    assert [future.result(5).error for future in futures] == [None] * 8


def test_no_more_than_so_many_at_once():
    """The concurrency is a bound."""
    running, most, lock = [], [], threading.Lock()

    def work(number):
        with lock:
            running.append(number)
            most.append(len(running))
        time.sleep(0.01)
        with lock:
            running.remove(number)

    trial = engine(size=3)
    for future in [trial.submit(Look(work, {"number": number})) for number in range(12)]:
        future.result(5)

    assert max(most) == 3


def test_a_look_is_made_once():
    """The same probe with the same parameters is one look; with others it is another; and again is anew."""
    calls = []

    def work(number):
        calls.append(number)
        return number

    trial = engine()
    seen = [trial.observe(Look(work, {"number": number})).value for number in (1, 1, 2)]
    trial.observe(Look(work, {"number": 1}), again=True)

    assert (seen, calls) == ([1, 1, 2], [1, 2, 1])


def test_a_look_waits_for_its_grounds():
    """No look runs before its ground is known to hold."""
    order = []
    ground = Ground("db.reachable", lambda: (time.sleep(0.05), order.append("ground")))
    engine(ground).observe(Look(lambda: order.append("look"), needs=("db.reachable",)))

    assert order == ["ground", "look"]


def test_a_ground_that_does_not_hold_keeps_looks_back():
    """What needs it does not look; what weighs it does, and sees why."""
    looked = []
    trial = engine(Ground("db.reachable", unreachable))
    blocked = trial.observe(Look(lambda: looked.append(1), needs=("db.reachable",)))
    weighed = trial.observe(Look(lambda: trial.standing("db.reachable").message, weighs=("db.reachable",)))

    assert looked == []
    assert blocked.error is not None
    assert weighed.value == "db:5432 refuses connections"


def test_the_lowest_ground_is_the_cause():
    """A ground above one that does not hold names the one below."""
    chain = [
        Ground("a.low", unreachable),
        Ground("a.mid", lambda: None, ("a.low",)),
        Ground("a.high", lambda: None, ("a.mid",)),
    ]
    standing = engine(*chain).standing("a.high")

    assert (standing.held, standing.cause) == (False, "a.low")


def test_each_ground_is_established_once():
    """Forty looks on one ground ask for it once."""
    asked = []
    trial = engine(Ground("a.b", lambda: asked.append(1)))
    for future in [trial.submit(Look(lambda number: number, {"number": number}, ("a.b",))) for number in range(40)]:
        future.result(5)

    assert asked == [1]


def test_a_hanging_look_gives_its_place_to_the_next():
    """Looks that hang are answered for in their time, and do not starve those behind them."""
    trial = engine(size=2, look_seconds=0.3)
    hanging = [trial.submit(Look(lambda number: threading.Event().wait(30), {"number": number})) for number in range(2)]
    quick = trial.submit(Look(lambda: "quick"))

    assert quick.result(5).value == "quick"
    assert all(isinstance(future.result(5).error, TimedOut) for future in hanging)


def test_the_budget_ends_everything():
    """When the budget is spent every look is answered for, those that run and those that wait."""
    trial = engine(size=1, look_seconds=60, budget_seconds=0.4)
    started = time.monotonic()
    futures = [trial.submit(Look(lambda number: threading.Event().wait(30), {"number": number})) for number in range(5)]
    errors = [str(future.result(5).error) for future in futures]

    assert time.monotonic() - started < 2
    assert "brought no answer within 0.4 s" in errors[0]
    assert all("the gate's budget of 0.4 s was spent" in error for error in errors[1:])
    assert "was spent" in str(trial.observe(Look(lambda: "late")).error)


def test_what_a_look_raises_is_its_own():
    """An error is kept with its look, whatever it is, and hurts no other."""

    def leave():
        raise SystemExit(3)

    trial = engine()
    assert isinstance(trial.observe(Look(leave)).error, SystemExit)
    assert trial.observe(Look(lambda: 1)).value == 1


def test_what_is_absent_is_raised():
    """A look at what is absent in writing says so to whoever asks for it; so does a ground."""

    def absent():
        raise Absent("slots", "one replica")

    trial = engine(Ground("slots.there", absent))
    with pytest.raises(Absent, match="one replica"):
        trial.observe(Look(absent))
    with pytest.raises(Absent, match="one replica"):
        trial.standing("slots.there")
    assert trial.standings == {}


def test_clients_are_made_once_from_many_threads():
    """A client is made once, whoever asks first."""
    made = []

    from fixtures.clients import Client

    clients = Clients({"api": Client("api", lambda: made.append(1) or "api")}, {})
    trial = Engine(clients, {}, Pool(8, 2, 10), lambda *_: None)
    looks = [Look(lambda api, number: (api, number), {"number": number}) for number in range(20)]

    assert {future.result(5).value[0] for future in [trial.submit(look) for look in looks]} == {"api"}
    assert made == [1]
