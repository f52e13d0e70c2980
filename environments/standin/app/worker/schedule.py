"""What the clock starts: the fourteen entries of the beat schedule over the nine queues (contract section 6), as data."""

from __future__ import annotations

from dataclasses import dataclass

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

QUEUES = (
    "production", "oee", "andon", "quality", "maintenance", "reports", "notifications", "data_processing", "default",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One job of the clock: its task's `name`, queue and interval, and the one `statement` that it sends to the database.

    What the statement returns is counted; what it does, it does in the database.
    """

    name: str
    queue: str
    every_seconds: int
    statement: str

    @property
    def task(self) -> str:
        """The name under which the worker registers it."""
        return f"ms5.{self.queue}.{self.name}"


SCHEDULE = (
    Entry("update_equipment_context", "production", 30, """
        select factory_telemetry.update_equipment_production_context(equipment_code, p_change_reason => 'scheduled_update')
          from factory_telemetry.context"""),
    Entry("summarise_line_performance", "production", MINUTE, """
        select s.* from factory_telemetry.production_lines l, factory_telemetry.get_line_performance_summary(l.id) s"""),
    Entry("measure_efficiency", "oee", MINUTE, """
        select m.* from factory_telemetry.production_lines l, factory_telemetry.get_production_efficiency_metrics(l.id) m"""),
    Entry("summarise_oee", "oee", 5 * MINUTE, "select * from public.v_oee_summary"),
    Entry("escalate_overdue_events", "andon", 10, "select factory_telemetry.auto_escalate_andon_events()"),
    Entry("find_escalation_recipients", "notifications", 30, """
        select e.escalation_id, r.email
          from public.v_active_andon_escalations e, factory_telemetry.get_escalation_recipients(e.escalation_recipients) r"""),
    Entry("summarise_quality", "quality", 5 * MINUTE, "select * from public.v_quality_summary"),
    Entry("summarise_equipment_downtime", "maintenance", 5 * MINUTE, """
        select d.* from factory_telemetry.equipment_config q, factory_telemetry.get_equipment_downtime_summary(q.equipment_code) d"""),
    Entry("review_maintenance", "maintenance", HOUR, "select * from public.v_maintenance_overview"),
    Entry("watch_report_queue", "reports", MINUTE, "select * from factory_telemetry.get_report_queue_status()"),
    Entry("cleanup_old_reports", "reports", DAY, "select factory_telemetry.cleanup_old_reports()"),
    Entry("refresh_materialized_views", "data_processing", 5 * MINUTE, "select factory_telemetry.refresh_materialized_views()"),
    Entry("update_table_statistics", "data_processing", HOUR, "select factory_telemetry.update_table_statistics()"),
    # The shortest interval: whether the clock runs can be seen after seconds.
    Entry("tick", "default", 5, "select now()"),
)  # fmt: skip
