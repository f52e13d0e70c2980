"""The floor at a glance (contract section 2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.oee import SHARES, SUMS
from environments.standin.app.reads import Read, offer, page
from environments.standin.app.vocabulary import AlertSeverity, AlertType, Count, LineStatus, Share

router = APIRouter(prefix="/api/v1/dashboard", tags=["dashboard"])


class LineAtAGlance(BaseModel):
    """A line, what it makes now, and what is wrong with it; OEE is that of the last quarter of an hour measured."""

    line_id: UUID
    line_code: str
    name: str
    status: LineStatus
    enabled: bool
    target_speed: float | None
    product_name: str | None
    target_quantity: Count | None
    oee: Share | None
    active_andon_events: Count
    active_downtime: Count
    last_updated: datetime


class Summary(BaseModel):
    """Counts of what is so now."""

    total_lines: Count
    running_lines: Count
    total_equipment: Count
    active_andon_events: Count
    active_downtime: Count
    active_jobs: Count
    open_alerts: Count
    oee: Share | None
    last_updated: datetime


class Alert(BaseModel):
    """Something that asks for attention and has not been resolved."""

    id: UUID
    line_id: UUID
    line_code: str
    equipment_code: str | None
    alert_type: AlertType
    severity: AlertSeverity
    title: str
    message: str
    threshold_value: float | None
    actual_value: float | None
    is_acknowledged: bool
    created_at: datetime


class Figures(BaseModel):
    """OEE and its parts over all lines within 24 hours, and what was lost; null where nothing was measured."""

    availability: Share | None
    performance: Share | None
    quality: Share | None
    oee: Share | None
    downtime_minutes: float
    quality_checks: Count
    failed_quality_checks: Count
    energy_kwh: float
    last_updated: datetime


LAST_MEASURED = f"""
(select {SHARES} from ({SUMS} where line_id = line.id and calculation_time = (
    select max(calculation_time) from factory_telemetry.oee_calculations where line_id = line.id)) sums)
"""
LINES = f"""
select line.id as line_id, line.line_code, line.name, line.status, line.enabled, line.target_speed, work.product_name,
       work.target_quantity, measured.oee,
       (select count(*) from factory_telemetry.andon_events where line_id = line.id and status <> 'resolved') as active_andon_events,
       (select count(*) from factory_telemetry.downtime_events where line_id = line.id and end_time is null) as active_downtime,
       now() as last_updated
  from factory_telemetry.production_lines line
 cross join lateral {LAST_MEASURED} measured
  left join lateral (select product.name as product_name, schedule.target_quantity
                       from factory_telemetry.production_schedules schedule
                       join factory_telemetry.product_types product on product.id = schedule.product_type_id
                      where schedule.line_id = line.id and schedule.status = 'in_progress'
                      order by schedule.scheduled_start desc limit 1) work on true
 order by line.line_code
 limit %(limit)s
"""
ALL_DAY = f"(select {SHARES} from ({SUMS} where calculation_time > now() - interval '24 hours') sums)"
SUMMARY = f"""
select count(*) as total_lines, count(*) filter (where line.status = 'running') as running_lines,
       (select count(*) from factory_telemetry.equipment_config) as total_equipment,
       (select count(*) from factory_telemetry.andon_events where status <> 'resolved') as active_andon_events,
       (select count(*) from factory_telemetry.downtime_events where end_time is null) as active_downtime,
       (select count(*) from factory_telemetry.job_assignments where status in ('assigned', 'accepted', 'in_progress')) as active_jobs,
       (select count(*) from factory_telemetry.production_alerts where not is_resolved) as open_alerts,
       (select oee from {ALL_DAY} day) as oee,
       now() as last_updated
  from factory_telemetry.production_lines line
"""
ALERTS = """
select alert.id, alert.line_id, line.line_code, alert.equipment_code, alert.alert_type, alert.severity, alert.title,
       alert.message, alert.threshold_value, alert.actual_value, alert.is_acknowledged, alert.created_at
  from factory_telemetry.production_alerts alert
  join factory_telemetry.production_lines line on line.id = alert.line_id
 where not alert.is_resolved
 order by alert.created_at desc
 limit %(limit)s
"""
FIGURES = f"""
select day.availability, day.performance, day.quality, day.oee, now() as last_updated,
       (select coalesce(sum(extract(epoch from coalesce(end_time, now()) - greatest(start_time, now() - interval '24 hours'))) / 60, 0)::float8
          from factory_telemetry.downtime_events
         where coalesce(end_time, now()) > now() - interval '24 hours' and start_time < now()) as downtime_minutes,
       (select count(*) from factory_telemetry.quality_checks where check_time > now() - interval '24 hours') as quality_checks,
       (select count(*) from factory_telemetry.quality_checks
         where check_time > now() - interval '24 hours' and check_result = 'fail') as failed_quality_checks,
       (select coalesce(sum(energy_consumption_kwh), 0) from factory_telemetry.energy_consumption
         where consumption_time > now() - interval '24 hours') as energy_kwh
  from {ALL_DAY} day
"""

offer(
    router,
    Read("/lines", "dashboard:read", list[LineAtAGlance], LINES, page),
    Read("/summary", "dashboard:read", Summary, SUMMARY),
    Read("/alerts", "dashboard:read", list[Alert], ALERTS, page),
    Read("/metrics", "dashboard:read", Figures, FIGURES),
)
