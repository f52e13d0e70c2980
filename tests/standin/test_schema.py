"""What the migrations make is what the contract (section 5) lists, and it works."""

from __future__ import annotations

import psycopg
import pytest

# fmt: off
TABLES = [
    "andon_escalation_history", "andon_escalation_recipients", "andon_escalation_rules", "andon_escalations",
    "andon_events", "checklist_completions", "checklist_templates", "context", "defect_codes", "downtime_events",
    "energy_consumption", "equipment_config", "equipment_line_mapping", "fault_active", "fault_catalog", "fault_event",
    "job_assignments", "maintenance_log", "maintenance_tasks", "maintenance_work_orders", "material_consumption",
    "metric_binding", "metric_def", "metric_hist", "metric_latest", "oee_calculations", "plc_config", "product_types",
    "production_alerts", "production_context_history", "production_kpis", "production_lines", "production_reports",
    "production_schedules", "production_shifts", "production_targets", "quality_checks", "report_access_logs",
    "report_categories", "report_favorites", "report_generation_jobs", "report_notifications", "report_permissions",
    "report_schedule_runs", "report_schedules", "report_template_categories", "report_templates", "shift_assignments",
    "users",
]
PUBLIC_VIEWS = [
    "v_active_andon_escalations", "v_andon_escalation_statistics", "v_downtime_summary", "v_equipment_latest",
    "v_equipment_production_status", "v_faults_active", "v_index_usage", "v_maintenance_overview", "v_oee_summary",
    "v_production_dashboard", "v_production_line_equipment", "v_production_line_status", "v_production_performance",
    "v_quality_summary", "v_slow_queries", "v_table_statistics",
]
# fmt: on
VIEWS = [
    *(f"public.{name}" for name in PUBLIC_VIEWS),
    "factory_telemetry.report_generation_status",
    "factory_telemetry.report_statistics",
]
MATERIALIZED_VIEWS = ["mv_downtime_summary", "mv_oee_summary", "mv_production_dashboard"]
HYPERTABLES = {
    "metric_hist": "ts",
    "oee_calculations": "calculation_time",
    "energy_consumption": "consumption_time",
    "production_kpis": "created_at",
    "production_context_history": "changed_at",
}
LINE = "(select id from factory_telemetry.production_lines where line_code = 'L-BAG1')"
CALLS = {
    "auto_escalate_andon_events": "()",
    "cleanup_old_reports": "(90)",
    "get_equipment_downtime_summary": "('BP01.PACK.BAG1')",
    "get_equipment_production_context": "('BP01.PACK.BAG1')",
    "get_escalation_recipients": "('{admin,engineer}')",
    "get_line_performance_summary": f"({LINE})",
    "get_production_efficiency_metrics": f"({LINE})",
    "get_report_queue_status": "()",
    "refresh_materialized_views": "()",
    "update_equipment_production_context": "('BP01.PACK.BAG1', p_actual_quantity => 1)",
    "update_table_statistics": "()",
}
TRIGGER_FUNCTIONS = ["update_report_download_count"]
SEEDS = {
    "production_lines where line_code = 'L-BAG1'": 1,
    "production_lines": 1,
    "equipment_config where equipment_code in ('BP01.PACK.BAG1', 'BP01.PACK.BAG1.BL')": 2,
    "equipment_config where production_line_id is not null": 2,
    "production_shifts": 3,
    "defect_codes": 8,
    "andon_escalation_rules": 8,
    "users": 0,
}


def values(connection, query):
    """The only column of a query."""
    return [row[0] for row in connection.execute(query)]


def one(connection, query):
    """The only value of a query."""
    return connection.execute(query).fetchone()[0]


def test_there_are_the_49_tables_and_no_other(migrated):
    """Schema factory_telemetry holds exactly the contract's tables."""
    assert len(TABLES) == 49
    assert (
        values(migrated, "select tablename from pg_tables where schemaname = 'factory_telemetry' order by 1") == TABLES
    )


@pytest.mark.parametrize("view", [*VIEWS, *(f"factory_telemetry.{name}" for name in MATERIALIZED_VIEWS)])
def test_each_view_can_be_read(day, view):
    """Every view exists and answers."""
    day.execute(f"select * from {view}").fetchall()


def test_there_is_no_other_view(migrated):
    """The views are the contract's."""
    query = "select schemaname || '.' || viewname from pg_views where schemaname in ('public', 'factory_telemetry')"

    assert sorted(values(migrated, query)) == sorted(VIEWS)


@pytest.mark.parametrize("view", MATERIALIZED_VIEWS)
def test_each_materialized_view_has_a_unique_index(migrated, view):
    """Without one it could not be refreshed while it is read."""
    query = f"select count(*) from pg_index where indrelid = 'factory_telemetry.{view}'::regclass and indisunique and indisvalid"

    assert one(migrated, query) >= 1


@pytest.mark.parametrize("view", MATERIALIZED_VIEWS)
@pytest.mark.parametrize("database", ["own_migrated", "own_day"])
def test_each_materialized_view_tells_when_it_was_refreshed(request, database, view):
    """A refresh moves refreshed_at, also on a database where nothing has happened."""
    connection = request.getfixturevalue(database)
    query = f"select min(refreshed_at) from factory_telemetry.{view}"
    before = one(connection, query)
    connection.execute("select factory_telemetry.refresh_materialized_views()")

    assert before < one(connection, query)


