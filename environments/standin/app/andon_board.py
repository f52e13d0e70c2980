"""The calls for help at a glance, and counted (contract section 2: andon)."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.andon import ACTIVE, URGENT_FIRST, Call
from environments.standin.app.reads import Read, offer
from environments.standin.app.vocabulary import AndonPriority, AndonStatus, AndonType, Count, counts

router = APIRouter(prefix="/api/v1/andon", tags=["andon"])


class Statistics(BaseModel):
    """All calls by what they are; means are null when there is nothing to take them of."""

    total_events: Count
    events_by_type: dict[AndonType, Count]
    events_by_priority: dict[AndonPriority, Count]
    events_by_status: dict[AndonStatus, Count]
    average_acknowledgment_minutes: float | None
    average_resolution_minutes: float | None
    last_updated: datetime


class Board(BaseModel):
    """What hangs over the floor: all calls that are not resolved, the most urgent first."""

    active_events: Count
    critical_events: Count
    unacknowledged_events: Count
    active_escalations: Count
    events: list[Call]
    last_updated: datetime


STATISTICS = f"""
select count(*) as total_events,
       {counts("factory_telemetry.andon_events", "event_type", AndonType)} as events_by_type,
       {counts("factory_telemetry.andon_events", "priority", AndonPriority)} as events_by_priority,
       {counts("factory_telemetry.andon_events", "status", AndonStatus)} as events_by_status,
       avg(extract(epoch from acknowledged_at - reported_at) / 60)::float8 as average_acknowledgment_minutes,
       avg(extract(epoch from resolved_at - reported_at) / 60)::float8 as average_resolution_minutes,
       now() as last_updated
  from factory_telemetry.andon_events
"""
BOARD = f"""
with event as ({ACTIVE})
select count(*) as active_events,
       count(*) filter (where event.priority = 'critical') as critical_events,
       count(*) filter (where event.acknowledged_at is null) as unacknowledged_events,
       (select count(*) from public.v_active_andon_escalations) as active_escalations,
       coalesce(jsonb_agg(event order by {URGENT_FIRST}), '[]') as events,
       now() as last_updated
  from event
"""

offer(
    router,
    Read("/statistics", "andon:read", Statistics, STATISTICS),
    Read("/dashboard", "andon:read", Board, BOARD),
)
