"""Lines and schedules: what the database holds, nothing else (contract section 2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from environments.standin.app.database import Row
from environments.standin.app.errors import Refused
from environments.standin.app.guard import Data, needs

router = APIRouter(prefix="/api/v1/production")
Limit = Annotated[int, Query(ge=1, le=1000)]

LINE = """
select id, line_code, name, description, equipment_codes, target_speed, status, enabled, created_at, updated_at
  from factory_telemetry.production_lines
"""
SCHEDULES = """
select schedule.id, schedule.line_id, line.line_code, schedule.product_type_id, product.name as product_name,
       schedule.scheduled_start, schedule.scheduled_end, schedule.target_quantity, schedule.priority, schedule.status
  from factory_telemetry.production_schedules schedule
  join factory_telemetry.production_lines line on line.id = schedule.line_id
  join factory_telemetry.product_types product on product.id = schedule.product_type_id
 order by schedule.scheduled_start
 limit %s
"""


@router.get("/lines", dependencies=[needs("line:read")])
async def lines(data: Data, limit: Limit = 100) -> list[Row]:
    return await data.rows(LINE + "order by line_code limit %s", [limit])


@router.get("/lines/{line_id}", dependencies=[needs("line:read")])
async def line(line_id: str, data: Data) -> Row:
    """One line; what is no identity at all is as unknown as any other."""
    found = await data.row(LINE + "where id::text = %s", [line_id.lower()])
    if found is None:
        raise Refused(404, "Production line not found")
    return found


@router.get("/schedules", dependencies=[needs("schedule:read")])
async def schedules(data: Data, limit: Limit = 100) -> list[Row]:
    return await data.rows(SCHEDULES, [limit])
