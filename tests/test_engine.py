"""The engine: looks run together, once, after their grounds and within their time."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from fixtures.clients import Clients, Ground
from fixtures.engine import Engine
from fixtures.errors import Absent, TimedOut, Unreachable
from fixtures.evidence import Patience, gathered
from fixtures.look import Look
from fixtures.pool import Pool
from fixtures.standing import Grounds


def engine(*grounds, size=8, look_seconds=2.0, budget_seconds=10.0, **given):
    """An engine with these grounds and clients."""
    return Engine(Clients({}, given), {ground.name: ground for ground in grounds}, Pool(size, look_seconds, budget_seconds), lambda *_: None)


def unreachable():
    """Nobody is there."""
    raise Unreachable("db:5432 refuses connections")


def absent():
    """It is absent in writing."""
    raise Absent("slots", "one replica")


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

    assert (standing.held, standing.cause, standing.message) == (False, "a.low", "db:5432 refuses connections")


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
    assert "was spent" in str(trial.submit(Look(lambda: "late")).result(5).error)


def test_what_a_look_raises_is_its_own():
    """An error is kept with its look, whatever it is, and hurts no other."""

    def leave():
        raise SystemExit(3)

    trial = engine()
    assert isinstance(trial.observe(Look(leave)).error, SystemExit)
    assert trial.observe(Look(lambda: 1)).value == 1


def test_what_is_absent_is_raised():
    """A look at what is absent in writing says so to whoever asks for it; so does a ground."""
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


class Slow(Future):
    """A future that is slow to make: whoever has no lock meanwhile makes another."""

    def __init__(self):
        time.sleep(0.05)
        super().__init__()


@pytest.mark.parametrize("ask", [lambda trial, _: trial.standing("a.b"), lambda trial, look: trial.observe(look)], ids=["ground", "look"])
def test_whoever_asks_at_the_same_moment_gets_the_same(monkeypatch, ask):
    """Eight threads that ask at once have one look made between them, of a ground as of a probe."""
    monkeypatch.setattr("fixtures.engine.Future", Slow)
    asked = []
    trial, look = engine(Ground("a.b", lambda: asked.append(1))), Look(lambda: asked.append(1))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: ask(trial, look), range(8)))

    assert asked == [1]


def test_a_look_waits_for_all_its_grounds_even_in_one_place():
    """What is needed and what is weighed is settled before the look, though one thread does it all."""
    order, begin = [], threading.Event()

    def stand():
        begin.wait(5)
        order.append("ground")

    grounds = [Ground(name, stand) for name in ("a.b", "a.c", "a.d")]
    future = engine(*grounds, size=1).submit(Look(lambda: order.append("look"), needs=("a.b", "a.c"), weighs=("a.d",)))
    begin.set()
    future.result(3)

    assert order == ["ground", "ground", "ground", "look"]


def test_one_ground_of_two_is_not_enough():
    """A look runs when all that it needs holds."""
    looked = []
    trial = engine(Ground("a.b", lambda: None), Ground("a.c", unreachable))
    trial.observe(Look(lambda: looked.append(1), needs=("a.b", "a.c")))

    assert looked == []


def test_what_stands_on_something_absent_is_absent():
    """A ground inherits an absence as such: it does not hold, and nothing looks on it."""
    looked = []
    trial = engine(Ground("a.low", absent), Ground("a.high", lambda: looked.append("ground"), ("a.low",)))
    trial.observe(Look(lambda: looked.append("look"), needs=("a.high",)))
    with pytest.raises(Absent, match="one replica"):
        trial.standing("a.high")

    assert looked == []


def test_an_absence_needs_no_explanation():
    """What is absent in writing is not made a failure by what fails below it."""
    trial = engine(Ground("a.low", unreachable), Ground("a.high", absent, explained_by=("a.low",)))

    with pytest.raises(Absent, match="one replica"):
        trial.standing("a.high")


def test_a_look_is_explained_by_what_fails_below_it():
    """What it needs or weighs and does not hold explains it; what is absent in writing explains nothing."""
    trial = engine(Ground("a.absent", absent), Ground("a.low", unreachable))
    explained = trial.explanation(Look(lambda: None, weighs=("a.absent", "a.low")))

    assert (explained and explained.name) == "a.low"
    assert trial.explanation(Look(lambda: None, needs=("a.absent",))) is None


def test_each_look_is_kept():
    """Every observation is handed on with the key of its look, once."""
    kept = []
    trial = Engine(Clients({}, {}), {}, Pool(2, 2, 10), lambda key, seen: kept.append((key, seen.value)))
    look = Look(lambda: "seen")
    trial.observe(look)

    assert kept == [(look.key, "seen")]


def test_a_closed_engine_starts_nothing():
    """After the end no look is made, and who asks is told so at once."""
    looked, trial = [], engine()
    trial.close()

    assert "was spent" in str(trial.submit(Look(lambda: looked.append(1))).result(5).error)
    assert looked == []


def test_looks_that_differ_are_not_one():
    """Two probes of one name, and one probe on other grounds, are looks of their own."""
    asked, trial = [], engine(Ground("a.b", lambda: None))

    def ask():
        asked.append(1)

    assert [trial.observe(Look(probe)).value for probe in (lambda: "one", lambda: "other")] == ["one", "other"]
    for look in (Look(ask), Look(ask, weighs=("a.b",))):
        trial.observe(look)
    assert asked == [1, 1]


def test_a_ground_that_is_weighed_is_told_as_it_is():
    """The evidence of a look says of each ground that it asked whether it holds, and if not why."""
    trial = engine(Ground("a.b", unreachable), Ground("a.c", lambda: None))
    with gathered(Patience()) as notes:
        for name in ("a.b", "a.c"):
            Grounds(trial.standing)[name]

    assert [told.answer for told in notes.exchanges] == ["db:5432 refuses connections", "holds"]
