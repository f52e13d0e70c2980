"""When machines stood still, and why (contract section 2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from environments.standin.app.reads import Limit, Read, Values, offer, page
from environments.standin.app.vocabulary import Count, DowntimeCategory, Text, Word
from environments.standin.app.writes import Write, accept

router = APIRouter(prefix="/api/v1/downtime", tags=["downtime"])


class Stop(BaseModel):
    """A stop; while it lasts it has no end, and its duration is that until now."""

    id: UUID
    line_id: UUID
    line_code: str
    equipment_code: str
    start_time: datetime
    end_time: datetime | None
    duration_seconds: Count
    reason_code: str
    reason_description: str | None
    category: DowntimeCategory
    subcategory: str | None
    reported_by: str | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    notes: str | None


class NewStop(BaseModel):
    """A stop that began now, or earlier."""

    line_id: UUID
    equipment_code: Word
    reason_code: Word
    category: DowntimeCategory
    reason_description: Text | None = None
    start_time: AwareDatetime | None = None
    notes: Text | None = None


class Reason(BaseModel):
    """A reason that was given, how often, and for how long all in all."""

    reason_code: str
    reason_description: str | None
    category: DowntimeCategory
    occurrences: Count
    total_seconds: Count


DURATION = "greatest(0, extract(epoch from coalesce(stop.end_time, now()) - stop.start_time))::int"


def shown(source: str) -> str:
    """Stops as they are shown."""
    return f"""
select stop.id, stop.line_id, line.line_code, stop.equipment_code, stop.start_time, stop.end_time,
       {DURATION} as duration_seconds, stop.reason_code, stop.reason_description, stop.category, stop.subcategory,
       reporter.username as reported_by, confirmer.username as confirmed_by, stop.confirmed_at, stop.notes
  from {source} stop
  join factory_telemetry.production_lines line on line.id = stop.line_id
  left join factory_telemetry.users reporter on reporter.id = stop.reported_by
  left join factory_telemetry.users confirmer on confirmer.id = stop.confirmed_by
"""


STOPS = shown("factory_telemetry.downtime_events")
EVENTS = (
    STOPS
    + """
 where (%(category)s::text is null or stop.category = %(category)s)
   and (%(equipment_code)s::text is null or stop.equipment_code = %(equipment_code)s)
 order by stop.start_time desc
 limit %(limit)s
"""
)
MACHINE_EXISTS = """
select where %(equipment_code)s::text is null
          or exists (select from factory_telemetry.equipment_config where equipment_code = %(equipment_code)s)
"""
REASONS = f"""
select stop.reason_code, max(stop.reason_description) as reason_description, stop.category,
       count(*) as occurrences, sum({DURATION}) as total_seconds
  from factory_telemetry.downtime_events stop
 group by stop.reason_code, stop.category
 order by stop.reason_code, stop.category
 limit %(limit)s
"""
REPORT = f"""
with changed as (
    insert into factory_telemetry.downtime_events
           (line_id, equipment_code, start_time, reason_code, reason_description, category, reported_by, notes)
    values (%(line_id)s, %(equipment_code)s, coalesce(%(start_time)s, now()), %(reason_code)s, %(reason_description)s,
            %(category)s, %(asking)s, %(notes)s)
    returning *)
{shown("changed")}"""
THIS_STOP = "where stop.id::text = lower(%(stop_id)s)"
CHANGE = """
with changed as (
    update factory_telemetry.downtime_events stop
       set {change}
     {this} and {only_if}
    returning *)
"""
END = CHANGE.format(
    change="end_time = now(), duration_seconds = extract(epoch from now() - start_time)",
    this=THIS_STOP,
    only_if="end_time is null and start_time <= now()",
)
CONFIRM = CHANGE.format(
    change="confirmed_by = %(asking)s, confirmed_at = now()",
    this=THIS_STOP,
    only_if="confirmed_at is null and end_time is not null",
)


def wanted(category: DowntimeCategory | None = None, equipment_code: Word | None = None, limit: Limit = 100) -> Values:
    """All stops, or those of a category or a machine."""
    return {"category": category, "equipment_code": equipment_code, "limit": limit}


def stop(stop_id: Word) -> Values:
    return {"stop_id": stop_id}


offer(
    router,
    Read("/events", "downtime:read", list[Stop], EVENTS, wanted, "Equipment", MACHINE_EXISTS),
    Read("/active", "downtime:read", list[Stop],
         STOPS + "where stop.end_time is null order by stop.start_time desc limit %(limit)s", page),
    Read("/reasons", "downtime:read", list[Reason], REASONS, page),
)  # fmt: skip

STOP_EXISTS = f"select from factory_telemetry.downtime_events stop {THIS_STOP}"
accept(
    router,
    Write("POST", "/events", "downtime:write", Stop, REPORT, NewStop, status=201,
          exists="select from factory_telemetry.production_lines"
                 " where id = %(line_id)s and %(equipment_code)s = any (equipment_codes)", missing="Line or its equipment"),
    Write("POST", "/events/{stop_id}/end", "downtime:write", Stop, END + shown("changed"), given=stop, exists=STOP_EXISTS, missing="Stop"),
    Write("POST", "/events/{stop_id}/confirm", "downtime:confirm", Stop, CONFIRM + shown("changed"), given=stop, exists=STOP_EXISTS, missing="Stop"),
)  # fmt: skip
