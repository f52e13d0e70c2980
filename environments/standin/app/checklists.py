"""What is to be looked at before a start, and who did (contract section 2)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from environments.standin.app.reads import Read, Values, offer, page
from environments.standin.app.vocabulary import Word

router = APIRouter(prefix="/api/v1/checklists", tags=["checklists"])


class Template(BaseModel):
    """A list of things to look at; an item has `id, item, required, type`, a measurement its `unit`."""

    id: UUID
    name: str
    equipment_codes: list[str]
    checklist_items: list[dict[str, Any]]
    enabled: bool
    created_at: datetime


class Completion(BaseModel):
    """A list that was worked through; `responses` by item."""

    id: UUID
    job_assignment_id: UUID
    template_id: UUID
    template_name: str
    completed_by: str
    completed_at: datetime
    responses: dict[str, Any]
    status: Literal["completed", "failed"]


TEMPLATES = """
select id, name, equipment_codes, checklist_items, enabled, created_at
  from factory_telemetry.checklist_templates
"""
FOR_EQUIPMENT = TEMPLATES + "where enabled and equipment_codes && %(equipment_codes)s::text[] order by name"
ALL_KNOWN = """
select where not exists (select from unnest(%(equipment_codes)s::text[]) code
                          where code not in (select equipment_code from factory_telemetry.equipment_config))
"""
COMPLETIONS = """
select done.id, done.job_assignment_id, done.template_id, template.name as template_name, person.username as completed_by,
       done.completed_at, done.responses, done.status
  from factory_telemetry.checklist_completions done
  join factory_telemetry.checklist_templates template on template.id = done.template_id
  join factory_telemetry.users person on person.id = done.completed_by
 order by done.completed_at desc
 limit %(limit)s
"""


def machines(equipment_codes: Annotated[list[Word], Query(min_length=1, max_length=50)]) -> Values:
    """Some machines: `equipment_codes=A&equipment_codes=B`, or with commas."""
    return {"equipment_codes": [code.strip() for codes in equipment_codes for code in codes.split(",")]}


offer(
    router,
    Read("/templates", "checklist:read", list[Template], TEMPLATES + "order by name limit %(limit)s", page),
    Read("/templates/for-equipment", "checklist:read", list[Template], FOR_EQUIPMENT, machines, "Equipment", ALL_KNOWN),
    Read("/completions", "checklist:read", list[Completion], COMPLETIONS, page),
)
