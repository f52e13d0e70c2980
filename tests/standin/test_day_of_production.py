"""The day of production obeys the contract's rules for data (section 5), and leaves nothing empty."""

from __future__ import annotations

import psycopg
import pytest

from tests.standin.conftest import DAY_OF_PRODUCTION, OWNER, add_accounts
from tests.standin.test_schema import TABLES, one, values

WRONG = {
    "a machine without its line": "equipment_config e where not exists (select from factory_telemetry.production_lines l where l.id = e.production_line_id)",
    "an assignment without its user": "job_assignments j where not exists (select from factory_telemetry.users u where u.id = j.user_id)",
    "an assignment without its schedule": "job_assignments j where not exists (select from factory_telemetry.production_schedules s where s.id = j.schedule_id)",
    "a context without its machine": "context c where not exists (select from factory_telemetry.equipment_config e where e.equipment_code = c.equipment_code)",
    "an escalation without its event": "andon_escalations x where not exists (select from factory_telemetry.andon_events e where e.id = x.event_id)",
    "energy of an unknown machine": "energy_consumption c where not exists (select from factory_telemetry.equipment_config e where e.equipment_code = c.equipment_code)",
    "OEE of an unknown machine": "oee_calculations c where not exists (select from factory_telemetry.equipment_config e where e.equipment_code = c.equipment_code)",
    "a defect nobody knows": "quality_checks q where exists (select from unnest(q.defect_codes) d where d not in (select code from factory_telemetry.defect_codes))",
    "a role that is none": "users where role not in ('admin', 'production_manager', 'shift_manager', 'engineer', 'operator', 'maintenance', 'quality', 'viewer')",
    "a weak or foreign hash": r"users where password_hash !~ '^\$2[aby]\$(1[2-9]|2[0-9]|3[01])\$[./A-Za-z0-9]{53}$'",
    "an andon type that is none": "andon_events where event_type not in ('stop', 'quality', 'maintenance', 'material')",
    "an andon priority that is none": "andon_events where priority not in ('low', 'medium', 'high', 'critical')",
    "a share outside 0 to 1": "oee_calculations where least(availability, performance, quality, oee) < 0 or greatest(availability, performance, quality, oee) > 1",
    "an OEE that is not the product": "oee_calculations where abs(oee - availability * performance * quality) > 0.000001",
    "a quality that is not the share of good parts": "oee_calculations where abs(quality - good_parts::double precision / total_parts) > 0.000001",
    "a value of tomorrow": "metric_hist where ts > now()",
    "a stop of tomorrow": "downtime_events where start_time > now() or end_time > now()",
    "a duration that is not the stop's": "downtime_events where duration_seconds <> extract(epoch from end_time - start_time)",
}
STATES = {
    "andon_events": ["acknowledged", "escalated", "open", "resolved"],
    "andon_escalations": ["acknowledged", "active", "escalated", "resolved"],
    "job_assignments": ["accepted", "assigned", "cancelled", "completed", "in_progress"],
    "production_schedules": ["cancelled", "completed", "in_progress", "paused", "scheduled"],
}


@pytest.mark.parametrize("rows", WRONG.values(), ids=WRONG)
def test_no_row_is(day, rows):
    """None of the day's rows breaks a rule of the contract."""
    assert day.execute(f"select * from factory_telemetry.{rows}").fetchall() == []


@pytest.mark.parametrize(("table", "states"), STATES.items())
def test_every_state_occurs(day, table, states):
    """The day shows each state of the contract's enums, so a check of a state has something to see."""
    assert values(day, f"select distinct status from factory_telemetry.{table} order by 1") == states


@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_empty(day, table):
    """A check that counts rows has something to count."""
    assert one(day, f"select count(*) from factory_telemetry.{table}") > 0


def test_there_is_still_one_line_with_two_machines(day):
    """The day brings no line and no machine of its own."""
    assert values(day, "select line_code from factory_telemetry.production_lines") == ["L-BAG1"]
    assert one(day, "select count(*) from factory_telemetry.equipment_config") == 2


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_it_is_whole_in_any_time_zone(server, migrated_template, zone):
    """Each machine is in the shift of this hour, and three shifts are summed up, wherever the server stands."""
    with server.connect(server.new_database(migrated_template), OWNER) as connection:
        connection.execute(f"set timezone to '{zone}'")
        add_accounts(connection)
        connection.execute(DAY_OF_PRODUCTION.read_bytes())

        assert one(connection, "select count(*) from factory_telemetry.context where shift_id is not null") == 2
        assert one(connection, "select count(*) from factory_telemetry.production_kpis") == 3


def test_a_second_day_is_refused(day):
    """Running it again would double what was measured, so it refuses."""
    with pytest.raises(psycopg.errors.RaiseException, match="already has a day"), day.transaction():
        day.execute(DAY_OF_PRODUCTION.read_bytes())


def test_it_needs_people(migrated):
    """Without accounts there is nobody to work, and it says so."""
    with pytest.raises(psycopg.errors.RaiseException, match="one active account of each role"), migrated.transaction():
        migrated.execute(DAY_OF_PRODUCTION.read_bytes())
