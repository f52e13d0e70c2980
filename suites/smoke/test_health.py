"""Health and release: is it alive, does it know the truth about itself, and is it what was to be deployed."""

from datetime import UTC, datetime, timedelta

from fixtures.check import Severity, check

FRESH_SECONDS = 60  # contract, section 2


@check("smoke.api", severity=Severity.BLOCKER, claims=["api.connectivity"], judges="api.reachable")
def test_application_answers(seen):
    """The application answers HTTP.

    If red: do not switch; look at the backend's containers and at nginx's upstream.
    """
    assert seen.held, seen.message


def ask_twice(everywhere):
    """Two answers of the health endpoint, one after the other, at each replica and at the front door."""
    return [[asked.get("/health"), asked.get("/health")] for asked in everywhere]


@check("smoke.health-computed", severity=Severity.BLOCKER, claims=["api.health"], probe=ask_twice, needs=["api.everywhere"])
def test_health_is_computed_for_each_call(seen):
    """The health endpoint computes its answer when it is asked, at every replica and by a clock that is right.

    If red: do not switch; the endpoint is a constant, so nothing behind it is known, or the clock of the host named is
    wrong, so its tokens and events are too. Ask /api/v1/monitoring/health with a token, and look at that clock.
    """
    assert seen, "nothing was asked"
    for answers in seen:
        where = answers[0].url
        earlier, later = (moment_of(answer) for answer in answers)
        age = abs((datetime.now(UTC) - later).total_seconds())
        assert earlier < later, f"{where}: two calls gave the timestamps {earlier} and {later}"
        assert age < FRESH_SECONDS, f"{where}: its timestamp is {age:.0f} s off"


def moment_of(answer):
    """The timestamp of a health answer that says that all is well, in UTC as it must be."""
    assert answer.status == 200, f"{answer.url} answered {answer.status}"
    assert (word := answer.mapping()["status"]) == "healthy", f"{answer.url} calls itself {word!r}"
    moment = datetime.fromisoformat(answer.mapping()["timestamp"])
    assert moment.utcoffset() == timedelta(0), f"{answer.url}: the timestamp {moment} does not say that it is UTC"
    return moment


def ask_release(api):
    """A handful of health answers, which name the version: a balancer gives each replica its turn."""
    return [api.get("/health") for _ in range(8)]


@check("smoke.release", severity=Severity.BLOCKER, claims=["deploy.release-identity"], probe=ask_release, needs=["api.reachable"])
def test_running_release_is_the_expected_one(seen, target):
    """What runs is the release that was to be deployed.

    If red: do not switch; the rollout did not happen, or another one did. Look at the image digest of the backend.
    """
    assert {answer.status for answer in seen} == {200}, "it did not answer 200 each time"
    running, expected = {answer.mapping()["version"] for answer in seen}, target.release.version
    assert running == {expected}, f"release {' and '.join(sorted(running))} runs where {expected} was to be"


def ask_every_replica(replicas):
    """The health answer of each replica at its own address."""
    return [(str(replica.bases[0]), replica.get("/health")) for replica in replicas]


@check("smoke.every-replica", severity=Severity.BLOCKER, claims=["docker.services"], judges="replicas.reachable")
def test_every_replica_answers(seen):
    """Every replica answers at its own address.

    If red: do not switch; users of the replica named get errors. Look at its container and its log.
    """
    assert seen.held, seen.message


@check("smoke.same-release-everywhere", severity=Severity.BLOCKER, claims=["deploy.release-identity"], probe=ask_every_replica, needs=["replicas.reachable"])
def test_every_replica_runs_the_same_release(seen):
    """Every replica runs the same release.

    If red: do not switch; the rollout stopped halfway. Finish it or take the replica named out.
    """
    assert seen, "the environment names no replica"
    for base, answer in seen:
        assert answer.status == 200, f"the replica {base} answered {answer.status}"
    versions = {base: answer.mapping()["version"] for base, answer in seen}
    assert len(set(versions.values())) == 1, "the replicas run different releases: " + ", ".join(
        f"{base} {version}" for base, version in versions.items()
    )


def ask_environment(user):
    """The monitoring health, in which the application names its environment."""
    return user.get("/api/v1/monitoring/health")


@check("smoke.environment", severity=Severity.BLOCKER, claims=["deploy.release-identity"], probe=ask_environment, needs=["api.logged-in"])
def test_application_knows_its_environment(seen, target):
    """The application runs as the environment that it is deployed to.

    If red: do not switch; it may be reading another environment's settings, and its database. Look at its variables.
    """
    assert seen.status == 200, f"{seen.url} answered {seen.status}"
    named, expected = seen.mapping()["application"]["environment"], target.environment.name
    assert named == expected, f"it calls its environment {named!r}, not {expected!r}"


def compare_with_own_look(api, grounds):
    """The detailed health, beside our own look at each store."""
    answer = api.get("/health/detailed")
    own = {"database": grounds["database.reachable"].held, "redis": grounds["cache.reachable"].held}
    return answer, own


@check("smoke.health-components", severity=Severity.BLOCKER, claims=["api.health"], probe=compare_with_own_look, needs=["api.reachable"], weighs=["database.reachable", "cache.reachable"])
def test_detailed_health_agrees_with_a_direct_look(seen):
    """The detailed health says of each store what a direct look says, and is 503 when one is down.

    If red: do not trust any dashboard fed from it; look at PostgreSQL and Redis directly, and at the component named.
    """
    answer, own = seen
    said = {name: is_healthy(component) for name, component in answer.mapping()["components"].items()}

    assert own, "no store was looked at"
    for name, healthy in own.items():
        assert said.get(name) == healthy, f"it says {name} is {word(said.get(name))}, and a direct look says {word(healthy)}"
    assert answer.status == (200 if all(own.values()) else 503), f"it answered {answer.status}"


def is_healthy(component):
    """A component says so itself, as a word or as a table with a status."""
    return (component["status"] if isinstance(component, dict) else component) == "healthy"


def word(healthy):
    return {True: "healthy", False: "unhealthy", None: "not there"}[healthy]


def time_reads(api, target):
    """The times, in milliseconds, of a handful of reads one after the other."""
    answers = [api.get("/health") for _ in range(target.api.response_samples)]
    return [round(answer.elapsed_seconds * 1000, 1) for answer in answers]


@check("smoke.response-time", severity=Severity.NORMAL, claims=["objective.response-time"], probe=time_reads, needs=["api.reachable"], alone=True)
def test_reads_are_answered_within_the_objective(seen, target, note):
    """Nineteen of twenty reads are answered within the objective.

    If red: look at the database's slow statements and at the load of the backend's hosts before you switch.
    """
    number, objective = len(seen), target.api.response_p95_ms
    assert number >= 20, f"{number} samples have no p95"
    p95 = sorted(seen)[-(-number * 95 // 100) - 1]
    excluded = 1 - 0.05 ** (1 / number)
    note(f"p95 {p95:g} ms of {number} reads; had all been in time, that excludes (95 %) a share of slow ones over {excluded:.0%}")

    assert p95 <= objective, f"the p95 of {number} reads is {p95:g} ms, over the objective of {objective:g} ms"
