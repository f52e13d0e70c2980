"""What counts as an event of the floor: which rows of which table, and to whom each concerns.

A row is the event, whoever wrote it. `TYPES` is what a client may subscribe to and what then arrives (contract section 4).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """Rows of `table` (known as `it`) become events of a type. `names` are SQL texts: what a client may call the target."""

    event: str
    subscription: str
    table: str
    names: tuple[str, ...]
    joins: str = ""
    key: str = "it.id"
    only: str = "true"

    @property
    def question(self) -> str:
        """SQL for the rows written by transactions since %(floor)s, told with their line's code."""
        return f"""
select '{self.event}' as type, '{self.subscription}' as subscription_type,
       {self.key}::text as key, it.xmin::text as version, array_remove(array[{", ".join(self.names)}], null) as targets,
       to_jsonb(it) || jsonb_build_object('line_code', line.line_code) as data
  from factory_telemetry.{self.table} it {self.joins}
 where it.xmin::text::bigint >= %(floor)s and {self.only}"""


LINE = ("line.id::text", "line.line_code")
MACHINE = (*LINE, "it.equipment_code")
OF_LINE = "join factory_telemetry.production_lines line on line.id = it.line_id"
OF_MACHINE = """left join factory_telemetry.equipment_config machine using (equipment_code)
       left join factory_telemetry.production_lines line on line.id = machine.production_line_id"""
OF_JOB = """join factory_telemetry.production_schedules schedule on schedule.id = it.schedule_id
       join factory_telemetry.production_lines line on line.id = schedule.line_id"""
OF_CALL = """join factory_telemetry.andon_events call on call.id = it.event_id
       join factory_telemetry.production_lines line on line.id = call.line_id"""

SOURCES = (
    Source("line_status_update", "line", "production_lines", LINE, "join factory_telemetry.production_lines line using (id)"),
    Source("equipment_status_update", "equipment", "context", MACHINE, OF_MACHINE, key="it.equipment_code"),
    Source("equipment_status_update", "equipment", "fault_active", MACHINE, OF_MACHINE, key="it.equipment_code || '/' || it.bit_index"),
    Source("job_update", "job", "job_assignments", (*LINE, "it.id::text", "it.schedule_id::text", "it.user_id::text"), OF_JOB),
    Source("production_update", "production", "production_schedules", (*LINE, "it.id::text"), OF_LINE),
    Source("production_update", "production", "production_kpis", LINE, OF_LINE),
    Source("oee_update", "oee", "oee_calculations", MACHINE, OF_LINE),
    Source("downtime_event", "downtime", "downtime_events", (*MACHINE, "it.id::text"), OF_LINE),
    Source("andon_event", "andon", "andon_events", (*MACHINE, "it.id::text"), OF_LINE),
    Source("escalation_update", "escalation", "andon_escalations", (*LINE, "it.id::text", "it.event_id::text"), OF_CALL),
    Source("quality_alert", "quality", "quality_checks", (*LINE, "it.id::text"), OF_LINE),
    Source("changeover_update", "changeover", "downtime_events", (*MACHINE, "it.id::text"), OF_LINE, only="it.category = 'changeover'"),
)  # fmt: skip
TYPES = {source.event: source.subscription for source in SOURCES}
SUBSCRIPTION_TYPES = tuple(dict.fromkeys(TYPES.values()))
