"""What the roles may do, tried; and the model of TimescaleDB's catalogue as the gate's role sees it."""

from __future__ import annotations

import psycopg
import pytest

from tests.standin.test_schema import HYPERTABLES, MATERIALIZED_VIEWS, TABLES, VIEWS, one

RELATIONS = [
    *VIEWS,
    "public.migration_history",
    *(f"factory_telemetry.{name}" for name in [*TABLES, *MATERIALIZED_VIEWS]),
]
WRITES = [
    "insert into factory_telemetry.defect_codes (code, name, category, severity) values ('X', 'X', 'visual', 'minor')",
    "update factory_telemetry.production_lines set status = 'idle'",
    "delete from factory_telemetry.report_access_logs",
]
CHANGES_OF_SCHEMA = [
    "create table public.new ()",
    "create table factory_telemetry.new ()",
    "alter table factory_telemetry.users add column new text",
    "truncate factory_telemetry.users",
    "drop view public.v_oee_summary",
    "update public.migration_history set checksum = ''",
]


def test_the_gate_reads_everything(day_as):
    """The gate's role may read each table and view of the contract."""
    gate = day_as("ms5_gate")

    assert [name for name in RELATIONS if not one(gate, f"select has_table_privilege('{name}', 'select')")] == []


@pytest.mark.parametrize(
    "statement", [*WRITES, *CHANGES_OF_SCHEMA, "select factory_telemetry.update_table_statistics()"]
)
def test_the_gate_changes_nothing(day_as, statement):
    """The server refuses the gate's role every write, and still does when the session asks for writing."""
    gate = day_as("ms5_gate")

    with pytest.raises((psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege)):
        gate.execute(statement)
    gate.execute("set default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        gate.execute(statement)


def test_the_gate_watches(day_as):
    """The gate's role sees other sessions' statements and the server's settings."""
    gate = day_as("ms5_gate")

    assert one(gate, "select pg_has_role('pg_monitor', 'member')")
    assert one(gate, "show data_directory")


@pytest.mark.parametrize("statement", WRITES)
def test_the_application_writes_rows(day_as, statement):
    """The application's role inserts, updates and deletes."""
    application = day_as("ms5_application")
    with application.transaction(force_rollback=True):
        assert application.execute(statement).rowcount > 0


@pytest.mark.parametrize("statement", CHANGES_OF_SCHEMA)
def test_the_application_changes_no_schema(day_as, statement):
    """The application's role owns nothing, so it can neither change nor empty what it uses."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        day_as("ms5_application").execute(statement)


def test_the_application_refreshes_and_analyses(day_as):
    """What needs the owner's rights is lent to the application by two functions."""
    application = day_as("ms5_application")
    application.execute(
        "select factory_telemetry.refresh_materialized_views(), factory_telemetry.update_table_statistics()"
    )

    assert one(application, "select count(*) from factory_telemetry.maintenance_log where status = 'completed'") >= 2


@pytest.mark.parametrize("role", ["ms5_gate", "ms5_application"])
def test_neither_is_a_superuser(day_as, role):
    """Neither role has any of the attributes that reach beyond its rows."""
    query = "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls from pg_roles where rolname = current_user"

    assert one(day_as(role), query) is False


@pytest.mark.parametrize("role", ["ms5_gate", "ms5_application"])
def test_tables_of_later_migrations_are_readable(day, role):
    """What the owner makes later can be read without another grant."""
    day.execute("create table factory_telemetry.later ()")

    assert one(day, f"select has_table_privilege('{role}', 'factory_telemetry.later', 'select')")


def test_the_model_shows_five_hypertables(day_as):
    """Time column, chunk interval, compression and retention are the contract's."""
    query = """
        select d.hypertable_name, d.column_name, extract(epoch from d.time_interval) / 3600, h.compression_enabled,
               (select config ->> 'compress_after' from timescaledb_information.jobs j
                 where j.hypertable_name = h.hypertable_name and proc_name = 'policy_compression'),
               (select config ->> 'drop_after' from timescaledb_information.jobs j
                 where j.hypertable_name = h.hypertable_name and proc_name = 'policy_retention')
          from timescaledb_information.hypertables h join timescaledb_information.dimensions d using (hypertable_name)"""
    expected = {
        (
            name,
            column,
            1 if name == "metric_hist" else 24,
            True,
            "7 days",
            "365 days" if name == "oee_calculations" else "90 days",
        )
        for name, column in HYPERTABLES.items()
    }

    assert set(day_as("ms5_gate").execute(query)) == expected


def test_the_models_jobs_ran_well(day_as):
    """Each policy's job is scheduled, ran within its interval and had no error."""
    query = """
        select count(*), bool_and(last_run_status = 'Success' and last_run_started_at > now() - schedule_interval), sum(total_failures)
          from timescaledb_information.jobs join timescaledb_information.job_stats using (job_id)"""

    assert day_as("ms5_gate").execute(query).fetchone() == (10, True, 0)
