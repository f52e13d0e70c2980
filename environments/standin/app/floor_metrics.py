"""What Prometheus is told of the floor: each family is a question to the database, asked when Prometheus asks.

All replicas tell the same, so rules and dashboards take the `max by (…)` of these and never their sum. Every label that
can occur has a series from the beginning, with 0 where nothing has happened: a rule on a missing series never fires.
Families that end in `_total` by contract and count what is in a state are gauges: a call that is acknowledged is no
longer open.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from environments.standin.app.database import Database, Row
from environments.standin.app.errors import STORES_AWAY

PATIENCE_SECONDS = 0.8  # less than Prometheus has
UNKNOWN = math.nan  # no comparison with it is true


@dataclass(frozen=True)
class Family:
    """One metric; its question answers with rows of `labels` (a JSON object) and `value`."""

    name: str
    kind: str
    question: str


FAMILIES = (
    Family("ms5_production_line_status", "gauge", """
        select jsonb_build_object('line', l.line_code, 'status', possible) as labels, (l.status = possible)::int as value
          from factory_telemetry.production_lines l
         cross join unnest('{running,stopped,fault,maintenance,setup,idle}'::text[]) possible
         where l.enabled"""),
    Family("ms5_equipment_status", "gauge", """
        select jsonb_build_object('equipment', e.equipment_code, 'status', possible) as labels, (now_is.status = possible)::int as value
          from factory_telemetry.equipment_config e
         cross join lateral (select max(r.ts) as told, bool_or(r.value_bool) filter (where d.metric_key = 'running_status') as runs
                               from factory_telemetry.metric_def d
                               join factory_telemetry.metric_latest r on r.metric_def_id = d.id
                              where d.equipment_code = e.equipment_code) reading
         cross join lateral (select case when coalesce(reading.told, '-infinity') < now() - interval '10 minutes' then 'offline'
                                         when exists (select from factory_telemetry.fault_active f
                                                       where f.equipment_code = e.equipment_code and f.is_active) then 'fault'
                                         when reading.runs then 'running'
                                         else 'stopped' end as status) now_is
         cross join unnest('{running,stopped,fault,offline}'::text[]) possible
         where e.enabled"""),
    Family("ms5_oee_score", "gauge", """
        select distinct on (l.line_code, o.equipment_code)
               jsonb_build_object('line', l.line_code, 'equipment', o.equipment_code) as labels, o.oee as value
          from factory_telemetry.oee_calculations o
          join factory_telemetry.production_lines l on l.id = o.line_id
         where o.oee is not null
         order by l.line_code, o.equipment_code, o.calculation_time desc"""),
    # Within the last 480 minutes, a shift's length; a stop that lasts counts until now.
    Family("ms5_downtime_duration_minutes", "gauge", """
        select jsonb_build_object('line', l.line_code, 'equipment', code, 'category', possible) as labels,
               coalesce(sum(extract(epoch from coalesce(d.end_time, now()) - greatest(d.start_time, since))) filter (where d.id is not null) / 60, 0) as value
          from factory_telemetry.production_lines l
         cross join unnest(l.equipment_codes) code
         cross join unnest('{planned,unplanned,changeover,maintenance}'::text[]) possible
         cross join lateral (select now() - interval '480 minutes' as since) shift
          left join factory_telemetry.downtime_events d
            on d.line_id = l.id and d.equipment_code = code and d.category = possible and coalesce(d.end_time, now()) > since
         where l.enabled
         group by l.line_code, code, possible"""),
    Family("ms5_andon_events_total", "gauge", """
        select jsonb_build_object('line', l.line_code, 'event_type', kind, 'priority', urgency, 'status', possible) as labels,
               count(e.id) as value
          from factory_telemetry.production_lines l
         cross join unnest('{stop,quality,maintenance,material}'::text[]) kind
         cross join unnest('{low,medium,high,critical}'::text[]) urgency
         cross join unnest('{open,acknowledged,resolved,escalated}'::text[]) possible
          left join factory_telemetry.andon_events e
            on e.line_id = l.id and e.event_type = kind and e.priority = urgency and e.status = possible
         group by l.line_code, kind, urgency, possible"""),
    Family("ms5_andon_events_acknowledged_total", "gauge", """
        select jsonb_build_object('line', l.line_code, 'priority', urgency) as labels, count(e.acknowledged_at) as value
          from factory_telemetry.production_lines l
         cross join unnest('{low,medium,high,critical}'::text[]) urgency
          left join factory_telemetry.andon_events e on e.line_id = l.id and e.priority = urgency
         group by l.line_code, urgency"""),
    Family("ms5_andon_escalations_total", "gauge", """
        select jsonb_build_object('priority', urgency, 'status', possible) as labels, count(x.id) as value
          from unnest('{low,medium,high,critical}'::text[]) urgency
         cross join unnest('{active,acknowledged,escalated,cancelled,resolved}'::text[]) possible
          left join factory_telemetry.andon_escalations x on x.priority = urgency and x.status = possible
         group by urgency, possible"""),
    Family("ms5_job_assignments_total", "gauge", """
        select jsonb_build_object('status', possible) as labels, count(j.id) as value
          from unnest('{assigned,accepted,in_progress,completed,cancelled}'::text[]) possible
          left join factory_telemetry.job_assignments j on j.status = possible
         group by possible"""),
    Family("ms5_job_assignments_overdue_total", "gauge", """
        select '{}'::jsonb as labels, count(*) as value
          from factory_telemetry.job_assignments j
          join factory_telemetry.production_schedules s on s.id = j.schedule_id
         where j.status in ('assigned', 'accepted', 'in_progress') and s.scheduled_end < now()"""),
    Family("ms5_quality_checks_total", "counter", """
        select jsonb_build_object('line', l.line_code, 'result', possible) as labels, count(q.id) as value
          from factory_telemetry.production_lines l
         cross join unnest('{pass,fail,conditional}'::text[]) possible
          left join factory_telemetry.quality_checks q on q.line_id = l.id and q.check_result = possible
         group by l.line_code, possible"""),
)  # fmt: skip


def families() -> tuple[Family, ...]:
    """What is told of the floor; a route's dependency."""
    return FAMILIES


