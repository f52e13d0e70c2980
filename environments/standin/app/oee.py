"""Overall equipment effectiveness: shares of 0 to 1, and null where nothing was measured (contract section 2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.reads import Hours, Read, Values, line, offer
from environments.standin.app.vocabulary import Count, Share, Word

router = APIRouter(prefix="/api/v1/oee", tags=["oee"])


class Figures(BaseModel):
    """OEE and its parts over what was measured; all null when nothing was."""

    availability: Share | None
    performance: Share | None
    quality: Share | None
    oee: Share | None
    good_parts: Count | None
    total_parts: Count | None
    measurements: Count
    measured_at: datetime | None
    last_updated: datetime


class LineFigures(Figures):
    """Those of a line, or of one of its machines."""

    line_id: UUID
    line_code: str
    equipment_code: str | None


class EquipmentFigures(Figures):
    """Those of a machine."""

    equipment_code: str
    name: str


class Point(BaseModel):
    """OEE and its parts within one hour."""

    hour: datetime
    availability: Share | None
    performance: Share | None
    quality: Share | None
    oee: Share | None


class Trend(BaseModel):
    """Hour by hour, oldest first."""

    line_id: UUID
    line_code: str
    equipment_code: str | None
    points: list[Point]
    last_updated: datetime


# From sums and not from means of shares: a quarter of an hour that stood still weighs less.
SUMS = """
select sum(actual_production_time)::float8 / nullif(sum(planned_production_time), 0) as availability,
       case when sum(actual_production_time) > 0
            then least(1, sum(total_parts * ideal_cycle_time) / sum(actual_production_time)) end as performance,
       sum(good_parts)::float8 / nullif(sum(total_parts), 0) as quality,
       sum(good_parts)::int as good_parts, sum(total_parts)::int as total_parts,
       count(*) as measurements, max(calculation_time) as measured_at
  from factory_telemetry.oee_calculations
"""
SHARES = "availability, performance, quality, availability * performance * quality as oee"
FIGURES = f"{SHARES}, good_parts, total_parts, measurements, measured_at, now() as last_updated"
RECENT = "calculation_time > now() - make_interval(hours => %(hours)s)"
MACHINE = "(%(equipment_code)s::text is null or equipment_code = %(equipment_code)s)"
OF_LINE = """
 where line.id::text = lower(%(line_id)s)
   and (%(equipment_code)s::text is null or %(equipment_code)s = any (line.equipment_codes))
"""
LINE = f"""
select line.id as line_id, line.line_code, %(equipment_code)s::text as equipment_code, {FIGURES}
  from factory_telemetry.production_lines line
 cross join lateral ({SUMS} where line_id = line.id and {MACHINE} and {RECENT}) sums
 {OF_LINE}"""
# What all machines of the line measured last.
CURRENT = f"""
select line.id as line_id, line.line_code, %(equipment_code)s::text as equipment_code, {FIGURES}
  from factory_telemetry.production_lines line
 cross join lateral ({SUMS} where line_id = line.id and {MACHINE}
                        and calculation_time = (select max(calculation_time) from factory_telemetry.oee_calculations
                                                 where line_id = line.id and {MACHINE})) sums
 {OF_LINE}"""
TRENDS = f"""
select line.id as line_id, line.line_code, %(equipment_code)s::text as equipment_code, now() as last_updated,
       coalesce((select jsonb_agg(point order by point.hour)
                   from (select hour, {SHARES}
                           from (select distinct date_trunc('hour', calculation_time) as hour
                                   from factory_telemetry.oee_calculations where line_id = line.id and {RECENT}) hours
                          cross join lateral ({SUMS} where line_id = line.id and {MACHINE}
                                                 and calculation_time >= hour and calculation_time < hour + interval '1 hour') sums
                        ) point), '[]') as points
  from factory_telemetry.production_lines line
 {OF_LINE}"""
EQUIPMENT = f"""
select machine.equipment_code, machine.name, {FIGURES}
  from factory_telemetry.equipment_config machine
 cross join lateral ({SUMS} where equipment_code = machine.equipment_code and {RECENT}) sums
 where machine.equipment_code = %(equipment_code)s"""


def of_line(line_id: Word, equipment_code: Word | None = None, hours: Hours = 24) -> Values:
    """A line, or one machine of it, over some hours."""
    return line(line_id) | {"equipment_code": equipment_code, "hours": hours}


def of_equipment(code: Word, hours: Hours = 24) -> Values:
    return {"equipment_code": code, "hours": hours}


offer(
    router,
    Read("/lines/{line_id}", "oee:read", LineFigures, LINE, of_line, "Line or its equipment"),
    Read("/lines/{line_id}/current", "oee:read", LineFigures, CURRENT, of_line, "Line or its equipment"),
    Read("/lines/{line_id}/trends", "oee:read", Trend, TRENDS, of_line, "Line or its equipment"),
    Read("/equipment/{code}", "oee:read", EquipmentFigures, EQUIPMENT, of_equipment, "Equipment"),
)
