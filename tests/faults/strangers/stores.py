"""What strangers did to PostgreSQL and Redis."""

from __future__ import annotations

from environments.standin.acts import CacheCommand, Sql, Stop
from environments.standin.worker_acts import Reconnect
from tests.faults.strangers.fault import registry, stranger

HISTORY = "public.migration_history"
CUT_OFF = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ms5_application'"
READ_ONLY = "alter role ms5_application {} default_transaction_read_only{}"
PUBLISHED = "$2b$10$.r9VZ2pFe79rC50bo2EOeu5FMZSjKF0.UKMr1wgFke2agxET1Awt6"  # of "admin123"

FAULTS = registry(
    __name__,
    stranger(
        "migration-edited-afterwards",
        "A migration was edited on the server: its checksum is another.",
        "a migration is not the release's",
        Sql(
            f"update {HISTORY} set checksum = encode(sha256('edited'), 'hex') where migration_file like '005%'",
            f"update {HISTORY} set checksum = %s where migration_file like '005%%'",
            f"select checksum from {HISTORY} where migration_file like '005%'",
        ),
        caught_by="smoke.migrations",
    ),
    stranger(
        "database-ahead-of-release",
        "The database had a migration that this release does not know: the application was rolled back alone.",
        "a migration is not the release's",
        Sql(
            f"""insert into {HISTORY} (migration_file, checksum, environment, applied_by)
                select '010_line_calendar.sql', encode(sha256('010'), 'hex'), environment, applied_by
                  from {HISTORY} where migration_file like '009%'""",
            f"delete from {HISTORY} where migration_file like '010%%'",
        ),
        caught_by="smoke.migrations",
    ),
    stranger(
        "database-from-elsewhere",
        "The database was restored from another environment's backup.",
        "the database's history is another environment's",
        Sql(
            f"update {HISTORY} set environment = 'demo'",
            f"update {HISTORY} set environment = %s where migration_file = %s",
            f"select environment, migration_file from {HISTORY}",
        ),
        left_to="database: staging may be filled from production on purpose, so the environment's file must say what is allowed",
    ),
    stranger(
        "application-may-only-read",
        "After a failover, the application's role was left read-only.",
        "the application cannot write",
        Sql(CUT_OFF, CUT_OFF),
        Sql(READ_ONLY.format("set", " = on"), READ_ONLY.format("reset", "")),
        Sql(CUT_OFF, CUT_OFF),
        caught_by="smoke.database-writable",
    ),
    stranger(
        "factory-password-left",
        "The installer's admin with its published password is still there.",
        "a published password",
        Sql(
            f"""insert into factory_telemetry.users (username, email, password_hash, role, first_name, last_name)
                values ('admin', 'admin@plant.ms5.localhost', '{PUBLISHED}', 'admin', 'System', 'Administrator')""",
            "delete from factory_telemetry.users where username = 'admin'",
        ),
        left_to="database: published passwords are tried against every hash, which takes a second each",
    ),
    stranger(
        "migration-recorded-not-run",
        "The history is whole; a materialized view of migration 009 is not there.",
        "an object of the schema is missing",
        Sql(
            "alter materialized view factory_telemetry.mv_oee_summary rename to mv_oee_summary_tmp",
            "alter materialized view factory_telemetry.mv_oee_summary_tmp rename to mv_oee_summary",
        ),
        left_to="database: every object of the schema is compared, not what is recorded",
    ),
    stranger(
        "cache-keeps-nothing",
        "The append-only file was switched off, and what Redis holds is gone with the next restart.",
        "Redis does not persist",
        CacheCommand(("CONFIG", "SET", "appendonly", "no"), ("CONFIG", "SET", "appendonly", "yes")),
        left_to="cache: how Redis is configured; smoke asks whether it works",
    ),
    stranger(
        "cache-is-full",
        "Redis has less memory than it uses: PING and reads are answered, no write is.",
        "Redis is full",
        Reconnect(),
        CacheCommand(("CONFIG", "SET", "maxmemory", "100kb"), ("CONFIG", "SET", "maxmemory", "256mb")),
        caught_by="smoke.cache-writable",
    ),
    stranger(
        "cache-became-a-replica",
        "Redis follows a master that is gone: PING and reads are answered, no write is.",
        "Redis is no master",
        Reconnect(),
        CacheCommand(("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
        caught_by="smoke.cache-writable",
    ),
    stranger(
        "events-stop",
        "Nothing looks for events any more; sockets open, and confirm, and stay silent.",
        "what happens is not told",
        Stop("producer"),
        left_to="websocket (websocket.events-in-time): it takes an event",
    ),
)
