"""What the application stands on: database, cache, workers, and what watches over them."""

import hashlib

from fixtures.check import Severity, check


@check("smoke.database", severity=Severity.BLOCKER, claims=["database.connectivity"], judges="database.reachable")
def test_database_answers(seen):
    """PostgreSQL answers queries.

    If red: do not switch; look at PostgreSQL's log, its disk, and whether the gate's role may connect.
    """
    assert seen.held, seen.message


def ask_who_may_write(database):
    """The roles that may write the floor's data, and whether PostgreSQL would let them."""
    return database.ask("writers")


@check("smoke.database-writable", severity=Severity.BLOCKER, claims=["database.connectivity"], probe=ask_who_may_write, needs=["database.reachable"])
def test_database_takes_writes(seen):
    """PostgreSQL takes the writes of the application: it is no standby, and no role that writes is left read-only.

    If red: do not switch; everything can be read and no call be raised. Look at where the last failover ended, at
    pg_db_role_setting, and at the grants of sql/roles/application.sql.
    """
    assert seen, "no role but a superuser may insert into factory_telemetry.andon_events"
    assert not seen[0]["in_recovery"], "PostgreSQL is a standby, which takes no writes"
    closed = [row["role_name"] for row in seen if row["read_only"]]
    assert not closed, f"default_transaction_read_only is on for {', '.join(closed)}"


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


@check("smoke.cache-writable", severity=Severity.BLOCKER, claims=["cache.connectivity"], judges="cache.writable")
def test_cache_takes_writes(seen):
    """Redis takes writes: it is no replica, has memory left, and could save.

    If red: do not switch; it answers, and no job, session or event gets in. Look at INFO, at its memory and at its disk.
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


@check("smoke.workers", severity=Severity.CRITICAL, claims=["workers.alive"], probe=ping_workers, needs=["cache.writable"])
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
