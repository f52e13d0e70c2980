"""What the application stands on: database, cache, workers, and what watches over them."""

import hashlib

from fixtures.check import Severity, check


@check("smoke.database", severity=Severity.BLOCKER, claims=["database.connectivity"], judges="database.reachable")
def test_database_answers(seen):
    """PostgreSQL answers queries.

    If red: do not switch; look at PostgreSQL's log, its disk, and whether the gate's role may connect.
    """
    assert seen.held, seen.message


def compare_migrations(database, target):
    """The migrations that are recorded, and those that the release ships, with their checksums."""
    recorded = {row["migration_file"]: row["checksum"] for row in database.ask("migrations")}
    files = sorted(target.database.migrations.glob("[0-9]*.sql"))
    return recorded, {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@check("smoke.migrations", severity=Severity.BLOCKER, claims=["migration.all-applied"], probe=compare_migrations, needs=["database.reachable"])
def test_every_migration_is_applied(seen):
    """Every migration that the release ships is applied, unedited since, and no other is.

    If red: do not switch; run the pending migrations, or find out who edited the file named.
    """
    recorded, shipped = seen

    assert shipped, "the release ships no migration: [database] migrations names an empty folder"
    assert not (pending := sorted(set(shipped) - set(recorded))), f"not applied: {', '.join(pending)}"
    assert not (unknown := sorted(set(recorded) - set(shipped))), f"applied and not of this release: {', '.join(unknown)}"
    edited = sorted(name for name in shipped if recorded[name] != shipped[name])
    assert not edited, f"applied from another text: {', '.join(edited)}"


@check("smoke.cache", severity=Severity.BLOCKER, claims=["cache.connectivity"], judges="cache.reachable")
def test_cache_answers(seen):
    """Redis answers those who have the password.

    If red: do not switch; sessions, events and jobs all need it. Look at Redis's log and its memory.
    """
    assert seen.held, seen.message


def ask_cache_as_a_stranger(cache):
    """What Redis says to a command of somebody without a password."""
    return cache.try_without_password("PING")


@check("smoke.cache-password", severity=Severity.BLOCKER, claims=["cache.connectivity", "security.secrets"], probe=ask_cache_as_a_stranger, needs=["cache.reachable"])
def test_cache_refuses_strangers(seen):
    """Redis refuses a command without the password.

    If red: do not switch; anybody on the network can read and write sessions and jobs. Set requirepass.
    """
    assert seen.refused, f"a PING without a password was answered with {seen.text!r}"


def ping_workers(workers):
    """Each worker that answers a ping."""
    return workers.ping()


@check("smoke.workers", severity=Severity.CRITICAL, claims=["workers.alive"], probe=ping_workers, needs=["cache.reachable"])
def test_workers_answer(seen, target):
    """As many workers as declared answer a ping.

    If red: jobs pile up unseen; look at the worker containers and at their log.
    """
    least = target.workers.least
    assert len(seen) >= least, f"{len(seen)} workers answer where {least} are declared"


@check("smoke.prometheus", severity=Severity.CRITICAL, claims=["monitoring.services"], judges="monitoring.reachable")
def test_prometheus_is_ready(seen):
    """Prometheus is ready to answer.

    If red: you would switch blind; look at Prometheus's log and its disk.
    """
    assert seen.held, seen.message
