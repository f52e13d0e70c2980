"""Lines and the figures of production: what the database holds, nothing else (contract section 2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.jobs import JOBS, Job, jobs_wanted
from environments.standin.app.reads import Read, line, offer, page
from environments.standin.app.vocabulary import (
    Count,
    JobStatus,
    LineStatus,
    ScheduleStatus,
    Speed,
    Text,
    Word,
    counts,
)
from environments.standin.app.writes import Removed, Write, accept

router = APIRouter(prefix="/api/v1/production", tags=["production"])


class Line(BaseModel):
    """A production line; `target_speed` in bags per minute."""

    id: UUID
    line_code: str
    name: str
    description: str | None
    equipment_codes: list[str]
    target_speed: float | None
    status: LineStatus
    enabled: bool
    created_at: datetime
    updated_at: datetime


class NewLine(BaseModel):
    """A line to be."""

    line_code: Word
    name: Word
    description: Text | None = None
    equipment_codes: list[Word] = []
    target_speed: Speed | None = None
    status: LineStatus = "idle"


class LineChange(BaseModel):
    """What is to be different; what is not named stays."""

    name: Word | None = None
    description: Text | None = None
    target_speed: Speed | None = None
    status: LineStatus | None = None
    enabled: bool | None = None


class Statistics(BaseModel):
    """Counts of all there is, and what was made within 24 hours; `last_updated` is when it was counted."""

    total_lines: Count
    lines_by_status: dict[LineStatus, Count]
    total_schedules: Count
    schedules_by_status: dict[ScheduleStatus, Count]
    total_jobs: Count
    jobs_by_status: dict[JobStatus, Count]
    parts_made: Count
    good_parts: Count
    last_updated: datetime


LINES = """
select id, line_code, name, description, equipment_codes, target_speed, status, enabled, created_at, updated_at
  from {source} line
"""
ALL_LINES = LINES.format(source="factory_telemetry.production_lines")
THIS_LINE = "where line.id::text = lower(%(line_id)s)"
LINE_EXISTS = f"select from factory_telemetry.production_lines line {THIS_LINE}"
CODES_EXIST = """
select where not exists (select from unnest(%(equipment_codes)s::text[]) code
                          where code not in (select equipment_code from factory_telemetry.equipment_config))
"""
# Every machine of a line counts the same bags: the first one's count stands for the line's.
STATISTICS = f"""
select (select count(*) from factory_telemetry.production_lines) as total_lines,
       {counts("factory_telemetry.production_lines", "status", LineStatus)} as lines_by_status,
       (select count(*) from factory_telemetry.production_schedules) as total_schedules,
       {counts("factory_telemetry.production_schedules", "status", ScheduleStatus)} as schedules_by_status,
       (select count(*) from factory_telemetry.job_assignments) as total_jobs,
       {counts("factory_telemetry.job_assignments", "status", JobStatus)} as jobs_by_status,
       coalesce(sum(made.total_parts), 0) as parts_made,
       coalesce(sum(made.good_parts), 0) as good_parts,
       now() as last_updated
  from factory_telemetry.oee_calculations made
  join factory_telemetry.production_lines line on line.id = made.line_id and line.equipment_codes[1] = made.equipment_code
 where made.calculation_time > now() - interval '24 hours'
"""
ADD_LINE = f"""
with added as (
    insert into factory_telemetry.production_lines (line_code, name, description, equipment_codes, target_speed, status)
    values (%(line_code)s, %(name)s, %(description)s, %(equipment_codes)s, %(target_speed)s, %(status)s)
    returning *)
{LINES.format(source="added")}"""
CHANGE_LINE = f"""
with changed as (
    update factory_telemetry.production_lines line
       set name = coalesce(%(name)s, name), description = coalesce(%(description)s, description),
           target_speed = coalesce(%(target_speed)s, target_speed), status = coalesce(%(status)s, status),
           enabled = coalesce(%(enabled)s, enabled), updated_at = now()
     {THIS_LINE}
    returning *)
{LINES.format(source="changed")}"""
offer(
    router,
    Read("/lines", "line:read", list[Line], ALL_LINES + "order by line_code limit %(limit)s", page),
    Read("/lines/{line_id}", "line:read", Line, ALL_LINES + THIS_LINE, line, "Production line"),
    Read("/statistics", "production:read", Statistics, STATISTICS),
    Read("/job-assignments", "job:read", list[Job], JOBS, jobs_wanted),
)  # fmt: skip

accept(
    router,
    Write("POST", "/lines", "line:write", Line, ADD_LINE, NewLine, exists=CODES_EXIST, missing="Equipment", status=201),
    Write("PUT", "/lines/{line_id}", "line:write", Line, CHANGE_LINE, LineChange, line, LINE_EXISTS, "Production line"),
    Write("DELETE", "/lines/{line_id}", "line:delete", Removed,
          f"delete from factory_telemetry.production_lines line {THIS_LINE} returning id",
          given=line, exists=LINE_EXISTS, missing="Production line"),
)  # fmt: skip
