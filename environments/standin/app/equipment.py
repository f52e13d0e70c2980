"""The machines: how they are now, their faults, and what they measure (contract section 2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.reads import Read, Values, offer, page
from environments.standin.app.vocabulary import Count, EquipmentStatus, Word

router = APIRouter(prefix="/api/v1/equipment", tags=["equipment"])


class Status(BaseModel):
    """How a machine is; `reading_at` is when it last told something, `last_updated` when that was looked at."""

    id: UUID
    equipment_code: str
    name: str
    line_id: UUID | None
    line_code: str | None
    status: EquipmentStatus
    active_faults: Count
    current_operator: str | None
    planned_stop: bool
    target_quantity: Count
    actual_quantity: Count
    reading_at: datetime | None
    last_updated: datetime


class Fault(BaseModel):
    """A fault bit that was set; while it is, it has no end."""

    bit_index: Count
    name: str | None
    marker: str | None
    began_at: datetime
    ended_at: datetime | None


class Faults(BaseModel):
    """What is wrong with a machine now, and what was within seven days, newest first."""

    equipment_code: str
    active: list[Fault]
    history: list[Fault]
    last_updated: datetime


class Reading(BaseModel):
    """The newest value of one metric, as text."""

    metric_key: str
    value: str | None
    unit: str | None
    read_at: datetime


class Diagnostics(BaseModel):
    """What a technician wants to know first."""

    equipment_code: str
    name: str
    controller: str | None
    controller_type: str | None
    poll_interval_seconds: float | None
    readings: list[Reading]
    active_faults: Count
    reading_at: datetime | None
    last_updated: datetime


# Nothing heard for ten minutes: whatever it was, it is not known any more.
READING = """
cross join lateral (select max(latest.ts) as read_at,
                           bool_or(latest.value_bool) filter (where metric.metric_key = 'running_status') as runs
                      from factory_telemetry.metric_def metric
                      join factory_telemetry.metric_latest latest on latest.metric_def_id = metric.id
                     where metric.equipment_code = machine.equipment_code) reading
cross join lateral (select count(*) as active
                      from factory_telemetry.fault_active fault
                     where fault.equipment_code = machine.equipment_code and fault.is_active) faults
"""
STATUS = f"""
select machine.id, machine.equipment_code, machine.name, line.id as line_id, line.line_code,
       case when coalesce(reading.read_at, '-infinity') < now() - interval '10 minutes' then 'offline'
            when faults.active > 0 then 'fault'
            when reading.runs then 'running'
            else 'stopped' end as status,
       faults.active as active_faults, context.current_operator, coalesce(context.planned_stop, false) as planned_stop,
       coalesce(context.target_quantity, 0) as target_quantity, coalesce(context.actual_quantity, 0) as actual_quantity,
       reading.read_at as reading_at, now() as last_updated
  from factory_telemetry.equipment_config machine
  left join factory_telemetry.production_lines line on line.id = machine.production_line_id
  left join factory_telemetry.context context on context.equipment_code = machine.equipment_code
 {READING}
"""
FAULTS = """
select machine.equipment_code, now() as last_updated, active.faults as active, past.faults as history
  from factory_telemetry.equipment_config machine
 cross join lateral (select coalesce(jsonb_agg(jsonb_build_object(
                                'bit_index', bit.bit_index, 'name', bit.name, 'marker', bit.marker,
                                'began_at', coalesce((select max(ts_on) from factory_telemetry.fault_event event
                                                       where event.equipment_code = bit.equipment_code
                                                         and event.bit_index = bit.bit_index and event.ts_off is null), bit.ts),
                                'ended_at', null) order by bit.bit_index), '[]') as faults
                       from public.v_faults_active bit
                      where bit.equipment_code = machine.equipment_code) active
 cross join lateral (select coalesce(jsonb_agg(jsonb_build_object(
                                'bit_index', event.bit_index, 'name', known.name, 'marker', known.marker,
                                'began_at', event.ts_on, 'ended_at', event.ts_off) order by event.ts_on desc), '[]') as faults
                       from factory_telemetry.fault_event event
                       left join factory_telemetry.fault_catalog known
                         on known.equipment_code = event.equipment_code and known.bit_index = event.bit_index
                      where event.equipment_code = machine.equipment_code and event.ts_on > now() - interval '7 days') past
"""
DIAGNOSTICS = f"""
select machine.equipment_code, machine.name, plc.name as controller, plc.plc_type as controller_type,
       plc.poll_interval_s as poll_interval_seconds, faults.active as active_faults, reading.read_at as reading_at,
       now() as last_updated,
       coalesce((select jsonb_agg(jsonb_build_object('metric_key', latest.metric_key, 'value', latest.value,
                                                     'unit', metric.unit, 'read_at', latest.ts) order by latest.metric_key)
                   from public.v_equipment_latest latest
                   join factory_telemetry.metric_def metric
                     on metric.equipment_code = latest.equipment_code and metric.metric_key = latest.metric_key
                  where latest.equipment_code = machine.equipment_code), '[]') as readings
  from factory_telemetry.equipment_config machine
  left join factory_telemetry.plc_config plc on plc.id = machine.plc_id
 {READING}
"""
THIS = "where machine.equipment_code = %(equipment_code)s"


def machine(code: Word) -> Values:
    """One machine."""
    return {"equipment_code": code}


offer(
    router,
    Read("/status", "equipment:read", list[Status], STATUS + "order by machine.equipment_code limit %(limit)s", page),
    Read("/{code}/status", "equipment:read", Status, STATUS + THIS, machine, "Equipment"),
    Read("/{code}/faults", "equipment:read", Faults, FAULTS + THIS, machine, "Equipment"),
    Read("/{code}/diagnostics", "equipment:read", Diagnostics, DIAGNOSTICS + THIS, machine, "Equipment"),
)
