"""Reports that were made, and what they are made from (contract section 2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from environments.standin.app.reads import Read, offer, page
from environments.standin.app.vocabulary import Count, ReportStatus, Share

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])


class Report(BaseModel):
    """A report on one shift of a line."""

    id: UUID
    line_id: UUID | None
    line_code: str | None
    template_name: str | None
    report_date: date
    shift: str | None
    total_production: Count
    good_parts: Count
    scrap_parts: Count
    rework_parts: Count
    total_downtime_minutes: Count
    oee_average: Share | None
    status: ReportStatus
    file_size: Count | None
    download_count: Count
    generated_by: str | None
    generated_at: datetime


class Template(BaseModel):
    """A kind of report: what must be said to get one, and what stands in it."""

    id: UUID
    name: str
    description: str
    template_type: Literal["production", "oee", "downtime", "quality", "maintenance", "custom"]
    parameters: list[dict[str, Any]]
    sections: list[str]
    created_at: datetime
    updated_at: datetime


REPORTS = """
select report.id, report.line_id, line.line_code, template.name as template_name, report.report_date, report.shift,
       report.total_production, report.good_parts, report.scrap_parts, report.rework_parts, report.total_downtime_minutes,
       report.oee_average, report.status, report.file_size, report.download_count, person.username as generated_by,
       report.generated_at
  from factory_telemetry.production_reports report
  left join factory_telemetry.production_lines line on line.id = report.line_id
  left join factory_telemetry.report_templates template on template.id = report.template_id
  left join factory_telemetry.users person on person.id = report.generated_by
 where report.status <> 'deleted'
 order by report.generated_at desc
 limit %(limit)s
"""
TEMPLATES = """
select id, name, description, template_type, parameters, sections, created_at, updated_at
  from factory_telemetry.report_templates
 where is_active
 order by name
 limit %(limit)s
"""

offer(
    router,
    Read("/", "reports:read", list[Report], REPORTS, page),
    Read("/templates/", "reports:read", list[Template], TEMPLATES, page),
)