async def floor_lines(data: Database, told: tuple[Family, ...]) -> list[str]:
    """The families' lines by one question to the database; none while it is away, for Prometheus shall still see the rest."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            rows = await data.rows(question(told))
    except STORES_AWAY:
        return []
    kinds = {family.name: family.kind for family in told}
    return [line for name, found in groupby(rows, lambda row: row["name"]) for line in lines(name, kinds[name], found)]


def question(told: tuple[Family, ...]) -> str:
    """All questions as one."""
    parts = (f"select '{one.name}' as name, labels, value::float8 from ({one.question}) as answer" for one in told)
    return "\nunion all\n".join(parts)


def lines(name: str, kind: str, rows: Iterator[Row]) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    yield from (f"{name}{braces(row['labels'])} {row['value']}" for row in rows)


def braces(labels: Mapping[str, Any]) -> str:
    """`{line="L-BAG1",status="running"}`; JSON quotes as Prometheus does."""
    return "{" + ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items()) + "}"


def backup_lines(status_file: Path) -> Iterator[str]:
    """How the newest backup went (1 or 0) and when one last went well; unknown until the backup job tells."""
    try:
        told = json.loads(status_file.read_text("utf-8"))
    except (OSError, ValueError):
        told = {}
    for name, key in (("ms5_backup_status", "status"), ("ms5_backup_last_success_timestamp", "last_success_timestamp")):
        yield f"# TYPE {name} gauge"
        yield f"{name} {float(told.get(key, UNKNOWN))}".replace("nan", "NaN")
