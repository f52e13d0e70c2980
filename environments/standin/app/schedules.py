"""The plan: which line is to make what, and when (contract section 2: production)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from environments.standin.app.reads import Limit, Read, Values, offer
from environments.standin.app.vocabulary import Count, Quantity, ScheduleStatus, Word
from environments.standin.app.writes import Removed, Write, accept

router = APIRouter(prefix="/api/v1/production", tags=["production"])


class Schedule(BaseModel):
    """An order of the plan."""

    id: UUID
    line_id: UUID
    line_code: str
    product_type_id: UUID
    product_name: str
    scheduled_start: datetime
    scheduled_end: datetime
    target_quantity: Count
    priority: int
    status: ScheduleStatus


class NewSchedule(BaseModel):
    """An order to be; the end lies after the start."""

    line_id: UUID
    product_type_id: UUID
    scheduled_start: AwareDatetime
    scheduled_end: AwareDatetime
    target_quantity: Quantity
    priority: Quantity = 1


SCHEDULES = """
select schedule.id, schedule.line_id, line.line_code, schedule.product_type_id, product.name as product_name,
       schedule.scheduled_start, schedule.scheduled_end, schedule.target_quantity, schedule.priority, schedule.status
  from {source} schedule
  join factory_telemetry.production_lines line on line.id = schedule.line_id
  join factory_telemetry.product_types product on product.id = schedule.product_type_id
"""
ALL_SCHEDULES = SCHEDULES.format(source="factory_telemetry.production_schedules")
WANTED = """
 where %(status)s::text is null or schedule.status = %(status)s
 order by schedule.scheduled_start
 limit %(limit)s
"""
BOTH_EXIST = """
select from factory_telemetry.production_lines line, factory_telemetry.product_types product
 where line.id = %(line_id)s and product.id = %(product_type_id)s
"""
ADD_SCHEDULE = f"""
with added as (
    insert into factory_telemetry.production_schedules
           (line_id, product_type_id, scheduled_start, scheduled_end, target_quantity, priority, created_by)
    values (%(line_id)s, %(product_type_id)s, %(scheduled_start)s, %(scheduled_end)s, %(target_quantity)s, %(priority)s,
            %(asking)s)
    returning *)
{SCHEDULES.format(source="added")}"""
THIS_SCHEDULE = "where id::text = lower(%(schedule_id)s)"
REMOVE = f"delete from factory_telemetry.production_schedules {THIS_SCHEDULE} returning id"
SCHEDULE_EXISTS = f"select from factory_telemetry.production_schedules {THIS_SCHEDULE}"


def plan(status: ScheduleStatus | None = None, limit: Limit = 100) -> Values:
    """The whole plan, or what of it is in one state."""
    return {"status": status, "limit": limit}


def schedule(schedule_id: Word) -> Values:
    return {"schedule_id": schedule_id}


offer(router, Read("/schedules", "schedule:read", list[Schedule], ALL_SCHEDULES + WANTED, plan))

accept(
    router,
    Write("POST", "/schedules", "schedule:write", Schedule, ADD_SCHEDULE, NewSchedule,
          exists=BOTH_EXIST, missing="Line or product", status=201),
    Write("DELETE", "/schedules/{schedule_id}", "schedule:delete", Removed, REMOVE,
          given=schedule, exists=SCHEDULE_EXISTS, missing="Schedule"),
)  # fmt: skip
