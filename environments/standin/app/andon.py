"""Calls for help from the floor, and what is done about them (contract section 2: andon)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.reads import Limit, Read, Values, offer, page
from environments.standin.app.vocabulary import AndonPriority, AndonStatus, AndonType, Count, Text, Word
from environments.standin.app.writes import Write, accept

router = APIRouter(prefix="/api/v1/andon", tags=["andon"])


class Call(BaseModel):
    """A call for help."""

    id: UUID
    line_id: UUID
    line_code: str
    equipment_code: str
    event_type: AndonType
    priority: AndonPriority
    description: str
    status: AndonStatus
    escalation_level: Count
    reported_by: str | None
    reported_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution_notes: str | None


class NewCall(BaseModel):
    """A call to be; the machine stands in the line."""

    line_id: UUID
    equipment_code: Word
    event_type: AndonType
    priority: AndonPriority
    description: Text


class Resolution(BaseModel):
    """How a call ended."""

    resolution_notes: Text


def shown(source: str) -> str:
    """Calls as they are shown."""
    return f"""
select event.id, event.line_id, line.line_code, event.equipment_code, event.event_type, event.priority, event.description,
       event.status, event.escalation_level, reporter.username as reported_by, event.reported_at,
       acknowledger.username as acknowledged_by, event.acknowledged_at, resolver.username as resolved_by,
       event.resolved_at, event.resolution_notes
  from {source} event
  join factory_telemetry.production_lines line on line.id = event.line_id
  left join factory_telemetry.users reporter on reporter.id = event.reported_by
  left join factory_telemetry.users acknowledger on acknowledger.id = event.acknowledged_by
  left join factory_telemetry.users resolver on resolver.id = event.resolved_by
"""


CALLS = shown("factory_telemetry.andon_events")
ACTIVE = CALLS + "where event.status <> 'resolved'"
URGENT_FIRST = "array_position('{critical,high,medium,low}', event.priority), event.reported_at"
EVENTS = (
    CALLS
    + """
 where (%(status)s::text is null or event.status = %(status)s)
   and (%(priority)s::text is null or event.priority = %(priority)s)
   and (%(line_id)s::text is null or event.line_id::text = lower(%(line_id)s))
 order by event.reported_at desc
 limit %(limit)s
"""
)
LINE_EXISTS = """
select where %(line_id)s::text is null
          or exists (select from factory_telemetry.production_lines where id::text = lower(%(line_id)s))
"""
# A call wakes those whom the first rule of its priority names.
MAKE = f"""
with event as (
    insert into factory_telemetry.andon_events (line_id, equipment_code, event_type, priority, description, reported_by, escalation_level)
    values (%(line_id)s, %(equipment_code)s, %(event_type)s, %(priority)s, %(description)s, %(asking)s, 1)
    returning *),
escalation as (
    insert into factory_telemetry.andon_escalations (event_id, priority, escalation_recipients, escalation_level)
    select event.id, event.priority, rule.recipients, 1
      from event join factory_telemetry.andon_escalation_rules rule
        on rule.priority = event.priority and rule.escalation_level = 1 and rule.enabled
    returning *),
written as (
    insert into factory_telemetry.andon_escalation_history (escalation_id, action, performed_by, escalation_level, recipients_notified)
    select id, 'created', %(asking)s, escalation_level, escalation_recipients from escalation)
{shown("event")}"""
# What becomes of a call becomes of its escalation, and is written down.
CHANGE = """
with event as (
    update factory_telemetry.andon_events
       set status = '{to}', {by} = %(asking)s, {at} = now() {more}
     where id::text = lower(%(event_id)s) and status = any ('{{{past}}}')
    returning *),
escalation as (
    update factory_telemetry.andon_escalations escalation
       set status = '{to}', {at} = now()
      from event
     where escalation.event_id = event.id and escalation.status in ('active', 'acknowledged', 'escalated')
    returning escalation.id, escalation.escalation_level),
written as (
    insert into factory_telemetry.andon_escalation_history (escalation_id, action, performed_by, escalation_level)
    select id, '{to}', %(asking)s, escalation_level from escalation)
"""
ACKNOWLEDGE = CHANGE.format(
    to="acknowledged", by="acknowledged_by", at="acknowledged_at", past="open,escalated", more=""
) + shown("event")
RESOLVE = CHANGE.format(
    to="resolved",
    by="resolved_by",
    at="resolved_at",
    past="open,acknowledged,escalated",
    more=", escalation_status = 'resolved', resolution_notes = %(resolution_notes)s",
) + shown("event")
EVENT_EXISTS = "select from factory_telemetry.andon_events where id::text = lower(%(event_id)s)"


def wanted(
    status: AndonStatus | None = None,
    priority: AndonPriority | None = None,
    line_id: Word | None = None,
    limit: Limit = 100,
) -> Values:
    """All calls, or those in a state, of a priority, of a line."""
    return {"status": status, "priority": priority, "line_id": line_id, "limit": limit}


def event(event_id: Word) -> Values:
    return {"event_id": event_id}


offer(
    router,
    Read("/events", "andon:read", list[Call], EVENTS, wanted, "Production line", LINE_EXISTS),
    Read("/events/active", "andon:read", list[Call], f"{ACTIVE} order by {URGENT_FIRST} limit %(limit)s", page),
)

accept(
    router,
    Write("POST", "/events", "andon:create", Call, MAKE, NewCall, status=201,
          exists="select from factory_telemetry.production_lines"
                 " where id = %(line_id)s and %(equipment_code)s = any (equipment_codes)", missing="Line or its equipment"),
    Write("POST", "/events/{event_id}/acknowledge", "andon:acknowledge", Call, ACKNOWLEDGE, given=event,
          exists=EVENT_EXISTS, missing="Event"),
    Write("POST", "/events/{event_id}/resolve", "andon:resolve", Call, RESOLVE, Resolution, event, EVENT_EXISTS, "Event"),
)  # fmt: skip
