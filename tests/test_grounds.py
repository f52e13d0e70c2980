"""Root cause on random graphs: one cause each, always a root, no look in vain, none twice, and never a deadlock."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fixtures.check import Severity
from fixtures.clients import Clients, Ground
from fixtures.engine import Engine
from fixtures.errors import Unreachable
from fixtures.grounds import footing, trouble_in
from fixtures.look import Look
from fixtures.outcome import Conclusion, Outcome
from fixtures.pool import Pool
from reports.verdict import Ending, Planned, Run, judge
from tests.judging import check_that

PATIENCE_SECONDS = 20


def ground(name, needs=(), explained_by=()):
    """A ground that holds."""
    return Ground(name, lambda: None, needs, explained_by)


def test_a_circle_is_named_the_way_it_is_walked():
    """Each ground of the sentence stands on the next, and one that has no part in the circle is not named."""
    graph = [ground("a.hen", ("a.egg",)), ground("a.egg", (), ("a.nest",)), ground("a.nest", ("a.hen",)), ground("a.cock", ("a.hen",))]
    (sentence,) = trouble_in({one.name: one for one in graph})
    walked = sentence.partition("circle: ")[2].partition(";")[0].split(" on ")

    assert list(pairwise(walked)) in [
        [("a.hen", "a.egg"), ("a.egg", "a.nest"), ("a.nest", "a.hen")],
        [("a.egg", "a.nest"), ("a.nest", "a.hen"), ("a.hen", "a.egg")],
        [("a.nest", "a.hen"), ("a.hen", "a.egg"), ("a.egg", "a.nest")],
    ]


def test_each_undeclared_ground_is_named():
    """What stands on nothing known is named with it, whether it needs it or is explained by it."""
    told = list(trouble_in({"a.b": ground("a.b", ("a.x",), ("a.y",))}))

    assert told == [f"the ground a.b stands on {name}, which is not declared: known are a.b" for name in ("a.x", "a.y")]


CIRCLE = '''
from fixtures.clients import ground
import fixtures.api

@ground("trial.hen", needs=("trial.egg",))
def hen(api): api.get("/health")

@ground("trial.egg", explained_by=("trial.hen",))
def egg(api): api.get("/health")

fixtures.api.hen, fixtures.api.egg = hen, egg
'''
UNDECLARED = '''
from fixtures.clients import ground
import fixtures.api

@ground("trial.hen", needs=("trial.egg",))
def hen(api): api.get("/health")

fixtures.api.hen = hen
'''


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "a-worker"])
@pytest.mark.parametrize(
    ("declared", "sentence"),
    [(CIRCLE, "grounds stand on each other in a circle: trial."), (UNDECLARED, "trial.hen stands on trial.egg, which is not declared")],
    ids=["circle", "undeclared"],
)
def test_a_graph_that_cannot_be_walked_is_four(judged, project, declared, sentence, workers):
    """A circle of grounds, or one that nobody declares, ends the run at its start with exit status 4 and its names."""
    (project / "suites" / "conftest.py").write_text(declared)
    ran = judged(check_that("assert seen"), *workers)

    assert ran.exit_status == 4, ran.output
    assert sentence in ran.output


class World:
    """A random target: which grounds stand on which, and which are broken in themselves."""

    def __init__(self, edges, broken, looks):
        self.edges, self.broken, self.looks = edges, broken, looks
        self.looked = []
        self.grounds = {name: Ground(name, self.look_at(name), needs, explained) for name, (needs, explained) in edges.items()}

    def look_at(self, name):
        def look():
            self.looked.append(name)
            if name in self.broken:
                raise Unreachable(name)

        return look

    def holds(self, name):
        return name not in self.broken and all(map(self.holds, self.edges[name][0]))

    def is_root(self, name):
        """Broken in itself, on ground that holds."""
        return name in self.broken and all(self.holds(below) for below in footing(self.grounds, [name]) if below != name)

    def is_true(self, standing):
        """Whether a standing tells the truth: held or not and, if not, a root below it as the cause."""
        if standing.held or self.holds(standing.name):
            return standing.held == self.holds(standing.name)
        return self.is_root(standing.cause) and standing.cause in footing(self.grounds, [standing.name])

    def judged(self):
        """The standings, and a verdict on one check for each look, as `fixtures.trial` concludes them."""
        engine = Engine(Clients({}, {}), self.grounds, Pool(4, 10, 60), lambda *_: None)
        futures = [engine.submit(look) for look in self.looks]
        observations = [future.result(PATIENCE_SECONDS) for future in futures]
        conclusions = {}
        for number, look in enumerate(self.looks):
            failing = [standing for name in look.needs if not (standing := engine.standing(name)).held]
            conclusions[str(number)] = Conclusion(Outcome.BLOCKED, failing[0].message, failing[0].cause) if failing else Conclusion(Outcome.HELD)
        planned = tuple(Planned(str(number), f"check.{number}", "It is.", (), Severity.BLOCKER, "look") for number in range(len(self.looks)))
        run = Run(Ending.COMPLETED, Severity.MINOR, planned, conclusions, engine.standings)
        return observations, engine.standings, judge(run)


def asking(asked):
    """A probe that writes down that it was asked."""

    def ask(number):
        asked.append(number)

    return ask


def world_of(seed):
    """Up to nine grounds, each standing on some of those before it, some of them broken; and up to eight looks.

    Made from a seed: drawn one by one, under pytest, where Hypothesis evaluates its own assertions, it took ten times as long.
    """
    random, asked = Random(seed), []
    names = [f"ground.{letter}" for letter in "abcdefghi"[: random.randint(1, 9)]]

    def some_of(known, most):
        return tuple(random.sample(known, random.randint(0, min(most, len(known)))))

    edges = {name: (some_of(names[:number], 3), some_of(names[:number], 3)) for number, name in enumerate(names)}
    looks = [Look(asking(asked), {"number": number}, some_of(names, 3), some_of(names, 3)) for number in range(random.randint(1, 8))]
    world = World(edges, set(some_of(names, 4)), looks)
    world.asked = asked
    return world


seeds = some.integers(0, 2**40)


@settings(deadline=None, max_examples=150)
@given(seeds)
def test_whatever_is_broken_the_causes_are_its_roots(seed):
    """In any graph, what does not hold names a root, and the causes are the roots that block something."""
    world = world_of(seed)
    observations, standings, verdict = world.judged()
    blocked = [look for look in world.looks if not all(map(world.holds, look.needs))]
    roots = {next(standings[name].cause for name in look.needs if not world.holds(name)) for look in blocked}
    mistaken = [standing for standing in standings.values() if not world.is_true(standing)]

    assert (len(observations), mistaken) == (len(world.looks), [])
    assert ({cause.id for cause in verdict.causes}, sum(len(cause.blocks) for cause in verdict.causes)) == (roots, len(blocked))


@settings(deadline=None, max_examples=150)
@given(seeds)
def test_nothing_looks_in_vain_or_twice(seed):
    """A look runs if what it needs holds, and else not; no ground is looked at twice, or on ground that does not hold."""
    world = world_of(seed)
    world.judged()
    free = [look.parameters["number"] for look in world.looks if all(map(world.holds, look.needs))]
    in_vain = [name for name in world.looked if not all(map(world.holds, world.edges[name][0]))]

    assert sorted(world.asked) == free
    assert (sorted(set(world.looked)), in_vain) == (sorted(world.looked), [])


@settings(deadline=None, max_examples=60)
@given(some.permutations("abcdef"), some.integers(1, 6), some.integers(0, 63))
def test_every_circle_is_found_and_named(letters, length, kinds):
    """A graph with a circle is refused, whichever edges it is made of, and the sentence walks around it."""
    ring, grounds = letters[:length], {}
    for number, (here, there) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True)):
        needs, explained = ((there,), ()) if kinds >> number & 1 else ((), (there,))
        grounds[here] = Ground(here, lambda: None, needs, explained)
    grounds |= {letter: Ground(letter, lambda: None, (ring[0],)) for letter in letters[length:]}
    (sentence,) = trouble_in(grounds)
    walked = sentence.partition("circle: ")[2].partition(";")[0].split(" on ")

    assert walked[0] == walked[-1]
    assert all(there in (*grounds[here].needs, *grounds[here].explained_by) for here, there in pairwise(walked))
