"""Who is called when nobody answers a call (contract section 2: andon)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.reads import Read, offer, page
from environments.standin.app.vocabulary import AndonPriority, AndonType, Count, EscalationStatus

router = APIRouter(prefix="/api/v1/andon", tags=["andon"])


class Level(BaseModel):
    """Who is told after how many minutes, and how."""

    escalation_level: Count
    delay_minutes: Count
    recipients: list[str]
    notification_methods: list[str]


class Branch(BaseModel):
    """The levels of one priority, lowest first."""

    priority: AndonPriority
    levels: list[Level]


class Escalation(BaseModel):
    """An escalation that is under way."""

    escalation_id: UUID
    event_id: UUID
    priority: AndonPriority
    escalation_level: Count
    escalation_status: EscalationStatus
    escalation_created_at: datetime
    acknowledged_at: datetime | None
    escalated_at: datetime | None
    escalation_recipients: list[str]
    line_id: UUID
    line_code: str
    equipment_code: str | None
    event_type: AndonType
    event_description: str
    acknowledgment_time_remaining_minutes: float | None
    resolution_time_remaining_minutes: float | None


class DayStatistics(BaseModel):
    """The escalations of one day and priority; means in minutes, null when there is nothing to take them of."""

    date: date
    priority: AndonPriority
    total_escalations: Count
    resolved_escalations: Count
    escalated_escalations: Count
    active_escalations: Count
    avg_acknowledgment_time_minutes: float | None
    avg_resolution_time_minutes: float | None
    max_escalation_level_reached: Count


TREE = """
select priority,
       jsonb_agg(jsonb_build_object('escalation_level', escalation_level, 'delay_minutes', delay_minutes,
                                    'recipients', recipients, 'notification_methods', notification_methods)
                 order by escalation_level) as levels
  from factory_telemetry.andon_escalation_rules
 where enabled
 group by priority
 order by array_position('{low,medium,high,critical}', priority)
"""
ACTIVE = """
select escalation_id, event_id, priority, escalation_level, escalation_status, escalation_created_at, acknowledged_at,
       escalated_at, escalation_recipients, line_id, line_code, equipment_code, event_type, event_description,
       acknowledgment_time_remaining_minutes, resolution_time_remaining_minutes
  from public.v_active_andon_escalations
 order by escalation_created_at
 limit %(limit)s
"""
STATISTICS = """
select date, priority, total_escalations, resolved_escalations, escalated_escalations, active_escalations,
       avg_acknowledgment_time_minutes, avg_resolution_time_minutes, max_escalation_level_reached
  from public.v_andon_escalation_statistics
 order by date desc, array_position('{critical,high,medium,low}', priority)
 limit %(limit)s
"""

offer(
    router,
    Read("/escalation-tree", "andon:read", list[Branch], TREE),
    Read("/escalations/active", "andon:read", list[Escalation], ACTIVE, page),
    Read("/escalations/statistics", "andon:read", list[DayStatistics], STATISTICS, page),
)