def test_the_functions_are_the_contracts(migrated):
    """Every function of the contract exists, and no other."""
    query = "select proname from pg_proc where pronamespace = 'factory_telemetry'::regnamespace"

    assert sorted(values(migrated, query)) == sorted([*CALLS, *TRIGGER_FUNCTIONS])


@pytest.mark.parametrize("function", CALLS)
def test_each_function_can_be_called(day, function):
    """Every function runs to its end; what it did is rolled back."""
    day.execute(f"select * from factory_telemetry.{function}{CALLS[function]}").fetchall()


def test_the_trigger_counts_downloads_only(day):
    """A download is counted at the report; a look is not."""
    assert one(day, "select tgenabled from pg_trigger where tgname = 'trigger_update_report_download_count'") == "O"
    before = one(day, "select download_count from factory_telemetry.production_reports")
    for action in ("downloaded", "viewed"):
        day.execute(
            "insert into factory_telemetry.report_access_logs (report_id, action)"
            " select id, %s from factory_telemetry.production_reports",
            (action,),
        )

    assert one(day, "select download_count from factory_telemetry.production_reports") == before + 1


@pytest.mark.parametrize(("rows", "expected"), SEEDS.items())
def test_the_seeds_are_there(migrated, rows, expected):
    """The migrations bring the line, its machines, shifts, defects and rules, and no account."""
    assert one(migrated, f"select count(*) from factory_telemetry.{rows}") == expected


def test_every_rule_reaches_somebody(migrated):
    """Each role that an escalation rule names has an enabled recipient with an address that is nobody's example."""
    named = set(
        values(migrated, "select unnest(recipients) from factory_telemetry.andon_escalation_rules where enabled")
    )
    addresses = dict(
        migrated.execute("select role, email from factory_telemetry.get_escalation_recipients(%s)", (list(named),))
    )

    assert set(addresses) == named
    assert not [
        one for one in addresses.values() if "example" in one or one.endswith((".test", ".invalid", "company.com"))
    ]


@pytest.mark.parametrize(("table", "time"), HYPERTABLES.items())
def test_every_unique_index_of_a_time_series_holds_its_time(migrated, table, time):
    """TimescaleDB makes no hypertable of a table with a unique index that lacks the time."""
    indexes = values(
        migrated,
        f"""
        select array_agg(attname::text) from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
         where indrelid = 'factory_telemetry.{table}'::regclass and indisunique group by indexrelid""",
    )

    assert indexes
    assert all(time in columns for columns in indexes)


def test_nothing_is_invalid(day):
    """No index is invalid and no constraint unvalidated."""
    assert values(day, "select indexrelid::regclass::text from pg_index where not indisvalid") == []
    assert values(day, "select conname from pg_constraint where not convalidated") == []


def test_only_what_is_overdue_is_escalated(day):
    """An escalation nobody answered in time goes up one level, with its event and its history; the others stay."""
    day.execute(
        "update factory_telemetry.andon_escalations set created_at = now() - interval '1 hour' where status = 'active'"
    )

    assert one(day, "select factory_telemetry.auto_escalate_andon_events()") == 1
    assert one(day, "select factory_telemetry.auto_escalate_andon_events()") == 0
    last = day.execute("""
        select e.status, e.escalation_level, x.status, x.escalation_level, x.escalation_recipients, h.recipients_notified
          from factory_telemetry.andon_escalation_history h
          join factory_telemetry.andon_escalations x on x.id = h.escalation_id
          join factory_telemetry.andon_events e on e.id = x.event_id
         order by h.performed_at desc limit 1""").fetchone()
    assert last == ("escalated", 2, "escalated", 2, ["admin"], ["admin"])


def test_a_context_keeps_what_is_not_given(day):
    """Setting one thing of a machine's context leaves the others, and is written to the history."""
    query = "select current_operator, actual_quantity from factory_telemetry.get_equipment_production_context('BP01.PACK.BAG1')"
    operator, _ = day.execute(query).fetchone()
    day.execute(
        "select factory_telemetry.update_equipment_production_context('BP01.PACK.BAG1', p_actual_quantity => 17)"
    )

    assert day.execute(query).fetchone() == (operator, 17)
    newest = "select context_data ->> 'actual_quantity' from factory_telemetry.production_context_history order by id desc limit 1"
    assert one(day, newest) == "17"


def test_an_unknown_machine_gets_no_context(day):
    """A context is never made up for a machine that does not exist."""
    with pytest.raises(psycopg.errors.ForeignKeyViolation), day.transaction():
        day.execute("select factory_telemetry.update_equipment_production_context('NO.SUCH.MACHINE')")
    assert (
        day.execute("select * from factory_telemetry.get_equipment_downtime_summary('NO.SUCH.MACHINE')").fetchall()
        == []
    )


def test_old_reports_are_marked_not_removed(day):
    """Cleaning up marks a report as deleted once and keeps its row."""
    day.execute("update factory_telemetry.production_reports set generated_at = now() - interval '100 days'")

    assert [one(day, "select factory_telemetry.cleanup_old_reports()") for _ in range(2)] == [1, 0]
    assert values(day, "select status from factory_telemetry.production_reports") == ["deleted"]
